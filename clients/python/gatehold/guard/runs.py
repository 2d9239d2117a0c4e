"""Carries out conversations, and runs guarded functions under the permits they end with; for ordinary code."""

import logging
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TypeVar, assert_never

from gatehold.guard import permit as permits
from gatehold.guard.completer import Completer
from gatehold.guard.connection import Connection
from gatehold.guard.journal import Execution
from gatehold.guard.outcome import Outcome
from gatehold.guard.permit import Claim, Permit
from gatehold.guard.protection import Protected
from gatehold.guard.recorder import Recorder
from gatehold.guard.steps import Ask, Call, Complete, Conversation, Pause, Step, Tell, Watch

T = TypeVar("T")
_LOG = logging.getLogger("gatehold.approval")


class Runs:
    """Everything between a decision and what the function returned.

    Args:
        with_error_text: also tells the text of an exception, not only its type.
    """

    def __init__(self, connection: Connection, recorder: Recorder, with_error_text: bool) -> None:
        self._connection = connection
        self._recorder = recorder
        self._completer = Completer(connection)
        self._with_error_text = with_error_text

    def drive(self, conversation: Conversation[T]) -> T:
        """Returns what the conversation comes to, and raises what it raises."""
        result: Any = None
        while True:
            try:
                step = conversation.send(result)
            except StopIteration as end:
                outcome: T = end.value
                return outcome
            result = self._perform(step)

    def _perform(self, step: Step) -> object:
        match step:
            case Ask():
                return self._connection.ask(step.prepared)
            case Call():
                return self._connection.call(step)
            case Watch():
                return self._connection.watch(step)
            case Tell():
                return step.listener(step.approval)
            case Pause():
                self._connection.pause(step.seconds)
            case Complete():
                self._completer.complete(step.request)
            case _:
                assert_never(step)
        return None

    def run(self, tool: Protected, permit: Permit, unguarded: Mapping[str, Any]) -> Any:
        """Runs the function. What it returned or raised passes unchanged, whatever becomes of the reports."""
        outcome = Outcome(self._recorder.record_later, tool.verb, permit, self._with_error_text)
        if permit.claim is None:
            with outcome:
                return tool.function(**permit.args, **unguarded)
        over = self._renew(permit.claim)
        try:
            with outcome:
                return tool.function(**permit.args, **unguarded)
        finally:
            over.set()
            self._complete(permit.claim, outcome.execution)

    def _renew(self, claim: Claim) -> threading.Event:
        """Renews the claim in a thread until the event that it returns is set."""
        over = threading.Event()
        with suppress(RuntimeError):  # no thread is left: the run has the claim's own five minutes
            threading.Thread(target=self._renewing, args=(claim, over), name="gatehold-claim", daemon=True).start()
        return over

    def _renewing(self, claim: Claim, over: threading.Event) -> None:
        while not over.wait(permits.RENEW_SECONDS):
            reply = self._connection.call(claim.renewal)
            if over.is_set() or not claim.renewed(reply):
                return

    def _complete(self, claim: Claim, execution: Execution) -> None:
        try:
            self._completer.complete(claim.completion(execution))
        except Exception as failure:  # the run is over; a second error would hide what came of it
            _LOG.error("how approval %s ended is not told: %s", claim.approval.id, type(failure).__name__)

    def close(self) -> None:
        """Tells once more what could not be told yet."""
        self._completer.close()
