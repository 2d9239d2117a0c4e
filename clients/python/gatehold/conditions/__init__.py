"""Conditions on a call, and what they are worth when part of it is missing: true, false or unknown (None).

Pure: no clock, no I/O, no randomness. The PDP and the sidecar evaluate the same atoms with this same code, which is
what lets a sidecar reuse a decision.
"""

from gatehold.conditions.atom import ABSENT, EVALUATOR_VERSION, Atom
from gatehold.conditions.field import Field
from gatehold.conditions.operators import Operator
from gatehold.conditions.tree import All, Any, Condition, Not, Test

__all__ = [
    "ABSENT",
    "EVALUATOR_VERSION",
    "All",
    "Any",
    "Atom",
    "Condition",
    "Field",
    "Not",
    "Operator",
    "Test",
]
