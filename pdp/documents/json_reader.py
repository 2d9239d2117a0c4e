"""JSON as RFC 8259 has it and no wider: no NaN, no two members of one name, no byte order mark, no trailing text."""

import re
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # documented by no stub, used since Python 2.6

from pdp.documents.document import Document, DocumentError, Path
from pdp.documents.lines import NUMBER, Lines

_SPACE = re.compile(r"[ \t\n\r]*", re.ASCII)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def read_json(text: str, source: str) -> list[Document]:
    """The one document of `text`.

    Raises:
        DocumentError: the text is not strict JSON.
    """
    reader = _Reader(text, source)
    try:
        value = reader.value(())
    except JSONDecodeError as error:
        raise DocumentError(source, error.lineno, "", f"not JSON: {error.msg}") from error
    reader.skip_space()
    if reader.at != len(text):
        raise reader.refuse((), "text after the end of the document")
    return [Document(value, source, reader.lines.at)]


class _Reader:
    """A recursive descent over one text. `line` is kept as `at` moves, so that no position is counted twice."""

    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.lines = Lines(source)

    def refuse(self, path: Path, message: str) -> DocumentError:
        return self.lines.error(path, self.line, f"not JSON: {message}")

    def skip_space(self) -> str:
        """Moves to the next character that means something and returns it; empty at the end of the text."""
        end = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]  # it matches the empty string
        self.line += self.text.count("\n", self.at, end)
        self.at = end
        return self.text[end : end + 1]

    def value(self, path: Path) -> object:
        first = self.skip_space()
        self.lines.enter(path, self.line)
        if first == "{":
            return self._object(path)
        if first == "[":
            return self._array(path)
        if first == '"':
            return self._string(path)
        if number := NUMBER.match(self.text, self.at):
            self.at = number.end()
            return self.lines.number(path, number, self.line)
        for word, value in _WORDS.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        raise self.refuse(path, "a value is missing here")

    def _string(self, path: Path) -> str:
        text, self.at = scanstring(self.text, self.at + 1, True)
        return self.lines.text(path, text, self.line)

    def _object(self, path: Path) -> dict[str, object]:
        members: dict[str, object] = {}
        while self._another(path, "}", first=not members):
            if self.skip_space() != '"':
                raise self.refuse(path, "a key must be a string in double quotes")
            line = self.line
            key = self._string(path)
            child = self.lines.add_key(path, key, members, line)
            if self.skip_space() != ":":
                raise self.refuse(child, "a colon is missing after the key")
            self.at += 1
            members[key] = self.value(child)
        return members

    def _array(self, path: Path) -> list[object]:
        items: list[object] = []
        while self._another(path, "]", first=not items):
            items.append(self.value((*path, len(items))))
        return items

    def _another(self, path: Path, close: str, *, first: bool) -> bool:
        """Steps over the opening bracket, a comma or the closing bracket; false when it closed."""
        if first:
            self.at += 1
        found = self.skip_space()
        if found == close:
            self.at += 1
            return False
        if first:
            return True
        if found != ",":
            raise self.refuse(path, f"a comma or {close} is missing here")
        self.at += 1
        return True
