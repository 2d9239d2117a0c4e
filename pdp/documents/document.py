"""A parsed document, and the errors that point into it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gatehold.redaction import printable

Path = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)


def field_text(path: Sequence[str | int]) -> str:
    """The way a person writes a path: `entries[3].args_schema["odd key"]`; empty for the document itself."""
    parts = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _PLAIN_KEY.fullmatch(step):
            parts.append(f".{step}")
        else:
            # A key is untrusted text: a quote or a control character in it must not forge another path or line.
            escaped = step.replace("\\", "\\\\").replace('"', '\\"')
            parts.append(f'["{printable(escaped)}"]')
    return "".join(parts).removeprefix(".")


class DocumentError(ValueError):
    """One thing wrong with a document.

    Attributes:
        source: name of the file, as the caller gave it.
        line: 1-based line nearest to the fault.
        field: path of the field at fault; empty when it is the document itself.
        message: what is wrong, as one sentence.
    """

    def __init__(self, source: str, line: int, field: str, message: str) -> None:
        where = f"{printable(source)}:{line}"
        super().__init__(f"{where}: {field}: {printable(message)}" if field else f"{where}: {printable(message)}")
        self.source = source
        self.line = line
        self.field = field
        self.message = message


class InvalidDocuments(ValueError):
    """Everything found wrong in one go, at least one error, in the order of the text.

    Attributes:
        errors: the single errors.
    """

    def __init__(self, errors: Sequence[DocumentError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = tuple(errors)


@dataclass(frozen=True)
class Document:
    """One document of a text.

    Attributes:
        value: mappings with string keys, lists, strings, integers, finite floats, booleans and None.
        source: name of the file it came from.
        lines: the line on which each field, by path, is written; a mapping's field counts from its key.
    """

    value: object
    source: str
    lines: Mapping[Path, int] = field(repr=False)

    def line_of(self, path: Sequence[str | int]) -> int:
        """The 1-based line of `path`, or of its nearest ancestor that the text has."""
        for length in range(len(path), -1, -1):
            line = self.lines.get(tuple(path[:length]))
            if line is not None:
                return line
        return 1

    def error(self, path: Sequence[str | int], message: str) -> DocumentError:
        """An error that names this document's file and the line and field of `path`."""
        return DocumentError(self.source, self.line_of(path), field_text(path), message)
