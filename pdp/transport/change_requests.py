"""What all requests for a change have in common, and the documents in them."""

import hashlib
from collections.abc import Iterable

from google.protobuf.message import Message

from gatehold.identifier import require_identifier
from gatehold.v1.policy_pb2 import DocumentProblem, ObjectChange, SourceDocument
from pdp.documents import InvalidDocuments
from pdp.fleet.changes import Request
from pdp.identity import Principal
from pdp.store import model
from pdp.transport.bounds import change_reason
from pdp.transport.paging import fitting

MAX_REQUEST_ID = 128


def change_request(
    principal: Principal,
    message: Message,
    *,
    request_id: str,
    reason: str,
    expected_revision: int | None = None,
    validate_only: bool = False,
) -> Request:
    """Who asks for a change, and how.

    Args:
        message: the request whole. A repetition is known by it: all of it must be the same.

    Raises:
        InvalidInput: on request_id or change_reason.
    """
    if request_id:
        require_identifier(request_id, "request_id", MAX_REQUEST_ID)
    change_reason(reason)
    return Request(
        actor=principal.name,
        reason=reason,
        request_id=request_id,
        request_digest=_digest(message),
        expected_revision=expected_revision,
        validate_only=validate_only,
    )


def _digest(message: Message) -> str:
    name = message.DESCRIPTOR.full_name.encode()
    return hashlib.sha256(name + b"\0" + message.SerializeToString(deterministic=True)).hexdigest()


def named_texts(documents: Iterable[SourceDocument]) -> list[tuple[str, str]]:
    """Name and text of each document; one without a name gets its place in the request."""
    return [(document.name or f"documents[{at}]", document.content) for at, document in enumerate(documents)]


def problems(error: InvalidDocuments) -> list[DocumentProblem]:
    """The messages of everything that is wrong with documents."""
    return [
        DocumentProblem(name=one.source, line=one.line, field=one.field, message=one.message) for one in error.errors
    ]


def object_changes(changes: Iterable[model.ObjectChange]) -> list[ObjectChange]:
    """The messages of what a change adds, replaces and removes, as many as fit. All of it is on the record."""
    return fitting(ObjectChange(object=one.object, old_json=one.old_json, new_json=one.new_json) for one in changes)
