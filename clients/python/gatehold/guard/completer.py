"""Tells the gate how claimed runs ended, from ordinary code."""

from gatehold.guard.background import Background
from gatehold.guard.completion import Completions, at_once
from gatehold.guard.connection import Connection
from gatehold.guard.steps import Call
from gatehold.v1.decision_point_service_pb2 import CompleteApprovalRequest


class Completer:
    """Sends completions until each is taken or refused for good."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._completions = Completions()
        self._background = Background("gatehold-completion", lambda: self._completions.waiting, self._send)

    def complete(self, request: CompleteApprovalRequest) -> None:
        """Tries once, and leaves the rest to a thread."""
        self._completions.add(request)
        try:
            if at_once(request):
                self._settle(request)
        finally:  # an interrupt ends the attempt, not the completion
            if self._completions.waiting:
                self._background.wake()

    def close(self) -> None:
        """Tries once more to send what waits, and stops."""
        self._background.close()

    def _send(self) -> None:
        for request in self._completions.requests():
            if not self._settle(request):
                return

    def _settle(self, request: CompleteApprovalRequest) -> bool:
        return self._completions.settled(request, self._connection.call(Call("CompleteApproval", request)))
