"""Catalog files as entries and bundles, or everything that is wrong with them.

A file is YAML or JSON and holds one entry, a list of entries, or an object with `bundles` and `entries`, each a list.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError

from pdp.catalog.model import Bundle, CatalogEntry
from pdp.documents import Document, DocumentError, InvalidDocuments, Path, document_errors, load_documents

_Record = TypeVar("_Record", bound=BaseModel)


@dataclass(frozen=True)
class LoadedCatalog:
    """What some catalog files hold, in their order."""

    entries: tuple[CatalogEntry, ...]
    bundles: tuple[Bundle, ...]


def load_catalog(sources: Iterable[tuple[str, str]], known_bundles: Container[str] = ()) -> LoadedCatalog:
    """Reads catalog files as one catalog.

    Args:
        sources: name and text of each file. The name tells the format: `….json` is strict JSON, anything else YAML.
        known_bundles: names that entries may use besides those of the bundles in the files.

    Raises:
        InvalidDocuments: anything in any of the files is wrong. Holds every error found.
    """
    reader = _Reader()
    for source, text in sources:
        reader.read(source, text)
    reader.check_bundles(known_bundles)
    if reader.errors:
        raise InvalidDocuments(reader.errors)
    return LoadedCatalog(reader.entries.records, reader.bundles.records)


class _Reader:
    def __init__(self) -> None:
        self.errors: list[DocumentError] = []
        self.bundles = _Section(Bundle, "name", self.errors)
        self.entries = _Section(CatalogEntry, "verb", self.errors)

    def read(self, source: str, text: str) -> None:
        try:
            documents = load_documents(text, source)
        except DocumentError as error:
            self.errors.append(error)
            return
        if not documents:
            self.errors.append(DocumentError(source, 1, "", "holds nothing"))
        for document in documents:
            self._read_document(document)

    def _read_document(self, document: Document) -> None:
        value = document.value
        if isinstance(value, list) and value:
            self._read_list(self.entries, document, (), value)
        elif isinstance(value, dict) and "verb" in value:
            self.entries.read(document, (), value)
        elif isinstance(value, dict) and value:
            self._read_sections(document, value)
        else:
            self.errors.append(document.error((), "must be an entry, a list of entries, or bundles and entries"))

    def _read_sections(self, document: Document, value: dict[str, object]) -> None:
        sections: dict[str, _AnySection] = {"bundles": self.bundles, "entries": self.entries}
        for key, items in value.items():
            if key not in sections:
                self.errors.append(document.error((key,), "is not one of bundles and entries"))
            elif not isinstance(items, list):
                self.errors.append(document.error((key,), "must be a list"))
            else:
                self._read_list(sections[key], document, (key,), items)

    def _read_list(self, section: "_AnySection", document: Document, at: Path, items: list[object]) -> None:
        for index, item in enumerate(items):
            section.read(document, (*at, index), item)

    def check_bundles(self, known: Container[str]) -> None:
        """A misspelt bundle would lose its default permission, and with it the approval that it stands for."""
        for entry, document, path in self.entries:
            if entry.bundle and entry.bundle not in self.bundles.found and entry.bundle not in known:
                self.errors.append(document.error((*path, "bundle"), f"no bundle is named {entry.bundle}"))


class _Section(Generic[_Record]):
    """The records of one kind, by what names them, with where each was found."""

    def __init__(self, kind: type[_Record], key: str, errors: list[DocumentError]) -> None:
        self.kind = kind
        self.key = key
        self.errors = errors
        self.found: dict[str, tuple[_Record, Document, Path]] = {}

    def __iter__(self) -> Iterator[tuple[_Record, Document, Path]]:
        return iter(self.found.values())

    @property
    def records(self) -> tuple[_Record, ...]:
        return tuple(record for record, _, _ in self)

    def read(self, document: Document, path: Path, value: object) -> None:
        try:
            record = self.kind.model_validate(value)
        except ValidationError as error:
            self.errors += document_errors(error, document, path)
            return
        name = getattr(record, self.key)
        if name in self.found:
            _, other, first = self.found[name]
            where = f"{other.source}:{other.line_of((*first, self.key))}"
            self.errors.append(document.error((*path, self.key), f"{name} is given twice, first in {where}"))
        self.found.setdefault(name, (record, document, path))


_AnySection: TypeAlias = _Section[Bundle] | _Section[CatalogEntry]
