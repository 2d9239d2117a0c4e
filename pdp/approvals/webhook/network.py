"""Connections to the addresses that messages may be sent to, and to no others.

A name is looked up once, what it stands for is checked, and that very address is connected to; so a name that stands
for one address when it is checked and for another when it is used gains nothing.
"""

import asyncio
import socket
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from ipaddress import ip_address

import httpcore2

from pdp.approvals.webhook.addresses import Address, may_send
from pdp.approvals.webhook.endpoint import literal


class CheckedNetwork(httpcore2.AsyncNetworkBackend):
    """What one attempt connects through.

    Args:
        plain: without TLS, which is for loopback alone.
    """

    def __init__(self, plain: bool) -> None:
        self._plain = plain
        self._network = httpcore2.AnyIOBackend()
        self._opened: list[httpcore2.AsyncNetworkStream] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the library's interface)
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connects to the first address that answers, in the resolver's order.

        Raises:
            httpcore2.ConnectError, httpcore2.ConnectTimeout: none does, or none may be connected to.
        """
        failed: Exception = httpcore2.ConnectError("no address of the host is one that messages are sent to")
        for address in await _addresses(host, port):
            if not may_send(address, self._plain):
                continue
            try:
                stream = await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
            else:
                self._opened.append(stream)
                return stream
        raise failed

    async def close(self) -> None:
        """Closes what the library leaves open when it is interrupted during a handshake."""
        for stream in self._opened:
            with suppress(Exception):
                await stream.aclose()


async def _addresses(host: str, port: int) -> list[Address]:
    if (address := literal(host)) is not None:
        return [address]
    try:
        return await _look_up(host, port)
    except (OSError, UnicodeError):
        raise httpcore2.ConnectError("the host's name is not known") from None


async def _look_up(host: str, port: int) -> list[Address]:
    """Asks the resolver on a thread of its own, which nothing waits for.

    It can hang for half a minute and cannot be interrupted; on the loop's executor it would keep approvals waiting, and
    on any executor the end of the process.
    """
    found: Future[list[Address]] = Future()

    def look_up() -> None:
        found.set_running_or_notify_cancel()
        try:
            places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.set_result([ip_address(place[0]) for *_, place in places])
        except Exception as error:
            found.set_exception(error)

    threading.Thread(target=look_up, name="webhook-name", daemon=True).start()
    return await asyncio.wrap_future(found)
