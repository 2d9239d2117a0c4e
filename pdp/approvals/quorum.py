"""Whose votes count, and whether there are enough. Pure."""

import unicodedata
from collections.abc import Collection

from pdp.store.approval import Approval, Requirement, Vote


def is_met(requirement: Requirement, approval: Approval) -> bool:
    """Whether enough distinct people approve for what one policy asks. One vote may count for several policies."""
    if not can_be_met(requirement, approval):
        return False
    approvers = {identity(vote.approver) for vote in approval.votes if _counts(requirement, approval, vote)}
    return len(approvers) >= max(requirement.count, 1)


def can_be_met(requirement: Requirement, approval: Approval) -> bool:
    """Whether the requester said all that the policy wants said; no vote makes up for that.

    Where people are kept apart, that is the person the agent acts for: it could otherwise approve unseen.
    """
    if requirement.separation and not approval.on_behalf_of:
        return False
    return bool(approval.justification.strip()) or not requirement.justification_required


def _counts(requirement: Requirement, approval: Approval, vote: Vote) -> bool:
    separate = not requirement.separation or identity(vote.approver) != identity(approval.on_behalf_of)
    return vote.approve and separate and is_asked(requirement, vote.groups)


def is_asked(requirement: Requirement, groups: Collection[str]) -> bool:
    """Whether a member of these groups is among those whom the policy asks."""
    return not requirement.groups or not set(requirement.groups).isdisjoint(groups)


def is_eligible(approval: Approval, groups: Collection[str]) -> bool:
    """Whether any of the policies asks a member of these groups."""
    return any(is_asked(requirement, groups) for requirement in approval.call.requirements)


def is_own(approval: Approval, approver: str) -> bool:
    """Whether the approver asked for the call itself: the agent, or, where a policy separates, whom it acts for."""
    asking = {identity(approval.agent)}
    if any(requirement.separation for requirement in approval.call.requirements):
        asking.add(identity(approval.on_behalf_of))
    return identity(approver) in asking


def identity(name: str) -> str:
    """A name as people compare it: `Ann@example.com` and `ann@example.com` are one person (Unicode UAX #15, NFKC)."""
    return unicodedata.normalize("NFKC", name).casefold().strip()
