"""What a session narrows its agent to. Pure: it can only turn a call away, never let one through."""

from collections.abc import Mapping
from dataclasses import dataclass

from gatehold.conditions import Condition
from pdp.model import Call
from pdp.policy.entry import Entry
from pdp.policy.pattern import Pattern, matches


@dataclass(frozen=True, slots=True)
class SessionScope:
    """One session.

    Attributes:
        session_id: random, not secret.
        on_behalf_of: whom every call is made for; empty where that is not fixed.
        verbs: patterns of which one must match; with `bundles` both empty, any verb.
        bundles: those in which a verb may be instead.
        ceilings: all must be true of every call; unknown is not true.
    """

    session_id: str
    on_behalf_of: str = ""
    verbs: tuple[Pattern, ...] = ()
    bundles: frozenset[str] = frozenset()
    ceilings: tuple[Condition, ...] = ()

    def problem(self, entry: Entry, call: Call) -> str:
        """Why the call is outside, in one sentence; empty where it is inside."""
        if self.on_behalf_of and call.on_behalf_of != self.on_behalf_of:
            return "The session acts for somebody else."
        if not self.names(entry):
            return "The session does not permit this verb."
        document = {"args": call.args, "context": call.context, "agent": call.agent.attributes}
        if not all(_holds(ceiling, document) for ceiling in self.ceilings):
            return "The call is over a ceiling of the session."
        return ""

    def acts_for(self, on_behalf_of: str) -> str:
        """Whom a call is for that says this; one that says nothing is for whom the session is."""
        return on_behalf_of or self.on_behalf_of

    def names(self, entry: Entry) -> bool:
        """Whether the session permits the verb at all."""
        if not self.verbs and not self.bundles:
            return True
        verb = (entry.provider, entry.tool)
        return any(matches(pattern, verb) for pattern in self.verbs) or (entry.bundle in self.bundles)


def _holds(ceiling: Condition, document: Mapping[str, object]) -> bool:
    try:
        return ceiling.truth(lambda atom: atom.truth(document)) is True
    except Exception:  # what cannot be evaluated does not hold
        return False
