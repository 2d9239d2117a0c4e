"""All calls of a guard for ordinary code, save its stream of records."""

import threading
from collections.abc import Collection
from queue import SimpleQueue
from typing import Any

import grpc
from google.protobuf.message import Message

from gatehold.guard import reading
from gatehold.guard.answer import Answer
from gatehold.guard.request import Prepared
from gatehold.guard.steps import APPROVAL_SECONDS, Call, Reply, Watch
from gatehold.guard.target import Target, channel_options
from gatehold.v1.decision_point_service_pb2_grpc import DecisionPointServiceStub


class Connection:
    """Carries calls to the gate and tells how each went; no call raises.

    Args:
        target: where it leads, and what is sent with every call.
        deadline: seconds an Evaluate may take.
        known_obligations: types of obligation that the guard can meet.
    """

    def __init__(self, target: Target, deadline: float, known_obligations: Collection[str]) -> None:
        self._target = target
        self._deadline = deadline
        self._known = known_obligations
        self._channel = grpc.insecure_channel(target.address, options=channel_options())
        self._closing = threading.Event()
        self.stub: Any = DecisionPointServiceStub(self._channel)

    def ask(self, prepared: Prepared) -> Answer:
        """Evaluates."""
        reply = self._unary(self.stub.Evaluate, prepared.message, self._deadline)
        return reading.from_reply(reply, prepared.args_digest, self._known)

    def call(self, call: Call) -> Reply:
        """Carries out one call about an approval."""
        return self._unary(getattr(self.stub, call.method), call.request, APPROVAL_SECONDS)

    def _unary(self, method: Any, request: Message, seconds: float) -> Reply:
        try:
            if why := self._target.distrust():
                return Reply(code=grpc.StatusCode.UNAVAILABLE, details=why)
            return Reply(method(request, timeout=seconds, metadata=self._target.metadata))
        except Exception as error:  # also ValueError, from a channel that is closed
            return Reply.failed(error)

    def watch(self, watch: Watch) -> Reply:
        """Reads one stream, in a thread of its own: an interrupt while gRPC reads leaves its channel unusable."""
        stream, replies = _Stream(), SimpleQueue[Reply]()
        reader = threading.Thread(
            target=lambda: replies.put(self._read(watch, stream)), name="gatehold-watch", daemon=True
        )
        try:
            reader.start()
            return replies.get()
        except RuntimeError as error:  # no thread is left
            return Reply.failed(error)
        finally:
            stream.leave()

    def _read(self, watch: Watch, stream: "_Stream") -> Reply:
        last = None
        try:
            if self._closing.is_set():
                return Reply(code=grpc.StatusCode.CANCELLED, closed=True)
            if why := self._target.distrust():
                return Reply(code=grpc.StatusCode.UNAVAILABLE, details=why)
            call = self.stub.WatchApproval(watch.request, timeout=watch.seconds, metadata=self._target.metadata)
            stream.enter(call)
            for last in call:
                if watch.wanted(last):
                    break
            return Reply(last)
        except Exception as error:
            return Reply.failed(error, last, self._closing.is_set())

    def pause(self, seconds: float) -> None:
        """Waits; less when the connection is closed meanwhile."""
        self._closing.wait(seconds)

    def end_waits(self) -> None:
        """Lets nobody begin to wait any more; who waits already does so until `close`."""
        self._closing.set()

    def close(self) -> None:
        """Ends every call and stream."""
        self._closing.set()
        self._channel.close()


class _Stream:
    """Ends a stream when its caller leaves, whichever comes first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._call: Any = None
        self._left = False

    def enter(self, call: Any) -> None:
        with self._lock:
            self._call = call
            if self._left:
                call.cancel()

    def leave(self) -> None:
        with self._lock:
            self._left = True
            if self._call is not None:
                self._call.cancel()
