"""Calls in a session are the decision point's to decide, and their tokens its to verify."""

import grpc
import pytest

from gatehold.serving import Refusal
from gatehold.v1.error_reason_pb2 import ErrorReason
from gatehold.v1.reuse_pb2 import Reuse, ReuseMode
from sidecar.cache import Cached, ReuseStore, SingleFlight
from sidecar.model import Answer, Call, Caller
from sidecar.sessions import InSession, Sessions
from tests.unit.sidecar.calls import Clock, answer, call, leased, reuse

TOKEN = "ghs_0123456789abcdef_" + "t" * 43
ALLOWED = answer(reuse(), reason="outside any session")


class Upstream:
    """Decides every call anew, those in a session as one that could be reused, which no decision point does."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.error: Exception | None = None

    async def decide(self, call: Call) -> Answer:
        self.asked.append(call.caller.token)
        if self.error is not None:
            raise self.error
        if not call.caller.token:
            return ALLOWED
        made = answer(reuse(), reason="in a session")
        return Answer(made.outcome, made.source, "d", reuse=made.reuse, session="s1")


class Desk:
    def __init__(self) -> None:
        clock = Clock()
        self.store = ReuseStore(leased(clock), clock)
        self.upstream, self.sessions = Upstream(), Sessions()
        reusing = Cached(SingleFlight(self.upstream, self.store, clock), self.store)
        self.decider = InSession(reusing, self.upstream, self.sessions)

    async def reason(self, token: str = "") -> str:
        return (await self.decider.decide(call(token=token))).outcome.reason


async def test_a_kept_answer_is_not_given_to_a_call_in_a_session() -> None:
    desk = Desk()
    assert [await desk.reason(), await desk.reason()] == ["outside any session"] * 2
    assert desk.upstream.asked == [""]  # so it is kept
    assert [await desk.reason(TOKEN), await desk.reason(TOKEN)] == ["in a session"] * 2
    assert desk.upstream.asked == ["", TOKEN, TOKEN]


async def test_an_answer_in_a_session_is_never_kept() -> None:
    desk = Desk()
    await desk.reason(TOKEN)
    assert len(desk.store) == 0
    assert await desk.reason() == "outside any session"


async def test_a_token_is_known_from_its_first_answer_until_it_is_refused() -> None:
    desk = Desk()
    caller = Caller("dev", TOKEN)
    with pytest.raises(Refusal) as refusal:
        desk.sessions.of(caller)
    assert refusal.value.code is grpc.StatusCode.UNAUTHENTICATED and TOKEN not in refusal.value.message
    await desk.reason(TOKEN)
    assert desk.sessions.of(caller) == "s1" and desk.sessions.knows(TOKEN)
    assert not desk.sessions.knows(TOKEN[:-1] + "u")
    desk.upstream.error = Refusal(grpc.StatusCode.UNAUTHENTICATED, ErrorReason.ERROR_REASON_CREDENTIAL_INVALID, "no")
    with pytest.raises(Refusal):
        await desk.reason(TOKEN)
    assert not desk.sessions.knows(TOKEN)


async def test_a_failure_to_decide_verifies_nothing_and_forgets_nothing() -> None:
    desk = Desk()
    desk.upstream.error = Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, ErrorReason.ERROR_REASON_TOO_MANY_CALLS, "busy")
    with pytest.raises(Refusal):
        await desk.reason(TOKEN)
    assert not desk.sessions.knows(TOKEN)
    desk.sessions.verified(TOKEN, "s1")
    with pytest.raises(Refusal):
        await desk.reason(TOKEN)
    assert desk.sessions.knows(TOKEN)


def test_a_caller_in_no_session_needs_none() -> None:
    assert Sessions().of(Caller("dev")) == ""


def test_what_is_remembered_is_bounded_and_holds_no_token() -> None:
    sessions = Sessions()
    for number in range(1_100):
        sessions.verified(f"{TOKEN}{number}", str(number))
    kept = sessions.__dict__["_verified"]
    assert len(kept) == 1_000 and TOKEN.encode() not in b"".join(kept)
    assert sessions.knows(f"{TOKEN}1099") and not sessions.knows(f"{TOKEN}0")


def test_the_decision_point_permits_no_reuse_in_a_session() -> None:
    made = answer(Reuse(mode=ReuseMode.REUSE_MODE_NONE, session="s1"))
    desk = Desk()
    desk.store.keep(call(), made, 1)
    assert len(desk.store) == 0
