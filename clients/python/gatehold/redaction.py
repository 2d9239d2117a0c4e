"""What people and records may see of a call: secrets left out, invisible characters made visible."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, TypeAlias

from gatehold.conditions.path import EVERY, Step, parse_steps
from gatehold.invisible import is_invisible

REDACTED: Final = "[redacted]"

_Path: TypeAlias = tuple[Step, ...]


@lru_cache(maxsize=4096)
def parse_path(text: str, field: str = "path") -> tuple[Step, ...]:
    """Reads a path relative to the arguments, for example `card.number`, `items[*].token` or `["api key"]`.

    Args:
        text: the path. `[*]` is every element of an array and every value of an object.
        field: the field that errors name.

    Raises:
        InvalidInput: when the text is not one.
    """
    return parse_steps(text if text.startswith("[") else f".{text}", field)


def redact(value: Mapping[str, object], paths: Iterable[str]) -> dict[str, object]:
    """Replaces what is at the paths by `REDACTED`, a container as a whole. The input stays as it is.

    A path that leads nowhere is passed over. One that meets another shape than it expects (`card.number` where `card`
    is a string or an array) redacts what it met, for the secret may be in there. If anything at all goes wrong, a
    malformed path for one, everything is redacted.

    Args:
        value: the arguments of a call.
        paths: as `parse_path` reads them.

    Returns:
        A copy as far as it differs; the rest is shared with the input.
    """
    try:
        result = dict(value)
        for path in paths:
            result.update(_redacted_members(result, parse_path(path)))
        return result
    except Exception:  # a secret must not get into a record because its redaction failed
        return redact_all(value)


def redact_all(value: Mapping[str, object]) -> dict[str, object]:
    """The keys of the top level, every value replaced by `REDACTED`."""
    return dict.fromkeys(value, REDACTED)


def printable(text: str) -> str:
    r"""The text with each invisible character (`gatehold.invisible`) escaped as `\u{XXXX}`, for showing to people."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"\\u{{{ord(char):04X}}}" if is_invisible(char) else char for char in text)


def _redacted(value: object, path: _Path) -> object:
    if not path:
        return REDACTED
    if isinstance(value, Mapping) and not isinstance(path[0], int):
        return {**value, **_redacted_members(value, path)}
    if isinstance(value, list | tuple) and not isinstance(path[0], str):
        return [_redacted(item, path[1:]) if path[0] in (index, EVERY) else item for index, item in enumerate(value)]
    return value if value is None else REDACTED


def _redacted_members(members: Mapping[str, object], path: _Path) -> dict[str, object]:
    keys = [key for key in members if path[0] in (key, EVERY)]
    return {key: _redacted(members[key], path[1:]) for key in keys}
