"""Places in a call that conditions read: `args.items[0]["a.b"]`, `agent.team`, `size(args.items)`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from gatehold.conditions.path import Every, parse_steps, step_text
from gatehold.invalid import InvalidInput

_ROOTS = frozenset({"args", "context", "agent"})
_FIELD = re.compile(r"(?P<root>[a-z]+)(?P<steps>.*)", re.DOTALL)
_SIZE = re.compile(r"size\((.*)\)", re.DOTALL)


class Missing(Enum):
    """The type of the one value `MISSING`."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING  # what a path reads where nothing is; a present null is None instead
Reader: TypeAlias = Callable[[Mapping[str, object]], object]


@dataclass(frozen=True, slots=True)
class Field:
    """One place in a call, or the size of what is there.

    Attributes:
        root: `args`, `context` or `agent`.
        steps: object keys and array indexes below the root. Empty only where `size` is set.
        size: whether the field is the number of items, keys or code points there, instead of the value.
    """

    root: str
    steps: tuple[str | int, ...]
    size: bool = False

    @classmethod
    def parse(cls, text: str, label: str = "field") -> "Field":
        """Reads a field as policies write it.

        Args:
            text: for example `args.items[0]["a.b"]` or `size(args.items)`.
            label: the field that errors name.

        Raises:
            InvalidInput: when the text is not one.
        """
        size = _SIZE.fullmatch(text)
        match = _FIELD.fullmatch(size[1] if size else text)
        if match is None or match["root"] not in _ROOTS:
            raise InvalidInput(label, "must start with args, context or agent")
        if size and not match["steps"]:
            return cls(match["root"], (), True)
        steps = parse_steps(match["steps"], label)
        single = tuple(step for step in steps if not isinstance(step, Every))
        if single != steps:
            raise InvalidInput(label, "names one place, so it can not use [*]")
        return cls(match["root"], single, size is not None)

    def reader(self) -> Reader:
        """A function from a document (root to JSON value) to what is here, or `MISSING`."""
        read = _value_reader(self.root, self.steps)
        return (lambda document: _size(read(document))) if self.size else read

    def __str__(self) -> str:
        """The canonical text, which `parse` reads back as an equal field."""
        path = self.root + "".join(map(step_text, self.steps))
        return f"size({path})" if self.size else path


def _value_reader(root: str, steps: tuple[str | int, ...]) -> Reader:
    def read(document: Mapping[str, object]) -> object:
        value = document.get(root, MISSING)
        for step in steps:
            if isinstance(step, str):
                # The type test spares the common case the slower one, which an agent's read-only attributes need.
                if type(value) is not dict and not isinstance(value, Mapping):
                    return MISSING
                value = value.get(step, MISSING)
            elif isinstance(value, list | tuple) and step < len(value):
                value = value[step]
            else:
                return MISSING
        return value

    return read


def _size(value: object) -> object:
    return len(value) if isinstance(value, str | list | tuple | Mapping) else MISSING
