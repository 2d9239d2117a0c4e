"""pydantic's errors, told in terms of the text that caused them."""

from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gatehold.invalid import InvalidInput
from pdp.documents.document import Document, DocumentError, Path

_MISSING = object()

# pydantic speaks of inputs and classes; whoever wrote the file thinks of keys and values.
_SENTENCES = {
    "extra_forbidden": "is not a known key",
    "missing": "is required",
    "model_type": "must be an object",
}


def document_errors(
    error: ValidationError, document: Document, prefix: Sequence[str | int] = ()
) -> list[DocumentError]:
    """One `DocumentError` for each of pydantic's.

    Args:
        error: what validating the value at `prefix` raised.
        document: where the value came from.
        prefix: path of the validated value within the document.
    """
    return [_document_error(detail, document, tuple(prefix)) for detail in error.errors(include_url=False)]


def _document_error(detail: ErrorDetails, document: Document, prefix: Path) -> DocumentError:
    cause = detail.get("ctx", {}).get("error")
    path = prefix + _steps_in(_at(document.value, prefix), detail["loc"])
    if not isinstance(cause, InvalidInput):
        message = str(cause) if isinstance(cause, ValueError) else detail["msg"]
        return document.error(path, _SENTENCES.get(detail["type"], message))
    if _at(document.value, (*path, cause.field)) is not _MISSING:
        path = (*path, cause.field)
    return document.error(path, cause.message)


def _steps_in(value: object, location: Path) -> Path:
    """`location` without the names that pydantic adds for members of a union, which no text contains."""
    kept: list[str | int] = []
    for step in location[:-1]:
        found = _at(value, (step,))
        if found is not _MISSING:
            kept.append(step)
            value = found
    last = location[-1:]
    # The last step may name a field that is missing; under a scalar there is none, so there it is a union member too.
    return (*kept, *last) if isinstance(value, dict | list) else tuple(kept)


def _at(value: object, path: Sequence[str | int]) -> object:
    for step in path:
        members = dict(enumerate(value)) if isinstance(value, list) else value
        if not isinstance(members, dict) or step not in members:
            return _MISSING
        value = members[step]
    return value
