"""The guard for asyncio."""

import functools
from collections.abc import Awaitable, Callable, Collection, Mapping
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, overload

import grpc

from gatehold.guard import obligations, reading
from gatehold.guard.aio_recorder import AsyncRecorder
from gatehold.guard.answer import Answer
from gatehold.guard.arguments import Binding, Signature, require_coroutine
from gatehold.guard.errors import Blocked, permitted
from gatehold.guard.journal import Execution
from gatehold.guard.outcome import Outcome
from gatehold.guard.request import Options, Prepared, prepare
from gatehold.guard.target import channel_options, require_deadline, resolve
from gatehold.invalid import InvalidInput
from gatehold.v1.audit_record_pb2 import AuditRecord
from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub
from gatehold.vocabulary import ReasonCode

P = ParamSpec("P")
R = TypeVar("R")


class AsyncGuard:
    """`Guard` for coroutines: the same arguments, answers and errors. Belongs to the event loop it is first used on."""

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

    # A channel belongs to the loop it is opened on, and a guard is often made where a module is loaded, before any.
    @functools.cached_property
    def _channel(self) -> grpc.aio.Channel:
        return grpc.aio.insecure_channel(self._target.address, options=channel_options())

    @functools.cached_property
    def _stub(self) -> Any:
        return DecisionPointServiceStub(self._channel)

    @functools.cached_property
    def _recorder(self) -> AsyncRecorder:
        return AsyncRecorder(self._stub, self._target, self._deadline)

    async def evaluate(
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
        """As `Guard.evaluate`: never raises, save for the task's own cancellation."""
        options = Options(context, on_behalf_of, preflight, request_id, tool_definition_digest, explain)
        try:
            prepared = prepare(verb, args, options)
        except InvalidInput as error:
            return Answer.fail_closed(ReasonCode.REFUSED, str(error))
        except Exception as error:
            return Answer.fail_closed(ReasonCode.REFUSED, f"the request could not be built: {type(error).__name__}")
        return await self._ask(prepared)

    async def _ask(self, prepared: Prepared) -> Answer:
        try:
            if why := self._target.distrust():
                return Answer.fail_closed(
                    ReasonCode.SIDECAR_UNREACHABLE, f"The gate was not asked: {why}", prepared.args_digest
                )
            response = await self._stub.Evaluate(
                prepared.message, timeout=self._deadline, metadata=self._target.metadata
            )
        except grpc.RpcError as error:
            return reading.from_error(error, prepared.args_digest)
        except Exception as error:
            reason = f"The gate could not be asked: {type(error).__name__}"
            return Answer.fail_closed(ReasonCode.SIDECAR_UNREACHABLE, reason, prepared.args_digest)
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
    ) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]: ...

    @overload
    def protect(
        self,
        verb: str,
        function: Callable[P, Awaitable[R]],
        *,
        exclude: Collection[str] = (),
        context: Mapping[str, object] | None = None,
        on_behalf_of: str = "",
        tool_definition_digest: str = "",
    ) -> Callable[P, Awaitable[R]]: ...

    def protect(
        self,
        verb: str,
        function: Callable[P, Awaitable[R]] | None = None,
        *,
        exclude: Collection[str] = (),
        context: Mapping[str, object] | None = None,
        on_behalf_of: str = "",
        tool_definition_digest: str = "",
    ) -> Callable[P, Awaitable[R]] | Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
        """As `Guard.protect`, for a coroutine function. Raises TypeError for any other."""
        options = Options(context, on_behalf_of, tool_definition_digest=tool_definition_digest)

        def decorate(wrapped: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
            require_coroutine(wrapped)
            signature = Signature(wrapped, exclude)

            @functools.wraps(wrapped)
            async def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
                return await self._run(verb, wrapped, signature.bind(args, kwargs), options)

            return guarded

        return decorate if function is None else decorate(function)

    async def _run(self, verb: str, function: Callable[..., Awaitable[R]], binding: Binding, options: Options) -> R:
        try:
            prepared = prepare(verb, binding.guarded, options)
        except InvalidInput as error:
            raise Blocked(verb, Answer.fail_closed(ReasonCode.REFUSED, str(error))) from error
        answer = permitted(verb, await self._ask(prepared))
        if failed := obligations.unmet(answer, self._handlers):
            raise Blocked(verb, failed)
        with Outcome(self._recorder.record_later, verb, answer, self._record_error_text):
            return await function(**prepared.args, **binding.unguarded)

    async def record(self, record: Execution | AuditRecord) -> None:
        """As `Guard.record`. Raises NotRecorded when the record is not durable within the deadline."""
        await self._recorder.record(record.to_record() if isinstance(record, Execution) else record)

    async def close(self) -> None:
        """Sends the records that still wait, once, and closes the channel."""
        await self._recorder.close()
        await self._channel.close()

    async def __aenter__(self) -> "AsyncGuard":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
