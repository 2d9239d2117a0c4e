"""What changes among approvals, as it comes, across restarts of the decision point."""

import queue
import threading
import time
from enum import Enum
from typing import Any

import click
import grpc

from gatehold.cli.connection import Connection
from gatehold.v1.approval_pb2 import Approval
from gatehold.v1.approver_service_pb2 import WatchApprovalsRequest
from gatehold.v1.approver_service_pb2_grpc import ApproverServiceStub

_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 2.0  # seconds
_CONNECT_SECONDS = 2.0
_FINAL = {
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.UNIMPLEMENTED,
}


class Link(Enum):
    """What became of the connection."""

    LOST = "connection lost, trying again"
    BACK = "connected again"


Event = Approval | Link


class Feed:
    """Watches in a thread of its own, so that a countdown goes on meanwhile.

    Raises, when it is made:
        ClickException: nothing answers.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._stub: Any = ApproverServiceStub(connection.channel)
        self._events: queue.Queue[Event | grpc.RpcError] = queue.Queue()
        self._stopped = threading.Event()
        self._call: Any = None
        if not self._connected():
            raise click.ClickException(f"nothing answers at {connection.address}: is `gatehold dev` running?")
        threading.Thread(target=self._run, name="watch-approvals", daemon=True).start()

    def __enter__(self) -> "Feed":
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        if self._call is not None:
            self._call.cancel()

    def next(self, timeout: float | None = None) -> Event | None:
        """Returns what comes next, None where nothing does within `timeout` seconds.

        Raises:
            RpcError: the decision point refuses, for good.
        """
        try:
            event = self._events.get(timeout=timeout)
        except queue.Empty:
            return None
        if isinstance(event, grpc.RpcError):
            raise event
        return event

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stopped.is_set():
            began = time.monotonic()
            try:
                self._watch()
            except grpc.RpcError as error:
                call: Any = error
                if call.code() in _FINAL:
                    self._events.put(error)
                    return
            self._events.put(Link.LOST)
            pause = _FIRST_PAUSE if time.monotonic() - began > _LONGEST_PAUSE else min(pause * 2, _LONGEST_PAUSE)
            self._stopped.wait(pause)
            while not self._stopped.is_set() and not self._connected():
                pass
            self._events.put(Link.BACK)

    def _watch(self) -> None:
        self._call = self._stub.WatchApprovals(WatchApprovalsRequest(), metadata=self._connection.metadata)
        for response in self._call:
            self._events.put(response.approval)

    def _connected(self) -> bool:
        ready = grpc.channel_ready_future(self._connection.channel)
        try:
            ready.result(timeout=_CONNECT_SECONDS)
        except grpc.FutureTimeoutError:
            ready.cancel()
            return False
        return True
