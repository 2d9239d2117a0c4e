"""One behaviour in every language: the same scenarios, told to each language's driver, against real processes."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.clients.drivers import DRIVERS, Command, run
from tests.contract.clients.worlds import Person, Worlds

CASES = Path(__file__).parents[2] / "cases"
SCENARIOS: list[dict[str, Any]] = yaml.safe_load((CASES / "conformance.yaml").read_text(encoding="utf-8"))
VECTORS = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((CASES / "digest").glob("*.json"))]

pytestmark = pytest.mark.timeout(600)  # the first use of a language builds its driver


@pytest.fixture(scope="module", params=DRIVERS)
def language(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def driver(language: str, tmp_path_factory: pytest.TempPathFactory) -> Command:
    return DRIVERS[language](tmp_path_factory.mktemp(language))


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    worlds = Worlds(tmp_path_factory.mktemp("w"))
    yield worlds
    worlds.close()


def test_the_scenarios_are_told_apart() -> None:
    names = [scenario["name"] for scenario in SCENARIOS]
    assert len(set(names)) == len(names) > 40


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["name"])
def test_a_call_comes_to_the_same_in_every_language(
    scenario: dict[str, Any], language: str, driver: Command, worlds: Worlds
) -> None:
    ref = f"{language}/{scenario['name']}"
    order = dict(scenario["send"])
    sent = {**order.pop("args", {}), "ref": ref}
    order.setdefault("args_json", json.dumps(sent))
    person = Person(worlds, ref, scenario["person"]).at_work() if "person" in scenario else nullcontext()
    with placed(worlds, scenario) as (target, environment), person:
        report = run(driver, {"target": target, **order}, environment)
    expected = dict(scenario["expect"])
    if expected.get("ran_with") == "same":
        expected["ran_with"] = sent
    elif expected.get("ran_with"):
        expected["ran_with"]["ref"] = ref
    assert {name: report.get(name) for name in expected} == expected, report


def test_a_digest_is_the_same_in_every_language(driver: Command) -> None:
    accept = [(case["text"].encode(), case["sha256"]) for vectors in VECTORS for case in vectors["accept"]]
    refuse = [(raw(case), None) for vectors in VECTORS for case in vectors["refuse"]]
    texts = [base64.b64encode(text).decode() for text, _ in accept + refuse]
    report = run(driver, {"operation": "digests", "texts": texts}, {})
    assert report["digests"] == [digest for _, digest in accept + refuse]


def raw(case: dict[str, str]) -> bytes:
    if "bytes_hex" in case:
        return bytes.fromhex(case["bytes_hex"])
    return case["text"].encode("utf-8", "surrogatepass")


@contextmanager
def placed(worlds: Worlds, scenario: dict[str, Any]) -> Iterator[Any]:
    yield from worlds.place(scenario.get("world", "live"), scenario.get("gate", ""))
