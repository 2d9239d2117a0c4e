"""Puts on the record how a guarded run ended, without ever getting into its way."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType

from gatehold.guard.approval import Approval, running
from gatehold.guard.journal import Execution
from gatehold.guard.permit import Permit
from gatehold.v1.audit_record_pb2 import AuditRecord

_LOG = logging.getLogger("gatehold.record")


class Outcome:
    """Wraps one run. What the function returned or raised passes unchanged, whatever becomes of the record.

    Args:
        put: takes the record, at once.
        verb: the call's verb.
        permit: what the function runs under.
        with_text: also records the text of an exception, not only its type.

    Attributes:
        execution: how the run ended, once it has. One that was interrupted is indeterminate: the function could not
            say what came of it.
    """

    def __init__(self, put: Callable[[AuditRecord], None], verb: str, permit: Permit, with_text: bool) -> None:
        self.execution: Execution
        self._put = put
        self._verb = verb
        self._permit = permit
        self._with_text = with_text
        self._began = 0.0
        self._around: Approval | None = None

    def __enter__(self) -> None:
        self._around = running.get()
        running.set(self._permit.approval)
        self._began = time.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        running.set(self._around)  # not a reset, which fails where a coroutine is closed in another context
        self.execution = self._ended(error)
        try:
            self._put(self.execution.to_record())
        except Exception as failure:  # the run is over; a second error would hide what came of it
            _LOG.error("the outcome of %s is not on the record: %s", self._verb, type(failure).__name__)

    def _ended(self, error: BaseException | None) -> Execution:
        approval = self._permit.approval
        return Execution(
            self._verb,
            self._permit.answer.decision_id,
            _outcome(error),
            timedelta(seconds=time.monotonic() - self._began),
            "" if error is None else _described(error, self._with_text),
            approval_id=approval.id if approval else "",
        )


def _outcome(error: BaseException | None) -> str:
    if error is None:
        return "succeeded"
    return "failed" if isinstance(error, Exception) else "indeterminate"


def _described(error: BaseException, with_text: bool) -> str:
    name = type(error).__name__
    if not with_text:
        return name
    try:
        return f"{name}: {error}"
    except Exception:  # __str__ is the function's own code
        return name
