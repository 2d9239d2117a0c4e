"""1,164 tool calls that a real model made, replayed through a real decision point and a real sidecar.

The calls, the tools and the written policy are in `shared/data/tau-bench-airline` beside the checkout; without them the
tests skip. Run with `-s` to see the figures.
"""

import json
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.airline_oracle import decide
from tests.stack import Stack

DATA = Path(__file__).parents[3] / "shared/data/tau-bench-airline"
CASES = Path(__file__).parents[1] / "cases/airline"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"the recorded calls are not at {DATA.name} beside the checkout"
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Stack(tmp_path_factory.mktemp("airline")) as stack:
        stack.start_pdp()
        apply_catalog(stack)
        applied = stack.gatehold("policy", "apply", str(CASES / "policies.yaml"), "--reason", "the written policy")
        assert applied.returncode == 0, applied.stderr
        stack.start_sidecar()
        yield stack


def apply_catalog(stack: Stack) -> None:
    """Imports the tools, classifies them and applies the result, by the commands a person would use."""
    imported = stack.gatehold("catalog", "import", "openai", str(DATA / "tools.json"), "--provider", "airline")
    assert imported.returncode == 0, imported.stderr
    document = yaml.safe_load(imported.stdout)
    known = yaml.safe_load((CASES / "verbs.yaml").read_text())
    assert {entry["verb"] for entry in document["entries"]} == set(known)
    for entry in document["entries"]:
        assert entry["risk_level"] == "HIGH", "what an import cannot tell is HIGH"
        entry.update(known[entry["verb"]])
    classified = stack.folder / "airline.json"
    classified.write_text(json.dumps(document))
    applied = stack.gatehold("catalog", "apply", str(classified))
    assert applied.returncode == 0, applied.stderr


def calls() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / "calls.jsonl").read_text().splitlines()]


def tools() -> dict[str, Any]:
    return {tool["name"]: tool for tool in json.loads((DATA / "tools.json").read_text())}


def test_every_decision_is_the_oracles(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    guard, known = stack.guard(), tools()
    recorded = calls()
    decisions: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    seconds: list[float] = []
    for call in recorded:
        began = time.perf_counter()
        answer = guard.evaluate(call["verb"], call["args"])
        seconds.append(time.perf_counter() - began)
        expected = decide(call["verb"], call["args"], known)
        assert answer.decision.value == expected, (call, answer)
        decisions[answer.decision.value] += 1
        sources[answer.source.value] += 1
    assert len(recorded) == 1_164 and set(decisions) == {"allow", "require_approval", "block"}
    assert sources["fail_closed"] == 0
    centiles = statistics.quantiles(seconds, n=100)
    with capsys.disabled():
        print(
            f"\n1,164 recorded calls: {dict(decisions)}, answered by {dict(sources)}, "
            f"p50 {centiles[49] * 1e6:.0f} us, p99 {centiles[98] * 1e6:.0f} us"
        )


BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("airline:calculate", {"expression": "__import__('os')"}),
    ("airline:send_certificate", {"user_id": "u", "amount": 75}),
    ("airline:send_certificate", {"user_id": "u", "amount": "100"}),
    ("airline:update_reservation_passengers", {"reservation_id": "R", "passengers": []}),
    ("airline:teleport", {}),
]


def changed(base: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**base, **changes}


def test_what_the_model_did_not_do_is_decided_as_the_oracle_does(stack: Stack) -> None:
    known, guard = tools(), stack.guard()
    base = next(c["args"] for c in calls() if c["verb"] == "airline:book_reservation")
    methods = [{"payment_id": f"{kind}_{n}", "amount": 1} for n in range(4) for kind in ("certificate", "credit_card")]
    gifts = [{"payment_id": f"gift_card_{n}", "amount": 1} for n in range(4)]
    bookings = [
        changed(base, passengers=base["passengers"][:1] * 6),
        changed(base, passengers=[]),
        changed(base, payment_methods=methods[:1] + methods[2:3]),
        changed(base, payment_methods=methods[1:2] + methods[3:4]),
        changed(base, payment_methods=gifts),
        changed(base, payment_methods=methods[:2] + gifts[:3]),
        changed(base, nonfree_baggages=3, total_baggages=2),
        changed(base, insurance="perhaps"),
        {name: value for name, value in base.items() if name != "passengers"},
    ]
    flights = next(c["args"] for c in calls() if c["verb"] == "airline:update_reservation_flights")
    cases = [*BROKEN, *(("airline:book_reservation", args) for args in bookings)]
    cases.append(("airline:update_reservation_flights", changed(flights, payment_id="certificate_1")))
    seen = Counter(expected := decide(verb, args, known) for verb, args in cases)
    for verb, args in cases:
        expected = decide(verb, args, known)
        assert guard.evaluate(verb, args).decision.value == expected, (verb, args)
    assert seen["block"] >= 12 and seen["allow"] >= 1
