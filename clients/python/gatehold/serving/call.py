"""What a request to decide must look like, read the same way at a decision point and at a sidecar."""

from typing import NamedTuple

from gatehold.digest import MAX_BYTES, parse_object
from gatehold.identifier import require_identifier
from gatehold.invalid import InvalidInput
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest
from gatehold.verb import parse_verb

MAX_SUBJECT = 256  # characters of on_behalf_of
MAX_REQUEST_ID = 128
MAX_TOOL_DIGEST = 128  # one that is no hex SHA-256 fits no pin, which blocks the call rather than failing the request

_WIDEST_CHARACTER = 4  # bytes of UTF-8


class ReadCall(NamedTuple):
    """The parts of a request that had to be parsed."""

    args: dict[str, object]
    context: dict[str, object]


def read_call(request: EvaluateRequest) -> ReadCall:
    """Checks a request whole and parses its arguments and context.

    Raises:
        InvalidInput: the first field that is outside the contract.
    """
    parse_verb(request.verb)
    args_json, context_json = request.args_json, request.context_json
    _require_size(args_json, context_json)
    require_identifiers(request)
    return ReadCall(parse_object(args_json, "args_json"), parse_object(context_json, "context_json"))


def require_identifiers(request: EvaluateRequest) -> None:
    """The part of `read_call` that does not depend on verb, arguments and context."""
    if subject := request.on_behalf_of:
        require_identifier(subject, "on_behalf_of", MAX_SUBJECT)
    if request_id := request.request_id:
        require_identifier(request_id, "request_id", MAX_REQUEST_ID)
    if digest := request.tool_definition_digest:
        require_identifier(digest, "tool_definition_digest", MAX_TOOL_DIGEST)


def _require_size(args_json: str, context_json: str) -> None:
    if (len(args_json) + len(context_json)) * _WIDEST_CHARACTER <= MAX_BYTES:
        return
    args, context = len(args_json.encode()), len(context_json.encode())
    if args + context > MAX_BYTES:
        field = "args_json" if args >= context else "context_json"
        raise InvalidInput(field, f"arguments and context together are longer than {MAX_BYTES} bytes")
