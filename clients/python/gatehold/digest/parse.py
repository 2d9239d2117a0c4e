"""Strict JSON (RFC 8259 within the bounds of RFC 7493): one text, one meaning, or a refusal that names the place."""

import re
from collections.abc import Iterable, Sized
from json import JSONDecodeError, dumps

from gatehold.digest.limits import MAX_BYTES, MAX_ITEMS, refuse_deep
from gatehold.digest.scan import Fault, Scan, scan, scan_leaving_faults
from gatehold.invalid import InvalidInput

_BARE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_SHOWN_KEY = 64  # characters of a key that a message repeats
_WHITE_SPACE = " \t\n\r"  # RFC 8259, section 2; Python strips more


def parse_value(text: str | bytes, field: str, max_bytes: int = MAX_BYTES) -> object:
    """Parses one JSON value.

    Args:
        text: JSON as text or as UTF-8.
        field: what errors call the value, for example `args_json`.
        max_bytes: the longest UTF-8 form accepted.

    Returns:
        Built of dict, list, str, int, float, bool and None. Numbers lie within ±(2^53-1).

    Raises:
        InvalidInput: for what is not UTF-8 or not JSON, and for a byte order mark, duplicate keys, NaN or Infinity,
            numbers beyond ±(2^53-1), lone surrogates, and anything past the limits in `gatehold.digest.limits`. Its
            field is the path of the fault where one is known, for example `args_json.items[3].amount`.
    """
    source = _text(text, field, max_bytes)
    refuse_deep(source, field)
    source = source.rstrip(_WHITE_SPACE)
    try:
        value = _scanned(scan, source, field)
    except Fault:
        value = _scanned(scan_leaving_faults, source, field)
    else:
        if not _needs_walk(source):
            return value
    try:
        _check(value)
    except Fault as fault:
        raise InvalidInput(_path(field, reversed(fault.steps)), fault.message) from None
    return value


def parse_object(text: str | bytes, field: str, max_bytes: int = MAX_BYTES) -> dict[str, object]:
    """Parses a JSON object as `parse_value` does; the empty text, which the wire has for "absent", is the empty object.

    Raises:
        InvalidInput: as `parse_value`, and when the value is not an object.
    """
    if not text:
        return {}
    value = parse_value(text, field, max_bytes)
    if type(value) is not dict:
        raise InvalidInput(field, "must be a JSON object")
    return value


def _text(text: str | bytes, field: str, max_bytes: int) -> str:
    # Characters never outnumber bytes, so the first check spares encoding a text that is too long anyway.
    if len(text) > max_bytes:
        raise InvalidInput(field, f"is longer than {max_bytes} bytes")
    try:
        if isinstance(text, bytes):
            text = text.decode()
        elif not text.isascii() and len(text.encode()) > max_bytes:
            raise InvalidInput(field, f"is longer than {max_bytes} bytes")
    except UnicodeError:
        raise InvalidInput(field, "is not valid UTF-8") from None
    if text.startswith("\ufeff"):
        raise InvalidInput(field, "starts with a byte order mark")
    return text


def _needs_walk(source: str) -> bool:
    """Whether the text may hold what the hooks do not see: a lone surrogate, or a container with too many items."""
    return "\\u" in source or source.count(",") >= MAX_ITEMS


def _scanned(scan: Scan, text: str, field: str) -> object:
    start = len(text) - len(text.lstrip(_WHITE_SPACE))
    try:
        value, end = scan(text, start)
    except JSONDecodeError as error:
        raise InvalidInput(field, f"is not JSON at character {error.pos}: {error.msg}") from None
    except StopIteration as error:
        raise InvalidInput(field, f"is not JSON at character {error.value}: expecting a value") from None
    if end != len(text):
        raise InvalidInput(field, f"goes on after its JSON value ends at character {end}")
    return value


def _check(value: object) -> None:
    if isinstance(value, str):
        _check_string(value, "has a lone surrogate")
    elif isinstance(value, dict):
        for key in value:
            _check_string(key, "has a key with a lone surrogate")
        _check_items(value, value.items())
    elif isinstance(value, list):
        _check_items(value, enumerate(value))
    elif isinstance(value, Fault):
        raise value


def _check_string(text: str, message: str) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Fault(message) from None


def _check_items(container: Sized, items: Iterable[tuple[str | int, object]]) -> None:
    if len(container) > MAX_ITEMS:
        raise Fault(f"has more than {MAX_ITEMS} keys or items")
    for step, item in items:
        try:
            _check(item)
        except Fault as fault:
            fault.steps.append(step)
            raise


def _path(field: str, steps: Iterable[str | int]) -> str:
    return field + "".join(map(_step, steps))


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _BARE_KEY.fullmatch(step):
        return f".{step}"
    # Escaped and cut: a key is the caller's text, and errors are read on terminals and kept in logs.
    return f"[{dumps(step[:_SHOWN_KEY])}{'…' if len(step) > _SHOWN_KEY else ''}]"
