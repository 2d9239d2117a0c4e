"""A thread that sends what waits, for as long as something does."""

import atexit
import threading
from collections.abc import Callable

RETRY_SECONDS = 1.0


class Background:
    """Calls `send` in a daemon thread, again and again until nothing waits; once more when closed or at exit.

    Args:
        name: of the thread.
        waiting: how many things wait to be sent.
        send: one attempt. It may run in several threads at once.
    """

    def __init__(self, name: str, waiting: Callable[[], int], send: Callable[[], None]) -> None:
        self._name = name
        self._waiting = waiting
        self._send = send
        self._lock = threading.Lock()  # guards the start of the thread
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self.closed = False

    def wake(self) -> None:
        """Has what waits sent soon."""
        with self._lock:
            if self._thread is None and not self.closed:
                self._thread = threading.Thread(target=self._loop, name=self._name, daemon=True)
                self._thread.start()
                atexit.register(self.close)
        self._wake.set()

    def close(self) -> None:
        """Tries once more to send what waits, and stops."""
        self.closed = True
        self._wake.set()
        atexit.unregister(self.close)
        self._send()

    def _loop(self) -> None:
        while not self.closed:
            self._wake.wait(timeout=RETRY_SECONDS if self._waiting() else None)
            self._wake.clear()
            if self._waiting() and not self.closed:
                self._send()
