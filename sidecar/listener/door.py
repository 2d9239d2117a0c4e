"""Who may come in."""

import hmac
import re

import grpc

from gatehold.serving import Context, Refusal
from gatehold.v1.error_reason_pb2 import ErrorReason
from sidecar.model import Caller
from sidecar.sessions import Sessions

_AUTHORIZATION = "authorization"
# What may be a session's token; whether it is one, the decision point says. The scheme's case does not matter (RFC
# 9110, section 11.1).
_SESSION = re.compile(r"(?i:bearer) (ghs_[A-Za-z0-9_-]{1,128})", re.ASCII)


class Door:
    """A Unix socket's: whoever could open the socket is the agent, narrowed by the session's token it shows.

    Args:
        agent: whom this sidecar serves.
        require_session: whether a caller without one stays outside.
    """

    def __init__(self, agent: str, require_session: bool = False) -> None:
        self._agent = agent
        self._require_session = require_session

    def admit(self, context: Context) -> Caller:
        """Lets the caller in.

        Raises:
            Refusal: UNAUTHENTICATED. What is shown and is no session's token is refused too: its holder, who may have
                meant to show one, would be the whole agent.
        """
        shown = _shown(context)
        if not shown and not self._require_session:
            return Caller(self._agent)
        token = _session(shown)
        if not token:
            raise _outside("metadata authorization must be Bearer and a session's token", not self._require_session)
        return Caller(self._agent, token)


class TcpDoor(Door):
    """A TCP port's: any process of any user on the machine can reach it, so each call must show a token.

    Args:
        token: the sidecar's own, whose holder is the whole agent; empty where only sessions are let in.
    """

    def __init__(self, agent: str, sessions: Sessions, token: str) -> None:
        super().__init__(agent, require_session=not token)
        self._sessions = sessions
        self._expected = f"Bearer {token}".encode() if token else None

    def admit(self, context: Context) -> Caller:
        """Lets the caller in that shows exactly the token, or a session's, which the decision point then verifies.

        Raises:
            Refusal: UNAUTHENTICATED.
        """
        shown = _shown(context)
        expected = self._expected
        if expected and len(shown) == 1 and hmac.compare_digest(shown[0].encode(), expected):
            return Caller(self._agent)
        token = _session(shown)
        if not token:
            own = "the sidecar's token, or " if expected else ""
            raise _outside(f"metadata authorization must be Bearer and {own}a session's token")
        return Caller(self._agent, token, known=self._sessions.knows(token))


def _shown(context: Context) -> list[str]:
    values = [value for key, value in context.invocation_metadata() or () if key == _AUTHORIZATION]
    return [value if isinstance(value, str) else value.decode("ascii", "replace") for value in values]


def _session(shown: list[str]) -> str:
    match = _SESSION.fullmatch(shown[0]) if len(shown) == 1 else None
    return match[1] if match else ""


def _outside(message: str, may_be_absent: bool = False) -> Refusal:
    text = f"{message}, or absent" if may_be_absent else message
    return Refusal(grpc.StatusCode.UNAUTHENTICATED, ErrorReason.ERROR_REASON_CREDENTIAL_INVALID, text)
