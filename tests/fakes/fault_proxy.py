"""A TCP path that breaks on request. It runs in a thread of its own, so that a test may block while it goes on."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from enum import Enum
from types import TracebackType


class Direction(Enum):
    """UP: from whoever connected. DOWN: to it."""

    UP = "up"
    DOWN = "down"


class FaultProxy:
    """Forwards a port of its own on 127.0.0.1 to `target`.

    Args:
        target: HOST:PORT, connected to anew for each connection.

    Attributes:
        address: HOST:PORT to connect to.
        connected: connections forwarded so far.
        ended: of them, those that are over for whoever had connected.
        passed: bytes forwarded so far, by direction.
    """

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._target = host, int(port)
        self._started: Future[None] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="fault-proxy", daemon=True)
        self._admitting = True
        self._seconds = 0.0
        self._writers: set[asyncio.StreamWriter] = set()
        self._stranded: set[asyncio.StreamWriter] = set()
        self.connected = 0
        self.ended = 0
        self.passed = dict.fromkeys(Direction, 0)

    def hold(self, *directions: Direction) -> None:
        """Nothing passes in these directions. As with lost segments, what is sent meanwhile arrives on `release`."""
        for direction in directions:
            self._do(self._passing[direction].clear)

    def release(self, *directions: Direction) -> None:
        """Everything passes again in these directions, what was held first."""
        for direction in directions:
            self._do(self._passing[direction].set)

    def strand(self) -> None:
        """Swallows for ever what is sent on the present connections, and tells neither end: they are half-open."""
        self._do(lambda: self._stranded.update(self._writers))

    def refuse(self) -> None:
        """Closes new connections at once, until `admit`; leaves the present ones."""
        self._do(lambda: setattr(self, "_admitting", False))

    def cut(self) -> None:
        """Closes every connection; and new ones at once, until `admit`."""
        self.refuse()
        self._do(self._close)

    def admit(self) -> None:
        """Lets new connections through again."""
        self._do(lambda: setattr(self, "_admitting", True))

    def delay(self, seconds: float) -> None:
        """What comes from now on is forwarded this much later, in each direction."""
        self._do(lambda: setattr(self, "_seconds", seconds))

    def __enter__(self) -> "FaultProxy":
        self._thread.start()
        self._started.result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        self.release(*Direction)
        self._do(self._stop.set)
        self._thread.join()

    def _do(self, change: Callable[[], object]) -> None:
        done: Future[object] = Future()
        self._loop.call_soon_threadsafe(lambda: done.set_result(change()))
        done.result(10)

    def _close(self) -> None:
        for writer in self._writers:
            writer.close()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._passing = {direction: asyncio.Event() for direction in Direction}
        for passing in self._passing.values():
            passing.set()
        server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._started.set_result(None)
        await self._stop.wait()
        server.close()
        if forwarding := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(forwarding)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._admitting:
            writer.close()
            return
        try:
            there, back = await asyncio.open_connection(*self._target)
        except OSError:
            writer.close()
            return
        self.connected += 1
        self._writers |= {writer, back}
        await asyncio.gather(
            self._pump(reader, back, Direction.UP), self._pump(there, writer, Direction.DOWN), return_exceptions=True
        )
        self._writers -= {writer, back}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction) -> None:
        try:
            while data := await reader.read(65_536):
                if self._seconds:
                    await asyncio.sleep(self._seconds)
                await self._passing[direction].wait()
                if writer not in self._stranded:
                    self.passed[direction] += len(data)
                    writer.write(data)
                    await writer.drain()
        finally:
            self.ended += direction is Direction.UP
            if writer not in self._stranded:
                writer.close()
