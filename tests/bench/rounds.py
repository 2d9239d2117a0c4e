"""Rounds in which contestants take turns, so that whatever else the machine does falls on all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to measure.

    Attributes:
        rounds: samples of each contestant.
        scale: share of the usual number of calls in a sample; a test that only wants to see it run takes little.
        tick: called after each round.
    """

    rounds: int = 9
    scale: float = 1.0
    tick: Callable[[], None] = lambda: None

    def calls(self, usual: int) -> int:
        """How many calls a sample makes."""
        return max(2, round(usual * self.scale))

    def play(self, contestants: Mapping[str, Callable[[], T]]) -> dict[str, list[T]]:
        """Takes a sample of each contestant in each round, after one that does not count. They take turns to begin."""
        names = list(contestants)
        samples: dict[str, list[T]] = {name: [] for name in names}
        for contestant in contestants.values():
            contestant()
        for number in range(self.rounds):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                samples[name].append(contestants[name]())
            self.tick()
        return samples
