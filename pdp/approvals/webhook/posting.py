"""One attempt to deliver a message: an HTTP request, and what its answer means.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Delivery success and
failure".
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import httpcore2

from gatehold.version import VERSION
from pdp.approvals.webhook.endpoint import Endpoint
from pdp.approvals.webhook.network import CheckedNetwork

ATTEMPT_SECONDS = 10.0
_CONNECT_SECONDS = 4.0  # for each address, and for the handshake; so a second one gets its turn
_LONGEST_ASKED = 24 * 60 * 60
_SHOWN = 200  # characters of what the operating system or TLS says of a connection


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to.

    Attributes:
        error: what went wrong; empty where the message was taken. Never text that the receiver sent.
        gone: the receiver says that it wants no messages ever again.
        asked_seconds: for how long the receiver asks to be left alone, at most a day; 0 where it does not.
    """

    error: str = ""
    gone: bool = False
    asked_seconds: int = 0


class Poster:
    """Posts messages, each over a connection of its own. Proxies, redirects, cookies and answers' bodies are ignored.

    Args:
        attempt_seconds: for everything, from the look-up of the name to the head of the answer.
    """

    def __init__(self, attempt_seconds: float = ATTEMPT_SECONDS) -> None:
        self._seconds = attempt_seconds
        self._tls = httpcore2.default_ssl_context()

    async def post(self, endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Makes one attempt. Raises nothing but its cancellation."""
        network = CheckedNetwork(endpoint.plain)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(network, endpoint, headers, body)
        except TimeoutError:
            return Outcome(f"no answer within {self._seconds:g} s")
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
            return Outcome(f"cannot connect: {str(error)[:_SHOWN] or 'it takes too long'}")
        except Exception as error:  # a message that cannot be sent must not keep the others
            return Outcome(f"no answer that is HTTP: {type(error).__name__}")
        finally:
            await network.close()

    async def _post(
        self, network: CheckedNetwork, endpoint: Endpoint, headers: Mapping[str, str], body: bytes
    ) -> Outcome:
        scheme = "http" if endpoint.plain else "https"
        url = httpcore2.URL(scheme=scheme, host=endpoint.host, port=endpoint.port, target=endpoint.target)
        connection = httpcore2.AsyncHTTPConnection(url.origin, self._tls, network_backend=network)
        all_headers = [
            ("host", endpoint.authority),
            ("user-agent", f"gatehold/{VERSION}"),
            ("content-type", "application/json"),
            ("connection", "close"),
            *headers.items(),
        ]
        waits = {"timeout": {"connect": min(_CONNECT_SECONDS, self._seconds)}}
        async with connection.stream("POST", url, headers=all_headers, content=body, extensions=waits) as response:
            return _outcome(response.status, response.headers)


def _outcome(status: int, headers: Sequence[tuple[bytes, bytes]]) -> Outcome:
    if 200 <= status < 300:
        return Outcome()
    said = "redirects are not followed" if 300 <= status < 400 else _phrase(status)
    return Outcome(f"status {status}: {said}", status == HTTPStatus.GONE, _asked_seconds(headers))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown"


def _asked_seconds(headers: Sequence[tuple[bytes, bytes]]) -> int:
    """`Retry-After` in seconds; a date would be one on the receiver's clock, and is not looked at."""
    values = [value for name, value in headers if name.lower() == b"retry-after"]
    if len(values) == 1 and values[0].isdigit() and len(values[0]) < 10:
        return min(int(values[0]), _LONGEST_ASKED)
    return 0
