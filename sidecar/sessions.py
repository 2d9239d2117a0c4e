"""Calls in a session: what its token permits is the decision point's to say, every time."""

import hashlib

import grpc
from cachetools import LRUCache

from gatehold.serving import Refusal
from gatehold.v1.error_reason_pb2 import ErrorReason
from sidecar.model import Answer, Call, Caller, Decider

_REMEMBERED = 1_000


class Sessions:
    """Which session each token stands for, as the decision point answered. It keeps digests, never a token."""

    def __init__(self) -> None:
        # Found by a digest, which nobody can choose: how long a look takes says nothing of any token.
        self._verified: LRUCache[bytes, str] = LRUCache(_REMEMBERED)

    def verified(self, token: str, session_id: str) -> None:
        """Notes that the decision point decided a call that showed the token."""
        self._verified[_digest(token)] = session_id

    def refused(self, token: str) -> None:
        """Notes that it takes the token no more."""
        self._verified.pop(_digest(token), None)

    def knows(self, token: str) -> bool:
        """Whether the decision point has verified the token for this process, and not refused it since."""
        return _digest(token) in self._verified

    def of(self, caller: Caller) -> str:
        """Id of the session that the caller is in; empty for one in none.

        Raises:
            Refusal: UNAUTHENTICATED where the decision point has not verified its token yet.
        """
        if not caller.token:
            return ""
        session_id = self._verified.get(_digest(caller.token))
        if session_id is None:
            raise unverified()
        return session_id


class InSession:
    """Takes calls in a session past the cache: what a session permits is in no key.

    Args:
        inner: decides the others.
        upstream: decides by asking the decision point, every time.
    """

    def __init__(self, inner: Decider, upstream: Decider, sessions: Sessions) -> None:
        self._inner = inner
        self._upstream = upstream
        self._sessions = sessions

    async def decide(self, call: Call) -> Answer:
        """The decision point's own answer to a call in a session, the inner one to any other."""
        token = call.caller.token
        if not token:
            return await self._inner.decide(call)
        try:
            answer = await self._upstream.decide(call)
        except Refusal as refusal:
            if refusal.code is grpc.StatusCode.UNAUTHENTICATED:
                self._sessions.refused(token)
            raise
        self._sessions.verified(token, answer.session)
        return answer


def unverified() -> Refusal:
    """UNAUTHENTICATED, because only the decision point can tell whether a token is valid, and it has not been asked."""
    return Refusal(
        grpc.StatusCode.UNAUTHENTICATED,
        ErrorReason.ERROR_REASON_CREDENTIAL_INVALID,
        "the decision point has decided no call of this session through this sidecar yet, so nobody has verified it",
    )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
