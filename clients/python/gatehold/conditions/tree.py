"""Atoms joined by all, any and not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from gatehold.conditions.atom import Atom
from gatehold.conditions.kleene import all_of, any_of, not_
from gatehold.invalid import InvalidInput

Condition: TypeAlias = "Test | All | Any | Not"
Truths: TypeAlias = Callable[[Atom], bool | None]


@dataclass(frozen=True, slots=True)
class Test:
    """One atom."""

    __test__ = False  # pytest would collect it by its name

    atom: Atom

    def truth(self, of: Truths) -> bool | None:
        """What `of` says of the atom."""
        return of(self.atom)

    def atoms(self) -> Iterator[Atom]:
        """The atom."""
        yield self.atom


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple[Condition, ...]

    def __post_init__(self) -> None:
        _refuse_empty("all", self.parts)

    def truth(self, of: Truths) -> bool | None:
        """Kleene's and over the parts, each atom's truth taken from `of`. Stops at the first false part."""
        return all_of(part.truth(of) for part in self.parts)

    def atoms(self) -> Iterator[Atom]:
        """Every atom below, in order, repeated where it is repeated."""
        for part in self.parts:
            yield from part.atoms()


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds."""

    parts: tuple[Condition, ...]

    def __post_init__(self) -> None:
        _refuse_empty("any", self.parts)

    def truth(self, of: Truths) -> bool | None:
        """Kleene's or over the parts, each atom's truth taken from `of`. Stops at the first true part."""
        return any_of(part.truth(of) for part in self.parts)

    def atoms(self) -> Iterator[Atom]:
        """Every atom below, in order, repeated where it is repeated."""
        for part in self.parts:
            yield from part.atoms()


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition

    def truth(self, of: Truths) -> bool | None:
        """Kleene's not of the part, each atom's truth taken from `of`."""
        return not_(self.part.truth(of))

    def atoms(self) -> Iterator[Atom]:
        """Every atom below, in order, repeated where it is repeated."""
        yield from self.part.atoms()


def _refuse_empty(name: str, parts: tuple[Condition, ...]) -> None:
    # All of nothing is true: an emptied list of conditions would make its policy apply to every call.
    if not parts:
        raise InvalidInput(name, "needs at least one condition")
