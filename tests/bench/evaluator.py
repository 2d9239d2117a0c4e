"""The decision itself, in this process: no wire, no record. Every call has arguments of its own."""

import time
from collections.abc import Callable, Sequence

from pdp.configuration import Configuration
from pdp.evaluate import evaluate
from pdp.model import Call
from tests.bench.figures import Row, Samples, at_most, row
from tests.bench.policies import (
    ON_ONE_VERB,
    by_customer,
    by_threshold,
    calls,
    configuration,
    elsewhere,
    many_verbs,
    refund_gate,
)
from tests.bench.rounds import Plan

NAME = "evaluator"
CALLS = 5_000
SIZES = (10, 1_000, 10_000, 100_000)
_LOOKUP = "a dict lookup"
_KEPT = "the verdict is kept by which policies are true, not by arguments"
_MADE = "too many verdicts to keep: each is made anew"


def run(plan: Plan) -> list[Row]:
    """Processor time of a decision, by how many policies there are and how many of them speak to the call."""
    count = plan.calls(CALLS)
    # A test that only wants to see it run need not compile a hundred thousand policies.
    sizes = SIZES if plan.scale >= 1 else SIZES[:2]
    timed = {_name(size): _timed(_of_size(size), calls(count)) for size in sizes}
    verbs = sizes[-1] // ON_ONE_VERB
    every = f"{sizes[-1]:,} policies, {verbs:,} verbs in turn"
    customers, thresholds = "1,000 policies on one verb, one true", "1,000 policies on one verb, half true"
    timed[every] = _timed(configuration(list(elsewhere(sizes[-1])), many_verbs(verbs)), calls(count, verbs))
    timed[customers] = _timed(configuration([*refund_gate(), *by_customer(998)]), calls(count))
    timed[thresholds] = _timed(configuration([*refund_gate(), *by_threshold(998)]), calls(count))
    known = {call.verb: call for call in calls(count, verbs)}
    timed[_LOOKUP] = _lookups(known, calls(count))

    samples = {name: Samples(name, "µs", values) for name, values in plan.play(timed).items()}
    least, most = samples[_name(sizes[0])], samples[_name(sizes[-1])]
    notes = {every: "more verbs than plans are kept: most are compiled anew", customers: _MADE, thresholds: _MADE}
    return [
        *(
            row(NAME, ours, samples[_LOOKUP], note=notes.get(name, _KEPT))
            for name, ours in samples.items()
            if name != _LOOKUP
        ),
        row(NAME, most, least, at_most(1.5)),
    ]


def _name(size: int) -> str:
    return f"{size:,} policies, {ON_ONE_VERB} on the verb"


def _of_size(size: int) -> Configuration:
    on_refunds = [*refund_gate(), *by_customer(ON_ONE_VERB - 2)]
    return configuration([*on_refunds, *elsewhere(size - ON_ONE_VERB)])


def _timed(of: Configuration, made: list[Call]) -> Callable[[], float]:
    return lambda: per_call(lambda call: evaluate(of, call), made)


def _lookups(known: dict[str, Call], made: list[Call]) -> Callable[[], float]:
    return lambda: per_call(lambda call: known.get(call.verb), made)


def per_call(work: Callable[[Call], object], made: Sequence[Call]) -> float:
    """Processor time of `work` for one call, in µs. It leaves out what other processes take of the machine."""
    began = time.thread_time_ns()
    for call in made:
        work(call)
    return (time.thread_time_ns() - began) / len(made) / 1_000
