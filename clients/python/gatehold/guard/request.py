"""Builds the request for one call, with the digest that its answer must carry."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from gatehold import digest
from gatehold.guard.answer import Answer
from gatehold.invalid import InvalidInput
from gatehold.v1 import decision_pb2
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest
from gatehold.vocabulary import ReasonCode


@dataclass(frozen=True, slots=True)
class Options:
    """What a call says beside its verb and arguments.

    Attributes:
        context: claims about the agent's situation.
        on_behalf_of: whom the agent acts for; empty for nobody.
        preflight: only asks; the call does not run next.
        request_id: the caller's correlation id; empty for none.
        tool_definition_digest: of the tool definition that the model was shown; empty for none.
        explain: asks for the trace.
    """

    context: Mapping[str, object] | None = None
    on_behalf_of: str = ""
    preflight: bool = False
    request_id: str = ""
    tool_definition_digest: str = ""
    explain: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request, the digest of its arguments, and the arguments as they were frozen into it."""

    message: EvaluateRequest
    args_digest: str
    args: dict[str, object]


def prepare(verb: str, args: Mapping[str, object] | None, options: Options) -> Prepared:
    """Freezes a call.

    Raises:
        InvalidInput: the arguments or the context are not JSON, or are outside the bounds of `gatehold.digest`.
    """
    args_text = _text(args or {}, "args")
    frozen = digest.parse_object(args_text, "args")
    message = EvaluateRequest(
        verb=verb,
        args_json=args_text,
        context_json=context_text(options),
        intent=decision_pb2.INTENT_PREFLIGHT if options.preflight else decision_pb2.INTENT_EXECUTE,
        on_behalf_of=options.on_behalf_of,
        request_id=options.request_id,
        tool_definition_digest=options.tool_definition_digest,
        explain=options.explain,
    )
    return Prepared(message, digest.digest(frozen), frozen)


def prepared_or_block(verb: str, args: Mapping[str, object] | None, options: Options) -> Prepared | Answer:
    """Freezes a call, or returns the block for one that cannot be sent. Never raises."""
    try:
        return prepare(verb, args, options)
    except InvalidInput as error:
        return Answer.fail_closed(ReasonCode.REFUSED, str(error))
    except Exception as error:
        return Answer.fail_closed(ReasonCode.REFUSED, f"the request could not be built: {type(error).__name__}")


def _text(value: Mapping[str, object], field: str) -> str:
    try:
        return json.dumps(dict(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(field, f"it is not JSON: {error}") from error


def context_text(options: Options) -> str:
    """Returns the context as JSON; empty where there is none. Raises InvalidInput where it is not JSON."""
    return _text(options.context, "context") if options.context else ""


def context_digest(context_json: str) -> str:
    """Returns the hex SHA-256 of a context; the empty text is the empty context. Raises InvalidInput as `prepare`."""
    return digest.digest(digest.parse_object(context_json, "context"))
