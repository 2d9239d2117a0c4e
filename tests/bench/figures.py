"""A figure, what it stands beside, and what was hoped for."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound on a ratio. `at_least`: a floor of it rather than a ceiling."""

    bound: float
    at_least: bool

    def met(self, ratio: float) -> bool:
        """Whether the ratio is within the bound."""
        return ratio >= self.bound if self.at_least else ratio <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"


def at_least(bound: float) -> Goal:
    """A goal that the ratio reaches `bound`."""
    return Goal(bound, at_least=True)


def at_most(bound: float) -> Goal:
    """A goal that the ratio stays within `bound`."""
    return Goal(bound, at_least=False)


@dataclass(frozen=True, slots=True)
class Samples:
    """What was measured of one thing, one value for each round."""

    name: str
    unit: str
    values: Sequence[float]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        bench: which benchmark it is of.
        value: the median, in `unit`.
        against: what it stands beside; empty where that could not be measured.
        ratio: median over the rounds of value through what it stands beside in the same round; with its extremes.
        goal: what was hoped of the ratio; empty where nothing was.
        met: whether it is so; None without a goal.
        note: what a reader must know.
    """

    bench: str
    name: str
    unit: str = ""
    value: float | None = None
    against: str = ""
    floor: float | None = None
    ratio: float | None = None
    ratio_least: float | None = None
    ratio_most: float | None = None
    goal: str = ""
    met: bool | None = None
    note: str = ""

    def document(self) -> dict[str, object]:
        """For programs."""
        return asdict(self)


def row(bench: str, ours: Samples, against: Samples, goal: Goal | None = None, note: str = "") -> Row:
    """Sets one thing beside another that was measured in the same rounds."""
    # The clock of a process's processor time ticks every 10 ms, so few calls may take none of it.
    ratios = [one / other for one, other in zip(ours.values, against.values, strict=True) if other]
    if not ratios:
        return Row(bench, ours.name, note="too few calls to tell")
    ratio = median(ratios)
    return Row(
        bench=bench,
        name=ours.name,
        unit=ours.unit,
        value=ours.median,
        against=against.name,
        floor=against.median,
        ratio=ratio,
        ratio_least=min(ratios),
        ratio_most=max(ratios),
        goal=str(goal) if goal else "",
        met=goal.met(ratio) if goal else None,
        note=note,
    )
