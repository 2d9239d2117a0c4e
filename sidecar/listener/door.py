"""Who may come in."""

import hmac

import grpc

from gatehold.serving import Context, Refusal
from gatehold.v1.error_reason_pb2 import ErrorReason

_AUTHORIZATION = "authorization"


class Door:
    """A Unix socket's: whoever could open the socket is the agent."""

    def admit(self, context: Context) -> None:
        """Lets the caller in, or raises Refusal."""


class TokenDoor(Door):
    """A TCP port's: any process of any user on the machine can reach it, so each call must show the token."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

    def admit(self, context: Context) -> None:
        """Lets the caller in that shows exactly the token.

        Raises:
            Refusal: UNAUTHENTICATED.
        """
        shown = [value for key, value in context.invocation_metadata() or () if key == _AUTHORIZATION]
        if len(shown) != 1 or not hmac.compare_digest(_bytes(shown[0]), self._expected):
            raise Refusal(
                grpc.StatusCode.UNAUTHENTICATED,
                ErrorReason.ERROR_REASON_CREDENTIAL_INVALID,
                "metadata authorization must be Bearer and the sidecar's token",
            )


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()
