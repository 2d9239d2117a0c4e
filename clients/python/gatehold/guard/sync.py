"""The guard for ordinary code."""

import functools
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, Unpack, overload

from gatehold.guard import obligations
from gatehold.guard.answer import Answer
from gatehold.guard.arguments import Binding, require_listener, require_plain
from gatehold.guard.connection import Connection
from gatehold.guard.journal import Execution
from gatehold.guard.permit import permitted
from gatehold.guard.protection import Protected, ProtectOptions, frozen, protected
from gatehold.guard.recorder import Recorder
from gatehold.guard.replay import Candidate, Registry, Resumed, Supply, candidates, reclaim
from gatehold.guard.request import Options, prepared_or_block
from gatehold.guard.runs import Runs
from gatehold.guard.target import require_deadline, resolve
from gatehold.guard.waiting import hold
from gatehold.v1.audit_record_pb2 import AuditRecord

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
        self._handlers = {**obligations.BUILT_IN, **(handlers or {})}
        place = resolve(target, token_file, sidecar_uid)
        self._connection = Connection(place, require_deadline(deadline), self._handlers)
        self._recorder = Recorder(self._connection.stub, place, deadline)
        self._runs = Runs(self._connection, self._recorder, record_error_text)
        self._registry = Registry()

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
        prepared = prepared_or_block(verb, args, options)
        return prepared if isinstance(prepared, Answer) else self._connection.ask(prepared)

    @overload
    def protect(
        self, verb: str, function: None = None, **options: Unpack[ProtectOptions]
    ) -> Callable[[Callable[P, R]], Callable[P, R]]: ...

    @overload
    def protect(self, verb: str, function: Callable[P, R], **options: Unpack[ProtectOptions]) -> Callable[P, R]: ...

    def protect(
        self, verb: str, function: Callable[P, R] | None = None, **options: Unpack[ProtectOptions]
    ) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
        """Guards a function: a decorator, or, given `function`, its guarded form.

        The function's parameters by name are the call's arguments. It runs only on an allow, or once a person has
        approved, when every obligation is met, with the very values that were decided on (a copy, by way of JSON), and
        its outcome goes on the record.

        Where a person must approve, the gate freezes the call, and the guarded form waits, claims it and runs what was
        approved: perhaps with arguments that the person edited. A wait that ends early, even by the end of the process,
        leaves the approval open: the same call made again picks it up, and so does `resume`.

        Args:
            verb: `provider:tool`.
            function: the function to guard; default: returns a decorator.
            exclude: parameters that the gate does not see, such as a client object. A first parameter named `self` or
                `cls` never is seen; everything that comes by `**kwargs` always is.
            context, on_behalf_of, tool_definition_digest: as in `evaluate`.
            wait: waits for the person; default True. False: raises ApprovalRequired at once, unless the call is
                approved already.
            timeout: seconds to wait, from 0 up; default None, as long as it takes.
            on_wait: called with the `Approval` when the wait begins; what it raises ends the wait. Default none.
            justification: why the agent wants it, for the people who decide, at most 4 KiB; default none.

        Raises:
            TypeError: the function is a coroutine function or a generator function, has positional-only parameters or
                `*args`, or lacks an excluded parameter; or `on_wait` is a coroutine function.
            InvalidInput: the timeout is not a finite number from 0 up.

        Raises, when the guarded function is called:
            Blocked: the call must not run, or nobody could decide.
            ApprovalPending, ApprovalDenied, ApprovalExpired, ApprovalCancelled, ApprovalRefused: no person let it
                through, or not to this process. Each is an ApprovalRequired.
        """

        def decorate(wrapped: Callable[P, R]) -> Callable[P, R]:
            require_plain(wrapped)
            require_listener(options.get("on_wait"))
            tool = protected(verb, wrapped, **options)

            @functools.wraps(wrapped)
            def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
                result: R = self._call(tool, tool.signature.bind(args, kwargs))
                return result

            self._registry.add(guarded, tool)
            return guarded

        return decorate if function is None else decorate(function)

    def _call(self, tool: Protected, binding: Binding) -> Any:
        prepared = frozen(tool, binding)
        answer = self._connection.ask(prepared)
        if answer.allowed:
            permit = permitted(tool.verb, prepared, answer, self._handlers)
        else:
            permit = self._runs.drive(hold(tool, prepared, answer, self._handlers))
        return self._runs.run(tool, permit, binding.unguarded)

    def resume(self, supply: Supply | None = None) -> list[Resumed]:
        """Runs this agent's calls that were approved and never ran, and those that may be run again.

        A process that was started again calls it once its functions are guarded. Each call runs through the function
        that is guarded for its verb. A verb with none or with several, or one whose excluded parameters are not
        supplied, is skipped and stays as it is.

        Args:
            supply: values for excluded parameters, by verb: `{"stripe:create_refund": {"client": client}}`.

        Returns:
            What became of each, oldest first. What a function raised is in its `error`.

        Raises:
            GateholdError: the approvals could not be listed.
        """
        return [self._replay(each) for each in self._runs.drive(candidates(self._registry, supply or {}))]

    def _replay(self, candidate: Candidate) -> Resumed:
        approval, tool = candidate.approval, candidate.tool
        if tool is None:
            return Resumed(approval, skipped=candidate.skipped)
        try:
            permit = self._runs.drive(reclaim(tool, approval, self._handlers))
            approval = permit.approval or approval
            return Resumed(approval, self._runs.run(tool, permit, candidate.supplied))
        except Exception as error:
            return Resumed(approval, error=error)

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
        """Sends what still waits, once, and closes the channel. Whoever waits for an approval gets ApprovalPending."""
        self._connection.end_waits()
        self._runs.close()
        self._recorder.close()
        self._connection.close()

    def __enter__(self) -> "Guard":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
