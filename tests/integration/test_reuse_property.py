"""Whatever a sidecar's cache answers, the decision point would have answered.

Generated tenants are put in force at a real decision point; generated calls go through real sidecars, most of them
several times; every answer is compared with the evaluator's own verdict on that very call.
"""

import json
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import grpc
import pytest

from gatehold import Answer, Guard
from gatehold.cli.demo import wait_for_lease
from gatehold.v1.agent_pb2 import Agent, AgentMode
from gatehold.v1.agent_service_pb2 import CreateAgentRequest, UpdateAgentRequest
from gatehold.v1.catalog_service_pb2 import ApplyCatalogRequest
from gatehold.v1.policy_pb2 import SourceDocument
from pdp.evaluate import evaluate
from tests.fakes.policy_worlds import World, any_call, any_world, call
from tests.stack import Stack

WORLDS = 12
CALLS = 60
AGENTS = ("alpha", "beta", "stranger")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("reuse")) as stack:
        stack.start_pdp()
        for name in AGENTS:
            stack.start_sidecar(name)
        yield stack


def put_in_force(stack: Stack, world: World) -> int:
    """Makes the generated tenant the one that decides. Returns its revision."""
    catalog = SourceDocument(name="catalog.json", content=json.dumps(world.catalog))
    stack.apply_policies("")
    stack.call("catalog", "ApplyCatalog", ApplyCatalogRequest(documents=[catalog]))
    for raw in world.agents:
        mode = AgentMode.Value(f"AGENT_MODE_{raw['mode'].upper()}")
        agent = Agent(agent_id=raw["id"], mode=mode, attributes_json=json.dumps(raw["attributes"]))
        try:
            stack.call("agents", "CreateAgent", CreateAgentRequest(agent=agent))
        except grpc.RpcError:  # there since the world before
            stack.call("agents", "UpdateAgent", UpdateAgentRequest(agent=agent))
    return stack.apply_policies(json.dumps(world.policies))


def answered(guards: dict[str, Guard], raw: dict[str, Any]) -> Answer:
    return guards[raw["agent"]["id"]].evaluate(
        raw["verb"], raw["args"], context=raw["context"], tool_definition_digest=raw["digest"]
    )


def differences(world: World, raw: dict[str, Any], answer: Answer) -> list[str]:
    verdict = evaluate(world.compiled, call(raw))
    pairs = {
        "decision": (answer.decision, verdict.decision),
        "risk_level": (answer.risk_level, verdict.risk_level),
        "policy_matched": (answer.policy_matched, verdict.policy_matched),
        "reason_code": (answer.reason_code, verdict.reason_code),
        "obligations": ({o.id for o in answer.obligations}, {o.id for o in verdict.obligations}),
    }
    return [f"{name}: {ours!r} is not {theirs!r}" for name, (ours, theirs) in pairs.items() if ours != theirs]


def test_the_cache_answers_as_the_decision_point_would(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    guards = {name: stack.guard(name, deadline=5.0) for name in AGENTS}
    sources: Counter[str] = Counter()
    for seed in range(WORLDS):
        rng = Random(seed)
        world = any_world(rng)
        revision = put_in_force(stack, world)
        for guard in guards.values():
            wait_for_lease(guard)
        calls = [any_call(rng, world) for _ in range(CALLS)]
        for raw in [*calls, *rng.sample(calls, CALLS)]:
            answer = answered(guards, raw)
            assert not differences(world, raw, answer), (seed, raw, answer)
            assert answer.revision == revision
            sources[answer.source.value] += 1
    with capsys.disabled():
        print(f"\n{WORLDS} generated tenants, {2 * WORLDS * CALLS} calls: answered by {dict(sources)}")
    assert sources["cache"] > WORLDS * CALLS / 4, "too little came from the cache to show anything"
    assert not sources["fail_closed"]
