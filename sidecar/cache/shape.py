"""How the calls of one verb are told apart: the digest of what they say, or the truth of a few atoms."""

from dataclasses import dataclass, field
from typing import TypeAlias

from gatehold.conditions import EVALUATOR_VERSION, Atom
from gatehold.invalid import InvalidInput
from gatehold.v1.reuse_pb2 import Reuse, ReuseMode
from sidecar.model import Call

MAX_ATOMS = 64
_ROOTS = frozenset({"args", "context"})

Form: TypeAlias = "tuple[ReuseMode, tuple[tuple[str, str, str], ...]]"


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One way to tell calls apart. Equal when stated alike; the hash is made once, because keys need it for every call.

    Attributes:
        form: as the decision point stated it.
        atoms: None where whole arguments and context count.
    """

    form: Form
    atoms: tuple[Atom, ...] | None
    _hash: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash(self.form))

    def __eq__(self, other: object) -> bool:
        return self.form == other.form if isinstance(other, Shape) else NotImplemented

    def __hash__(self) -> int:
        return self._hash

    def findings(self, call: Call) -> tuple[object, ...]:
        """What of the call counts."""
        if self.atoms is None:
            return call.args_digest, call.context_digest
        document = {"args": call.args, "context": call.context}
        return tuple([atom.truth(document) for atom in self.atoms])


def form_of(reuse: Reuse) -> Form:
    """The shape as stated, for telling whether it is one that is already known."""
    return reuse.mode, tuple([(atom.field, atom.operator, atom.value_json) for atom in reuse.atoms])


def read_shape(reuse: Reuse) -> Shape | None:
    """Returns the shape, or None where nothing may be reused: unknown mode or evaluator, or an unreadable atom."""
    form = form_of(reuse)
    mode, triples = form
    if reuse.evaluator_version != EVALUATOR_VERSION or len(triples) > MAX_ATOMS:
        return None
    if mode == ReuseMode.REUSE_MODE_EXACT:
        return Shape(form, None)
    if mode != ReuseMode.REUSE_MODE_ATOMS:
        return None
    try:
        atoms = tuple([Atom.from_wire(*triple) for triple in triples])
    except InvalidInput:
        return None
    # An atom on the agent's attributes is the decision point's to fold in; here it would always come out unknown.
    return Shape(form, atoms) if all(atom.root in _ROOTS for atom in atoms) else None
