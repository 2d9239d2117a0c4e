"""Calls that a cache takes for equal, because they have one digest, are equal to CEL and to JSON Schema too."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from gatehold.cli.demo import wait_for_lease
from gatehold.v1.catalog_service_pb2 import ApplyCatalogRequest
from gatehold.v1.policy_pb2 import SourceDocument
from tests.stack import Stack, until

DRAFT_4 = "http://json-schema.org/draft-04/schema#"  # whose "integer" 1.0 is not
SCHEMA = {"$schema": DRAFT_4, "properties": {"n": {"type": "integer"}}}
CEL = {
    "t:type": "type(args.n) == int && args.n < 100",
    "t:context": "type(context.n) == int",
    "t:sign": "type(args.n) == int || 1.0 / args.n > 0.0",
    "t:nested": "args.list.all(one, type(one.n) == int)",
}
CATALOG = [
    {"verb": "t:schema", "riskLevel": "LOW", "access": "read", "argsSchema": SCHEMA},
    *({"verb": verb, "riskLevel": "LOW", "access": "read"} for verb in CEL),
]
POLICIES = [
    {"id": f"{action}-{verb.removeprefix('t:')}", "verb": verb, "action": action, **conditions}
    for verb, cel in CEL.items()
    for action, conditions in (("allow", {"conditions": [{"cel": cel}]}), ("block", {}))
]

Spelling = tuple[Mapping[str, Any], Mapping[str, Any]]  # arguments, context


def spellings(verb: str) -> Sequence[Spelling]:
    """One call, as differently as it can be written."""
    numbers = (0, 0.0, -0.0) if verb == "t:sign" else (1, 1.0)
    if verb == "t:context":
        return [({}, {"n": number, "a": 1}) for number in numbers] + [({}, {"a": 1.0, "n": 1.0})]
    if verb == "t:nested":
        return [({"list": [{"n": number, "a": 1}]}, {}) for number in numbers] + [({"list": [{"a": 1, "n": 1.0}]}, {})]
    return [({"n": number, "a": 1}, {}) for number in numbers] + [({"a": 1.0, "n": numbers[-1]}, {})]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("spellings")) as stack:
        stack.start_pdp()
        catalog = SourceDocument(name="catalog.json", content=json.dumps(CATALOG))
        stack.call("catalog", "ApplyCatalog", ApplyCatalogRequest(documents=[catalog]))
        stack.apply_policies(json.dumps(POLICIES))
        stack.start_sidecar()
        yield stack


@pytest.mark.parametrize("verb", ["t:schema", *CEL])
def test_what_comes_from_the_cache_is_what_the_decision_point_says(stack: Stack, verb: str) -> None:
    guard, direct = stack.guard(deadline=5.0), stack.direct(deadline=5.0)
    wait_for_lease(guard)
    (args, context), *others = spellings(verb)
    until(lambda: guard.evaluate(verb, args, context=context).source.value == "cache")
    for args, context in others:
        cached, asked = (one.evaluate(verb, args, context=context) for one in (guard, direct))
        assert cached.source.value == "cache"
        assert (cached.decision, cached.policy_matched) == (asked.decision, asked.policy_matched), (args, context)
        assert asked.decision.value == "allow"
