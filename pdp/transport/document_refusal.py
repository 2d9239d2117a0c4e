"""The refusal of documents that do not load."""

import grpc

from gatehold.serving import Refusal
from gatehold.v1.error_reason_pb2 import ErrorReason
from pdp.documents import DocumentError, InvalidDocuments

# A status travels in trailing metadata, of which gRPC takes 8 KiB, several times over and escaped.
_MAX_BYTES = 800
_MAX_SENTENCE = 200


def invalid_documents(error: InvalidDocuments) -> Refusal:
    """INVALID_ARGUMENT that names file, line and field of what is wrong, as far as a status can hold it."""
    shown: list[tuple[str, str]] = []
    for one in error.errors:
        shown.append((_short(_place(one)), _short(one.message)))
        if sum(len(part.encode()) for pair in shown for part in pair) > _MAX_BYTES:
            break
    sentences = [f"{place}: {message}" for place, message in shown]
    if left := len(error.errors) - len(shown):
        sentences.append(f"and {left} more")
    return Refusal(
        grpc.StatusCode.INVALID_ARGUMENT,
        ErrorReason.ERROR_REASON_INVALID_FIELD,
        "\n".join(sentences),
        {"field": shown[0][0]},
        shown,
    )


def _place(error: DocumentError) -> str:
    return ":".join(filter(None, (error.source, str(error.line), error.field)))


def _short(text: str) -> str:
    return text if len(text) <= _MAX_SENTENCE else f"{text[: _MAX_SENTENCE - 1]}…"
