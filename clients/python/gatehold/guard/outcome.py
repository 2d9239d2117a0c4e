"""Puts on the record how a guarded run ended, without ever getting into its way."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType

from gatehold.guard.answer import Answer
from gatehold.guard.journal import Execution
from gatehold.v1.audit_record_pb2 import AuditRecord

_LOG = logging.getLogger("gatehold.record")


class Outcome:
    """Wraps one run. What the function returned or raised passes unchanged, whatever becomes of the record.

    Args:
        put: takes the record, at once.
        verb: the call's verb.
        answer: the decision that the function runs under.
        with_text: also records the text of an exception, not only its type.
    """

    def __init__(self, put: Callable[[AuditRecord], None], verb: str, answer: Answer, with_text: bool) -> None:
        self._put = put
        self._verb = verb
        self._answer = answer
        self._with_text = with_text
        self._began = time.monotonic()

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._put(self._execution(error).to_record())
        except Exception as failure:  # the run is over; a second error would hide what came of it
            _LOG.error("the outcome of %s is not on the record: %s", self._verb, type(failure).__name__)

    def _execution(self, error: BaseException | None) -> Execution:
        return Execution(
            self._verb,
            self._answer.decision_id,
            "succeeded" if error is None else "failed",
            timedelta(seconds=time.monotonic() - self._began),
            "" if error is None else _described(error, self._with_text),
        )


def _described(error: BaseException, with_text: bool) -> str:
    name = type(error).__name__
    if not with_text:
        return name
    try:
        return f"{name}: {error}"
    except Exception:  # __str__ is the function's own code
        return name
