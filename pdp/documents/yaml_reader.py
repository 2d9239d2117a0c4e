"""YAML, without what makes it surprising.

Values resolve as in the core schema of YAML 1.2.2 section 10.3, with numbers as JSON writes them: `off`, `no`, `012`,
`1:30` and `2026-01-01` are strings. Anchors, aliases, tags and keys that are not scalars are refused.
"""

from collections.abc import Iterator

import yaml

from pdp.documents.document import Document, DocumentError, Path
from pdp.documents.lines import NUMBER, Lines

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)


def read_yaml(text: str, source: str) -> list[Document]:
    """The documents of `text`; those with nothing in them are left out.

    Raises:
        DocumentError: the text is not YAML, or uses a part of it that is refused.
    """
    events = iter(yaml.parse(text, Loader=_LOADER))
    documents = []
    try:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                document = _document(events, source)
                documents += [document] if document else []
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise DocumentError(source, line, "", f"not YAML: {problem}") from error
    return documents


def _document(events: Iterator[yaml.Event], source: str) -> Document | None:
    root = next(events)
    if isinstance(root, yaml.ScalarEvent) and root.implicit[0] and root.value == "":
        return None
    reader = _Reader(events, source)
    return Document(reader.value(root, ()), source, reader.lines.at)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


class _Reader:
    """Builds one document from the parser's events, before aliases can multiply or a tag can name a type."""

    def __init__(self, events: Iterator[yaml.Event], source: str) -> None:
        self.events = events
        self.lines = Lines(source)

    def value(self, event: yaml.Event, path: Path) -> object:
        line = _line(event)
        self.lines.enter(path, line)
        self._refuse_indirection(event, path, line)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path, line)
        raise self.lines.error(path, line, "a value is missing here")

    def _refuse_indirection(self, event: yaml.Event, path: Path, line: int) -> None:
        if getattr(event, "anchor", None) is not None:
            raise self.lines.error(path, line, "anchors and aliases are not accepted; write the value out")
        if getattr(event, "tag", None) is not None:
            raise self.lines.error(path, line, "tags are not accepted; quote the value to make it a string")

    def _mapping(self, path: Path) -> dict[str, object]:
        members: dict[str, object] = {}
        while not isinstance(key := next(self.events), yaml.MappingEndEvent):
            line = _line(key)
            self._refuse_indirection(key, path, line)
            if not isinstance(key, yaml.ScalarEvent):
                raise self.lines.error(path, line, "a key must be plain text")
            child = self.lines.add_key(path, key.value, members, line)
            members[key.value] = self.value(next(self.events), child)
        return members

    def _sequence(self, path: Path) -> list[object]:
        items: list[object] = []
        while not isinstance(item := next(self.events), yaml.SequenceEndEvent):
            items.append(self.value(item, (*path, len(items))))
        return items

    def _scalar(self, event: yaml.ScalarEvent, path: Path, line: int) -> object:
        text: str = event.value
        plain = event.implicit[0]
        if plain and text in _WORDS:
            return _WORDS[text]
        if plain and (number := NUMBER.fullmatch(text)):
            return self.lines.number(path, number, line)
        return self.lines.text(path, text, line)
