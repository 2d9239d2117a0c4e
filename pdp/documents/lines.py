"""What the two readers share: where things are, and what neither lets in."""

import math
import re

from pdp.documents.document import DocumentError, Path, field_text

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 64
MAX_INTEGER = 2**53 - 1  # beyond it a double, and so most JSON readers, cannot tell neighbours apart

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)  # RFC 8259 section 6


class Lines:
    """The lines of one document's fields as they are read, and errors that use them."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at: dict[Path, int] = {}

    def error(self, path: Path, line: int, message: str) -> DocumentError:
        return DocumentError(self.source, line, field_text(path), message)

    def enter(self, path: Path, line: int) -> None:
        """Refuses nesting that would exhaust the stack of whatever walks the value later."""
        self.at.setdefault(path, line)
        if len(path) >= MAX_DEPTH:
            raise self.error(path, line, f"nested deeper than {MAX_DEPTH} levels")

    def add_key(self, path: Path, key: str, known: dict[str, object], line: int) -> Path:
        """The path of `key`, which must be the first of its name: the last of two would silently win."""
        child = (*path, self.text(path, key, line))
        if key in known:
            raise self.error(child, line, f"given twice, first on line {self.at[child]}")
        self.at[child] = line
        return child

    def text(self, path: Path, text: str, line: int) -> str:
        """`text`, which must be encodable: a lone surrogate has no UTF-8 form, so nothing could store or hash it."""
        if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
            raise self.error(path, line, "holds half of a surrogate pair")
        return text

    def number(self, path: Path, match: re.Match[str], line: int) -> int | float:
        """The value of a JSON number, exact if it is an integer and finite if it is not."""
        fraction, exponent = match.groups()
        if fraction or exponent:
            value = float(match[0])
            if math.isfinite(value):
                return value
        elif len(match[0]) <= 17 and abs(int(match[0])) <= MAX_INTEGER:
            return int(match[0])
        raise self.error(path, line, "the number is too large; write it as a string")
