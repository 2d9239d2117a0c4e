"""Equal outcomes kept once: callers choose how many entries there are, and a policy's obligations may be long."""

from weakref import WeakValueDictionary

from google.protobuf.message import Message

from sidecar.model import Outcome


class Outcomes:
    """One object for each value, for as long as an entry holds it."""

    def __init__(self) -> None:
        self._kept: WeakValueDictionary[tuple[object, ...], Outcome] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._kept)

    def shared(self, outcome: Outcome) -> Outcome:
        """The kept outcome of the same value; the given one where it is the first."""
        return self._kept.setdefault(_value(outcome), outcome)


def _value(outcome: Outcome) -> tuple[object, ...]:
    """All of the outcome as something that can be hashed, which messages cannot."""
    return tuple([_hashable(getattr(outcome, name)) for name in Outcome.__dataclass_fields__])


def _hashable(part: object) -> object:
    if isinstance(part, tuple):
        return tuple([_hashable(one) for one in part])
    return part.SerializeToString(deterministic=True) if isinstance(part, Message) else part
