"""What an import gives, and the rules that all importers share."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from gatehold.invalid import InvalidInput
from gatehold.redaction import printable
from gatehold.verb import parse_verb
from pdp.catalog.importers.sensitive import sensitive_paths
from pdp.catalog.model import CatalogEntry
from pdp.documents import Document, DocumentError, load_documents

_SHOWN = 200  # characters of text from the definitions that a warning repeats


def require_provider(text: str) -> None:
    """Raises `InvalidInput` on `provider` when `text` can not be the left side of a verb."""
    parse_verb(f"{text}:tool", "provider")


@dataclass(frozen=True)
class Imported:
    """Entries to review, and what did not become one or needs a look.

    Attributes:
        entries: in the order of the definitions.
        warnings: one sentence each, safe to print.
    """

    entries: tuple[CatalogEntry, ...]
    warnings: tuple[str, ...]


class Proposals:
    """Collects entries under one provider."""

    def __init__(self, provider: str) -> None:
        require_provider(provider)
        self.provider = provider
        self.entries: list[CatalogEntry] = []
        self.warnings: list[str] = []
        self.names: Counter[str] = Counter()

    def warn(self, subject: object, message: str) -> None:
        """`subject` is text from the definitions, and so may be anything."""
        text = str(subject)
        shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
        self.warnings.append(f"{printable(shown)}: {message}")

    def propose(self, name: object, fields: Mapping[str, object]) -> None:
        """Adds an entry for the tool `name`, or a warning that says why there is none.

        A name that is no tool name is refused, never changed: calls carry the real one, so another would match none.
        """
        if not isinstance(name, str):
            self.warn(repr(name), "left out: the name is not a string")
            return
        self.names[name] += 1
        schema = fields.get("args_schema")
        paths = sensitive_paths(schema) if isinstance(schema, dict) else ()
        try:
            entry = {"verb": f"{self.provider}:{name}", "sensitive_args": paths, **fields}
            self.entries.append(CatalogEntry.model_validate(entry))
        except ValidationError as error:
            self.warn(name, f"left out: {_reason(error)}")

    def result(self) -> Imported:
        """What was collected, without tools that share a name: an entry would stand for whichever of them is called."""
        for name, count in self.names.items():
            if count > 1:
                self.warn(name, f"left out: {count} tools have this name")
        kept = [entry for entry in self.entries if self.names[entry.verb.partition(":")[2]] == 1]
        return Imported(tuple(kept), tuple(self.warnings))


def one_document(text: str, source: str) -> Document:
    """The single document of `text`.

    Raises:
        DocumentError: it can not be read, or is not exactly one.
    """
    documents = load_documents(text, source)
    if len(documents) != 1:
        raise DocumentError(source, 1, "", f"holds {len(documents)} documents where one is expected")
    return documents[0]


def _reason(error: ValidationError) -> str:
    detail = error.errors(include_url=False)[0]
    cause = detail.get("ctx", {}).get("error")
    message = cause.message if isinstance(cause, InvalidInput) else detail["msg"]
    where = ".".join(map(str, detail["loc"]))
    return printable(f"{where}: {message}" if where else message)
