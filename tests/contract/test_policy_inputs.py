"""Policies that must not load: the file, the line and the field are named, and nothing changes."""

import grpc
import pytest

from gatehold.v1.policy_pb2 import SourceDocument
from gatehold.v1.policy_service_pb2 import ApplyPoliciesRequest, ListPoliciesRequest, ValidatePoliciesRequest
from tests.stack import Stack, status

HEAD = '- id: p\n  verbMatchers: [{type: verb, value: "a:b"}]\n  action: {type: block}\n'


def matches(pattern: str) -> str:
    return HEAD + f"  conditions: [{{field: args.x, operator: matches, value: '{pattern}'}}]\n"


BAD = {
    "20 lookahead": (matches("(?=a)b"), "conditions[0]"),
    "20 lookbehind": (matches("(?<!a)b"), "conditions[0]"),
    "20 backreference": (matches(r"(a)\1"), "conditions[0]"),
    "21 repetition": (matches("a{1001}"), "conditions[0]"),
    "21 program too large": (matches("((a{100}){100}){100}"), "conditions[0]"),
    "22 unknown key": (HEAD + "  colour: red\n", "colour"),
    "22 unknown key inside": (HEAD.replace("{type: block}", "{type: block, loud: true}"), "loud"),
    "23 duplicate id": (HEAD + HEAD, "p"),
    "no matcher": ("- {id: p, verbMatchers: [], action: {type: allow}}", "verbMatchers"),
    "no matcher at all": ("- {id: p, action: {type: allow}}", ""),
    "empty conditions": (HEAD + "  conditions: []\n", "conditions"),
    "empty all": (HEAD + "  conditions: [{all: []}]\n", "all"),
    "unknown operator": (HEAD + "  conditions: [{field: args.x, operator: about, value: 1}]\n", "operator"),
    "a clock": (HEAD + "  conditions: [{field: now, operator: greater, value: 1}]\n", "field"),
    "an allow that is mandatory": (HEAD.replace("block", "allow") + "  mandatory: true\n", "mandatory"),
    "a built-in's id": (HEAD.replace("id: p", "id: builtin.p"), "id"),
    "not YAML": ("- id: [", ""),
    "an anchor": ("- &a {riskLevel: HIGH, action: block}\n- *a\n", ""),
    "duplicate key": ("- {id: p, id: q, riskLevel: HIGH, action: block}", "id"),
    "too deep": (HEAD + "  conditions: [" + "{not: " * 9 + "{field: args.x, operator: exists}" + "}" * 9 + "]\n", ""),
    "33 conditions": (
        HEAD + "  conditions:\n" + "    - {field: args.x, operator: exists}\n" * 33,
        "conditions",
    ),
}


@pytest.mark.parametrize(("text", "field"), BAD.values(), ids=BAD.keys())
def test_it_is_refused_by_name_and_nothing_changes(stack: Stack, text: str, field: str) -> None:
    documents = [SourceDocument(name="bad.yaml", content=text)]
    before = stack.call("policies", "ListPolicies", ListPoliciesRequest())
    with pytest.raises(grpc.RpcError) as raised:
        stack.call("policies", "ApplyPolicies", ApplyPoliciesRequest(documents=documents))
    assert status(raised.value) is grpc.StatusCode.INVALID_ARGUMENT
    assert "bad.yaml:" in (raised.value.details() or "")  # type: ignore[attr-defined]
    problems = stack.call("policies", "ValidatePolicies", ValidatePoliciesRequest(documents=documents)).problems
    assert problems and problems[0].line >= 1 and any(field in p.field or field in p.message for p in problems)
    after = stack.call("policies", "ListPolicies", ListPoliciesRequest())
    assert (before.revision, before.policies) == (after.revision, after.policies)


def test_more_than_10000_policies_are_refused(stack: Stack) -> None:
    text = "\n".join(f'{{"id": "p{n}", "verb": "a:b", "action": "block"}}\n---' for n in range(10_001))
    with pytest.raises(grpc.RpcError) as raised:
        stack.apply_policies(text, seconds=60)
    assert status(raised.value) is grpc.StatusCode.INVALID_ARGUMENT


def test_48_and_49_stale_and_reused(stack: Stack) -> None:
    from tests.contract.conftest import POLICIES

    head = stack.call("policies", "ListPolicies", ListPoliciesRequest()).revision
    with pytest.raises(grpc.RpcError) as raised:
        stack.apply_policies(POLICIES + HEAD, expected_revision=head + 7)
    assert status(raised.value) is grpc.StatusCode.ABORTED
    first = stack.apply_policies(POLICIES + HEAD, request_id="k1")
    assert stack.apply_policies(POLICIES + HEAD, request_id="k1") == first
    with pytest.raises(grpc.RpcError) as raised:
        stack.apply_policies(POLICIES, request_id="k1")
    assert status(raised.value) is grpc.StatusCode.ALREADY_EXISTS
    assert stack.apply_policies(POLICIES) == first + 1
