"""The guard for asyncio."""

import functools
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, Unpack, overload

from gatehold.guard import obligations
from gatehold.guard.aio_connection import AsyncConnection
from gatehold.guard.aio_recorder import AsyncRecorder
from gatehold.guard.aio_runs import AsyncRuns
from gatehold.guard.answer import Answer
from gatehold.guard.arguments import Binding, require_coroutine
from gatehold.guard.journal import Execution
from gatehold.guard.permit import permitted
from gatehold.guard.protection import Protected, ProtectOptions, frozen, protected
from gatehold.guard.replay import Candidate, Registry, Resumed, Supply, candidates, reclaim
from gatehold.guard.request import Options, prepared_or_block
from gatehold.guard.target import require_deadline, resolve
from gatehold.guard.waiting import hold
from gatehold.v1.audit_record_pb2 import AuditRecord

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
        self._handlers = {**obligations.BUILT_IN, **(handlers or {})}
        self._place = resolve(target, token_file, sidecar_uid)
        self._deadline = require_deadline(deadline)
        self._record_error_text = record_error_text
        self._connection = AsyncConnection(self._place, deadline, self._handlers)
        self._registry = Registry()

    # As late as the connection's channel, which it needs.
    @functools.cached_property
    def _recorder(self) -> AsyncRecorder:
        return AsyncRecorder(self._connection.stub, self._place, self._deadline)

    @functools.cached_property
    def _runs(self) -> AsyncRuns:
        return AsyncRuns(self._connection, self._recorder, self._record_error_text)

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
        prepared = prepared_or_block(verb, args, options)
        return prepared if isinstance(prepared, Answer) else await self._connection.ask(prepared)

    @overload
    def protect(
        self, verb: str, function: None = None, **options: Unpack[ProtectOptions]
    ) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]: ...

    @overload
    def protect(
        self, verb: str, function: Callable[P, Awaitable[R]], **options: Unpack[ProtectOptions]
    ) -> Callable[P, Awaitable[R]]: ...

    def protect(
        self, verb: str, function: Callable[P, Awaitable[R]] | None = None, **options: Unpack[ProtectOptions]
    ) -> Callable[P, Awaitable[R]] | Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
        """As `Guard.protect`, for a coroutine function; `on_wait` may be one too. Raises TypeError for any other."""

        def decorate(wrapped: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
            require_coroutine(wrapped)
            tool = protected(verb, wrapped, **options)

            @functools.wraps(wrapped)
            async def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
                result: R = await self._call(tool, tool.signature.bind(args, kwargs))
                return result

            self._registry.add(guarded, tool)
            return guarded

        return decorate if function is None else decorate(function)

    async def _call(self, tool: Protected, binding: Binding) -> Any:
        prepared = frozen(tool, binding)
        answer = await self._connection.ask(prepared)
        if answer.allowed:
            permit = permitted(tool.verb, prepared, answer, self._handlers)
        else:
            permit = await self._runs.drive(hold(tool, prepared, answer, self._handlers))
        return await self._runs.run(tool, permit, binding.unguarded)

    async def resume(self, supply: Supply | None = None) -> list[Resumed]:
        """As `Guard.resume`: one after the other."""
        return [await self._replay(each) for each in await self._runs.drive(candidates(self._registry, supply or {}))]

    async def _replay(self, candidate: Candidate) -> Resumed:
        approval, tool = candidate.approval, candidate.tool
        if tool is None:
            return Resumed(approval, skipped=candidate.skipped)
        try:
            permit = await self._runs.drive(reclaim(tool, approval, self._handlers))
            approval = permit.approval or approval
            return Resumed(approval, await self._runs.run(tool, permit, candidate.supplied))
        except Exception as error:
            return Resumed(approval, error=error)

    async def record(self, record: Execution | AuditRecord) -> None:
        """As `Guard.record`. Raises NotRecorded when the record is not durable within the deadline."""
        await self._recorder.record(record.to_record() if isinstance(record, Execution) else record)

    async def close(self) -> None:
        """As `Guard.close`."""
        self._connection.end_waits()
        await self._runs.close()
        await self._recorder.close()
        await self._connection.close()

    async def __aenter__(self) -> "AsyncGuard":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
