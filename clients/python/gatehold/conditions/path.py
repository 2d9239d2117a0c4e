"""Steps below the root of a JSON value: `.name`, `[n]`, `["quoted key"]`, and `[*]` where a path may fan out."""

import json
import re
from enum import Enum
from typing import Final, TypeAlias
from unicodedata import is_normalized

from gatehold.digest import MAX_DEPTH, parse_value
from gatehold.invalid import InvalidInput

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_STEP = re.compile(
    rf"\.(?P<bare>{_BARE.pattern})"
    r"|\[(?P<index>0|[1-9][0-9]{0,2})\]"  # an array holds at most 1,000 items
    r'|\[(?P<quoted>"(?:[^"\\]++|\\.)*+")\]'
    r"|(?P<every>\[\*\])"
)


class Every(Enum):
    """The type of the one step `[*]`."""

    EVERY = "[*]"


EVERY: Final = Every.EVERY
Step: TypeAlias = str | int | Every


def parse_steps(text: str, label: str) -> tuple[Step, ...]:
    """Splits a path into object keys, array indexes and `EVERY`.

    Args:
        text: the steps, each with its dot or brackets, for example `.items[*]["unit price"]`.
        label: the field that errors name.

    Raises:
        InvalidInput: for anything else, for no steps at all or more than JSON may be deep, and for a key that is not
            NFC-normalised, because it would miss the key of a call that looks the same.
    """
    steps: list[Step] = []
    end = 0
    while end < len(text):
        match = _STEP.match(text, end)
        if match is None:
            raise InvalidInput(label, f'has no .name, [0] or ["any key"] where step {len(steps) + 1} should be')
        steps.append(_step(match, label))
        end = match.end()
    if not 0 < len(steps) <= MAX_DEPTH:
        raise InvalidInput(label, f"needs 1 to {MAX_DEPTH} steps below its root")
    return tuple(steps)


def _step(match: re.Match[str], label: str) -> Step:
    if match["bare"]:
        return match["bare"]
    if match["index"]:
        return int(match["index"])
    if match["every"]:
        return EVERY
    key = str(parse_value(match["quoted"], label))
    if not is_normalized("NFC", key):
        raise InvalidInput(label, "has a key that is not NFC-normalised")
    return key


def step_text(step: str | int) -> str:
    """A step as `parse_steps` reads it: bare where that is possible, else quoted."""
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _BARE.fullmatch(step) else f"[{json.dumps(step, ensure_ascii=False)}]"
