"""The golden cases: what is decided, as data (`tests/cases/decisions`)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatehold.vocabulary import AgentMode
from pdp.catalog.catalog import Catalog
from pdp.catalog.load import load_catalog
from pdp.configuration import Configuration
from pdp.documents import load_documents
from pdp.evaluate import evaluate
from pdp.model import Agent, Call, Verdict
from pdp.policy.load import load_policies
from pdp.policy.policy_set import PolicySet

CASES = Path(__file__).parents[2] / "cases" / "decisions"
CATALOG_FILE = CASES / "catalog.yaml"
AUTO = {"auto": {"mode": "autonomous"}}

Json = dict[str, Any]


def _catalog() -> Catalog:
    loaded = load_catalog([(CATALOG_FILE.name, CATALOG_FILE.read_text())])
    return Catalog.of(loaded.entries, loaded.bundles)


def _cases() -> Iterator[Any]:
    for file in sorted(CASES.glob("*.yaml")):
        if file != CATALOG_FILE:
            for document in load_documents(file.read_text(), file.name):
                yield pytest.param(document.value, id=f"{file.stem}: {document.value['name']}")


def _agent(name: str, said: Json) -> Agent:
    return Agent(name, AgentMode(said["mode"]), said.get("attributes", {}))


def _configuration(case: Json) -> Configuration:
    policies = load_policies([(json.dumps(case["policies"]), "case.json")])
    agents = {name: _agent(name, said) for name, said in {**AUTO, **case.get("agents", {})}.items()}
    return Configuration("t", 1, _catalog(), PolicySet.of(policies), agents)


def _call(configuration: Configuration, said: Json) -> Call:
    agent = configuration.agent(said.get("agent", "auto"))
    return Call(agent, said["verb"], said.get("args", {}), said.get("context", {}), said.get("digest", ""))


def _said(verdict: Verdict) -> Json:
    return {
        "decision": verdict.decision.value,
        "policy_matched": verdict.policy_matched,
        "reason_code": verdict.reason_code.value,
        "reason": verdict.reason,
        "risk_level": verdict.risk_level.value,
        "obligations": [obligation.id for obligation in verdict.obligations],
        "approvals": [requirement.policy for requirement in verdict.approvals],
        "decide_by": min((asked.decide_by.total_seconds() // 60 for asked in verdict.approvals), default=0),
        "shadow": {result.policy: result.decision.value for result in verdict.shadow},
    }


@pytest.mark.parametrize("case", list(_cases()))
def test_golden(case: Json) -> None:
    configuration = _configuration(case)
    for said in case["calls"]:
        call = _call(configuration, said)
        for _ in range(2):  # the second time from what was remembered of the first
            verdict = _said(evaluate(configuration, call))
            assert {name: verdict[name] for name in said["expect"]} == said["expect"], said
        explained = evaluate(configuration, call, explain=True)
        assert _said(explained) == verdict
        assert explained.trace is not None


def test_there_are_enough_cases() -> None:
    assert sum(len(case.values[0]["calls"]) for case in _cases()) >= 80


def test_every_expectation_names_what_decided() -> None:
    for case in _cases():
        for said in case.values[0]["calls"]:
            assert said["expect"].keys() >= {"decision"}
