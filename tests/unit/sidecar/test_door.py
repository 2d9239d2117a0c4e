"""Who is let in, as what."""

from collections.abc import Sequence

import pytest

from gatehold.serving import Refusal
from sidecar.listener import Door, TcpDoor
from sidecar.model import Caller
from sidecar.sessions import Sessions

OWN = "own-token-of-the-sidecar"
TOKEN = "ghs_0123456789abcdef_" + "t" * 43
AGENT = Caller("dev")
NO_CREDENTIALS = [
    ["Bearer " + TOKEN, "Bearer " + TOKEN],
    ["Bearer " + OWN, "Bearer " + TOKEN],
    [""],
    ["Bearer "],
    ["Bearer gh_0123456789abcdef_" + "t" * 43],
    [TOKEN],
    ["Basic " + TOKEN],
    ["Bearer  " + TOKEN],
    ["Bearer " + TOKEN + " "],
    ["Bearer ghs_"],
    ["Bearer ghs_" + "t" * 129],
    ["Bearer ghs_caf\u00e9"],
]


class Metadata:
    """The one part of a call that a door reads."""

    def __init__(self, shown: Sequence[str]) -> None:
        self.shown = shown

    def invocation_metadata(self) -> list[tuple[str, str]]:
        pairs = [("gatehold-session", "Bearer ghs_1_2"), ("gatehold-agent", "other")]
        return pairs + [("authorization", value) for value in self.shown]


def admitted(door: Door, *shown: str) -> Caller:
    return door.admit(Metadata(shown))  # type: ignore[arg-type]


def outside(door: Door, *shown: str) -> str:
    with pytest.raises(Refusal) as refusal:
        admitted(door, *shown)
    assert refusal.value.code.name == "UNAUTHENTICATED"
    return refusal.value.message


def test_whoever_opens_the_socket_is_the_agent_or_in_the_session_it_shows() -> None:
    assert admitted(Door("dev")) == AGENT
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert admitted(Door("dev"), f"{scheme} {TOKEN}") == Caller("dev", TOKEN)


@pytest.mark.parametrize("shown", NO_CREDENTIALS)
@pytest.mark.parametrize("door", [Door("dev"), Door("dev", True), TcpDoor("dev", Sessions(), OWN)])
def test_what_is_no_token_of_a_session_makes_nobody_the_whole_agent(door: Door, shown: list[str]) -> None:
    assert "t" * 20 not in outside(door, *shown) and OWN not in outside(door, *shown)


def test_where_sessions_are_required_nobody_is_the_whole_agent() -> None:
    assert "session's token" in outside(Door("dev", True))
    assert admitted(Door("dev", True), f"Bearer {TOKEN}") == Caller("dev", TOKEN)
    only_sessions = TcpDoor("dev", Sessions(), "")
    for shown in ([], ["Bearer "], [f"Bearer {OWN}"]):
        outside(only_sessions, *shown)
    assert admitted(only_sessions, f"Bearer {TOKEN}").token == TOKEN


def test_over_tcp_a_session_is_a_strangers_until_it_is_verified() -> None:
    sessions = Sessions()
    door = TcpDoor("dev", sessions, OWN)
    outside(door)
    assert admitted(door, f"Bearer {OWN}") == AGENT
    assert admitted(door, f"Bearer {TOKEN}") == Caller("dev", TOKEN, known=False)
    sessions.verified(TOKEN, "s1")
    assert admitted(door, f"Bearer {TOKEN}") == Caller("dev", TOKEN)


def test_a_token_is_in_no_repr() -> None:
    assert TOKEN not in repr(Caller("dev", TOKEN))
