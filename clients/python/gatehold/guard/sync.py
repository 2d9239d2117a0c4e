"""The guard for ordinary code."""

import functools
from collections.abc import Callable, Collection, Mapping
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, overload

import grpc

from gatehold.guard import obligations, reading
from gatehold.guard.answer import Answer
from gatehold.guard.arguments import Binding, Signature, require_plain
from gatehold.guard.errors import Blocked, permitted
from gatehold.guard.journal import Execution
from gatehold.guard.outcome import Outcome
from gatehold.guard.recorder import Recorder
from gatehold.guard.request import Options, Prepared, prepare
from gatehold.guard.target import channel_options, require_deadline, resolve
from gatehold.invalid import InvalidInput
from gatehold.v1.audit_record_pb2 import AuditRecord
from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub
from gatehold.vocabulary import ReasonCode

P = ParamSpec("P")
R = TypeVar("R")


class Guard:
    """Asks the sidecar about calls, and runs functions only where it allows them. Safe to share between threads.

    Whatever goes wrong on the way to a decision is a block: no option and no error turns into an allow, and a closed
    guard blocks. It holds a connection and a thread, so it cannot be pickled; and after a process has used a guard, its
    forked children get only blocks, so fork first or spawn.

    Args:
        target: `unix:PATH`, or `HOST:PORT` on loopback; default the variable GATEHOLD_SIDECAR, else
            `unix:.gatehold/agent.sock`.
        token_file: file with a key or token; default the variable GATEHOLD_TOKEN_FILE; not needed on a Unix socket.
        deadline: seconds to wait for a decision; default 1.
        handlers: what meets an obligation, by its type. `notification` is known; a type that is not listed blocks.
        record_error_text: also records the text of the exception that a guarded function raises, cut at 4,096 bytes;
            default only its type, for the text often quotes arguments, and no list of sensitive arguments can find
            them there.
        sidecar_uid: user id of a sidecar that runs as another user; default the variable GATEHOLD_SIDECAR_UID, else
            none. A Unix socket of anybody but this user, root and that one blocks every call, and so does one in a
            folder that others can write to.

    Raises:
        InvalidInput: the target is not local, the deadline is not above 0, or the variable is no user id.
        OSError: the token file cannot be read.
    """

    def __init__(
        self,
        target: str | None = None,
        *,
        token_file: str | None = None,
        deadline: float = 1.0,
        handlers: Mapping[str, obligations.Handler] | None = None,
        record_error_text: bool = False,
        sidecar_uid: int | None = None,
    ) -> None:
        self._target = resolve(target, token_file, sidecar_uid)
        self._deadline = require_deadline(deadline)
        self._handlers = {**obligations.BUILT_IN, **(handlers or {})}
        self._record_error_text = record_error_text
        self._channel = grpc.insecure_channel(self._target.address, options=channel_options())
        self._stub: Any = DecisionPointServiceStub(self._channel)
        self._recorder = Recorder(self._stub, self._target, deadline)

    def evaluate(
        self,
        verb: str,
        args: Mapping[str, object] | None = None,
        *,
        context: Mapping[str, object] | None = None,
        on_behalf_of: str = "",
        preflight: bool = False,
        request_id: str = "",
        tool_definition_digest: str = "",
        explain: bool = False,
    ) -> Answer:
        """Asks what the gate says of one call. Never raises: what could not be decided comes back as a block.

        Args:
            verb: `provider:tool`.
            args: the call's arguments, JSON values; default none.
            context: claims about the agent's situation; default none.
            on_behalf_of: whom the agent acts for; default nobody.
            preflight: only asks, the call does not run next. It never changes the decision.
            request_id: correlation id for the record; default none.
            tool_definition_digest: hex SHA-256 of the tool definition that the model was shown; default none.
            explain: asks for `Answer.trace`.
        """
        options = Options(context, on_behalf_of, preflight, request_id, tool_definition_digest, explain)
        try:
            prepared = prepare(verb, args, options)
        except InvalidInput as error:
            return Answer.fail_closed(ReasonCode.REFUSED, str(error))
        except Exception as error:
            return Answer.fail_closed(ReasonCode.REFUSED, f"the request could not be built: {type(error).__name__}")
        return self._ask(prepared)

    def _ask(self, prepared: Prepared) -> Answer:
        try:
            if why := self._target.distrust():
                return Answer.fail_closed(
                    ReasonCode.SIDECAR_UNREACHABLE, f"The gate was not asked: {why}", prepared.args_digest
                )
            response = self._stub.Evaluate(prepared.message, timeout=self._deadline, metadata=self._target.metadata)
        except grpc.RpcError as error:
            return reading.from_error(error, prepared.args_digest)
        except Exception as error:
            return Answer.fail_closed(
                ReasonCode.SIDECAR_UNREACHABLE,
                f"The gate could not be asked: {type(error).__name__}",
                prepared.args_digest,
            )
        return reading.from_response(response, prepared.args_digest, self._handlers)

    @overload
    def protect(
        self,
        verb: str,
        function: None = None,
        *,
        exclude: Collection[str] = (),
        context: Mapping[str, object] | None = None,
        on_behalf_of: str = "",
        tool_definition_digest: str = "",
    ) -> Callable[[Callable[P, R]], Callable[P, R]]: ...

    @overload
    def protect(
        self,
        verb: str,
        function: Callable[P, R],
        *,
        exclude: Collection[str] = (),
        context: Mapping[str, object] | None = None,
        on_behalf_of: str = "",
        tool_definition_digest: str = "",
    ) -> Callable[P, R]: ...

    def protect(
        self,
        verb: str,
        function: Callable[P, R] | None = None,
        *,
        exclude: Collection[str] = (),
        context: Mapping[str, object] | None = None,
        on_behalf_of: str = "",
        tool_definition_digest: str = "",
    ) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
        """Guards a function: a decorator, or, given `function`, its guarded form.

        The function's parameters by name are the call's arguments. It runs only on an allow, once every obligation is
        met, with the very values that were decided on (a copy, by way of JSON), and its outcome goes on the record.

        Args:
            verb: `provider:tool`.
            function: the function to guard; default: returns a decorator.
            exclude: parameters that the gate does not see, such as a client object. A first parameter named `self` or
                `cls` never is seen; everything that comes by `**kwargs` always is.
            context, on_behalf_of, tool_definition_digest: as in `evaluate`.

        Raises:
            TypeError: the function is a coroutine function or a generator function, has positional-only parameters or
                `*args`, or lacks an excluded parameter.

        Raises, when the guarded function is called:
            Blocked: the call must not run, or nobody could decide.
            ApprovalRequired: a person must approve first.
        """
        options = Options(context, on_behalf_of, tool_definition_digest=tool_definition_digest)

        def decorate(wrapped: Callable[P, R]) -> Callable[P, R]:
            require_plain(wrapped)
            signature = Signature(wrapped, exclude)

            @functools.wraps(wrapped)
            def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
                return self._run(verb, wrapped, signature.bind(args, kwargs), options)

            return guarded

        return decorate if function is None else decorate(function)

    def _run(self, verb: str, function: Callable[..., R], binding: Binding, options: Options) -> R:
        prepared, answer = self._permit(verb, binding, options)
        with Outcome(self._recorder.record_later, verb, answer, self._record_error_text):
            return function(**prepared.args, **binding.unguarded)

    def _permit(self, verb: str, binding: Binding, options: Options) -> tuple[Prepared, Answer]:
        try:
            prepared = prepare(verb, binding.guarded, options)
        except InvalidInput as error:
            raise Blocked(verb, Answer.fail_closed(ReasonCode.REFUSED, str(error))) from error
        answer = permitted(verb, self._ask(prepared))
        if failed := obligations.unmet(answer, self._handlers):
            raise Blocked(verb, failed)
        return prepared, answer

    def record(self, record: Execution | AuditRecord) -> None:
        """Puts a record of the agent's own on the record, and waits until it is durable.

        Args:
            record: an `Execution`, or an AuditRecord of kind tool_execution, ai_usage, prompt_guard or task_activity.

        Raises:
            NotRecorded: it could not be made durable within the deadline, and is kept and sent again later; or the
                gate refused it for good, and it is lost: the text says which.
        """
        self._recorder.record(record.to_record() if isinstance(record, Execution) else record)

    def close(self) -> None:
        """Sends the records that still wait, once, and closes the channel."""
        self._recorder.close()
        self._channel.close()

    def __enter__(self) -> "Guard":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
