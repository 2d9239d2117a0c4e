"""A TCP path that can go silent without closing: what is half-open stays so, new connections pass."""

import asyncio
from types import TracebackType


class BlackHole:
    """Forwards 127.0.0.1 to a port, until `swallow` makes every present connection swallow what it is sent."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._swallowing: set[asyncio.StreamWriter] = set()
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def swallow(self) -> None:
        """From now on nothing passes on the connections that are open, in either direction."""
        self._swallowing |= self._open

    async def __aenter__(self) -> "BlackHole":
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in self._open:
            writer.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._open |= {writer, back}
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer), return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            if writer not in self._swallowing:
                writer.write(data)
                await writer.drain()
        writer.close()
