"""Whose votes count, and whether there are enough."""

from dataclasses import replace

import pytest

from gatehold.vocabulary import ApprovalState, RiskLevel
from pdp.approvals.quorum import can_be_met, identity, is_asked, is_eligible, is_met, is_own
from pdp.store.approval import Approval, FrozenCall, Requirement, Vote

CALL = FrozenCall("a", "c", "{}", "{}", RiskLevel.HIGH, 1, "", "p", (Requirement("p"),), 1)
PENDING = Approval(
    "acme", "id", 1, ApprovalState.PENDING, "dev", "zoe", "", "pay:once", "", "d", "", "r", "because", CALL, 1, 2
)


def vote(who: str, *groups: str, approve: bool = True) -> Vote:
    return Vote(who, approve, groups, "", "a", 1)


def met(requirement: Requirement, *votes: Vote, **fields: str) -> bool:
    return is_met(requirement, replace(PENDING, votes=votes, **fields))  # type: ignore[arg-type]


ANY, TWO = Requirement("p"), Requirement("p", count=2)
FINANCE = Requirement("p", groups=("finance",))
EITHER = Requirement("p", groups=("finance", "legal"), count=2)
APART = Requirement("p", separation=True)
WHY = Requirement("p", justification_required=True)


@pytest.mark.parametrize(
    ("requirement", "votes", "enough"),
    [
        (ANY, (), False),
        (ANY, (vote("ann"),), True),
        (ANY, (vote("ann", approve=False),), False),
        (Requirement("p", count=0), (), False),  # zero reads as one
        (Requirement("p", count=0), (vote("ann"),), True),
        (TWO, (vote("ann"),), False),
        (TWO, (vote("ann"), vote("ann", "finance")), False),
        (TWO, (vote("ann"), vote(" ANN ")), False),
        (TWO, (vote("ann@x"), vote("ａｎｎ@x")), False),  # full width
        (TWO, (vote("straße"), vote("STRASSE")), False),
        (TWO, (vote("ann"), vote("bob", approve=False)), False),
        (TWO, (vote("ann"), vote("bob")), True),
        (FINANCE, (vote("ann"),), False),
        (FINANCE, (vote("ann", "Finance"),), False),
        (FINANCE, (vote("ann", "legal", "finance"),), True),
        (EITHER, (vote("ann", "finance"), vote("bob", "sales")), False),
        (EITHER, (vote("ann", "finance"), vote("bob", "legal")), True),
        (EITHER, (vote("ann", "finance", "legal"),), False),
        (APART, (vote("zoe"),), False),
        (APART, (vote("Zoe "),), False),
        (APART, (vote("ann"),), True),
    ],
)
def test_enough_distinct_people_of_the_groups_asked(
    requirement: Requirement, votes: tuple[Vote, ...], enough: bool
) -> None:
    assert met(requirement, *votes) is enough


def test_a_person_kept_apart_must_be_known() -> None:
    assert not met(APART, vote("ann"), vote("bob"), on_behalf_of="")
    assert met(ANY, vote("ann"), on_behalf_of="")


@pytest.mark.parametrize("said", ["", " ", "\n\t"])
def test_votes_do_not_make_up_for_a_missing_justification(said: str) -> None:
    assert not met(WHY, vote("ann"), vote("bob"), justification=said)
    assert not can_be_met(WHY, replace(PENDING, justification=said))
    assert met(WHY, vote("ann")) and met(ANY, vote("ann"), justification=said)


def asking(*requirements: Requirement, agent: str = "dev", person: str = "zoe") -> Approval:
    return replace(PENDING, agent=agent, on_behalf_of=person, call=replace(CALL, requirements=requirements))


@pytest.mark.parametrize(
    ("approval", "who", "own"),
    [
        (asking(ANY), "dev", True),
        (asking(ANY), "DEV", True),
        (asking(ANY, agent="Ann@Example.com"), "ann@example.com", True),
        (asking(ANY), "zoe", False),
        (asking(ANY, APART), "zoe", True),
        (asking(ANY, APART), "ZOE", True),
        (asking(APART), "ann", False),
        (asking(APART, person=""), "ann", False),
    ],
)
def test_whose_own_call_it_is(approval: Approval, who: str, own: bool) -> None:
    assert is_own(approval, who) is own


def test_who_is_asked() -> None:
    assert is_asked(ANY, ()) and is_asked(EITHER, ("legal",)) and not is_asked(EITHER, ("sales",))
    assert is_eligible(asking(FINANCE, Requirement("q", ("legal",))), ("legal",))
    assert not is_eligible(asking(FINANCE, EITHER), ("sales",))
    assert not is_eligible(asking(FINANCE), ())
    assert not is_eligible(asking(), ("finance",)), "nobody asks nobody"


def test_names_that_differ_are_different_people() -> None:
    assert len({identity(name) for name in ("ann", "anna", "ann@x", "ann@y", "a n n")}) == 5
