"""What administrators change and list, service by service."""

import json
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from gatehold.v1.agent_pb2 import Agent, AgentMode
from gatehold.v1.agent_service_pb2 import CreateAgentRequest, DeleteAgentRequest, ListAgentsRequest, UpdateAgentRequest
from gatehold.v1.catalog_service_pb2 import ApplyCatalogRequest, GetVerbRequest, ListVerbsRequest
from gatehold.v1.policy_pb2 import SourceDocument
from gatehold.v1.policy_service_pb2 import (
    CreatePolicyRequest,
    DeletePolicyRequest,
    GetPolicyRequest,
    ListPoliciesRequest,
    ListRevisionsRequest,
    UpdatePolicyRequest,
    ValidatePoliciesRequest,
)
from gatehold.vocabulary import AgentMode as Mode
from pdp.fleet.changes import Request
from pdp.fleet.edits import replace_policies
from pdp.identity import Role
from pdp.policy.load import load_policies
from pdp.transport.paging import write_token
from tests.integration.change_harness import TENANT, DecisionPoint, decision_point

GATE = "{id: gate, verbMatchers: [{type: verb, value: 'stripe:create_refund'}], action: require_approval}"
VERB = "{verb: 'acme:launch', riskLevel: LOW, access: read}"
BUNDLE = "{bundles: [{name: acme, defaultPermission: 'off'}], entries: [{verb: 'acme:land', bundle: acme}]}"


def document(text: str, name: str = "one.yaml") -> SourceDocument:
    return SourceDocument(name=name, content=text)


async def code(call: Any) -> grpc.StatusCode:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    return refused.value.code()


async def pages(call: Any, request: Any, field: str, pdp: DecisionPoint) -> list[Any]:
    found: list[Any] = []
    while True:
        response = await call(request, metadata=pdp.metadata())
        assert len(getattr(response, field)) <= request.page_size
        found += getattr(response, field)
        if not response.next_page_token:
            return found
        request.page_token = response.next_page_token


async def test_policies_are_created_replaced_read_and_deleted(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        policies, who = pdp.policies, {"metadata": pdp.metadata()}
        created = await policies.CreatePolicy(CreatePolicyRequest(document=document(GATE)), **who)
        assert (created.policy.id, created.policy.action, created.policy.revision) == ("gate", "require_approval", 2)
        assert await code(policies.CreatePolicy(CreatePolicyRequest(document=document(GATE)), **who)) is (
            grpc.StatusCode.ALREADY_EXISTS
        )
        blocking = document(GATE.replace("require_approval", "block"))
        updated = await policies.UpdatePolicy(UpdatePolicyRequest(document=blocking), **who)
        assert (updated.policy.action, updated.policy.revision) == ("block", 3)
        read = await policies.GetPolicy(GetPolicyRequest(id="gate"), **who)
        assert read.policy == updated.policy
        assert json.loads(read.policy.document_json)["action"] == {"type": "block"}
        assert (await policies.DeletePolicy(DeletePolicyRequest(id="gate"), **who)).revision == 4
        for call in (
            policies.GetPolicy(GetPolicyRequest(id="gate"), **who),
            policies.DeletePolicy(DeletePolicyRequest(id="gate"), **who),
            policies.UpdatePolicy(UpdatePolicyRequest(document=blocking), **who),
        ):
            assert await code(call) is grpc.StatusCode.NOT_FOUND


async def test_policies_are_listed_with_those_that_come_with_the_product(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        await pdp.apply(GATE)
        found = await pages(pdp.policies.ListPolicies, ListPoliciesRequest(page_size=2), "policies", pdp)
        ids = [policy.id for policy in found]
        assert ids == sorted(set(ids))
        assert {policy.id for policy in found if not policy.built_in} == {"gate"}
        assert {"builtin.high-block", "builtin.hardened"} < set(ids)
        for policy in found:
            assert json.loads(policy.document_json)["id"] == policy.id
            read = await pdp.policies.GetPolicy(GetPolicyRequest(id=policy.id), metadata=pdp.metadata())
            assert read.policy == policy
        deleting = pdp.policies.DeletePolicy(DeletePolicyRequest(id="builtin.hardened"), metadata=pdp.metadata())
        assert await code(deleting) is grpc.StatusCode.INVALID_ARGUMENT


async def test_revisions_are_listed_newest_first(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        await pdp.apply(GATE, change_reason="first")
        await pdp.apply()
        found = await pages(pdp.policies.ListRevisions, ListRevisionsRequest(page_size=1), "revisions", pdp)
        assert [(one.revision, one.current) for one in found] == [(3, True), (2, False), (1, False)]
        assert (found[1].actor, found[1].change_reason) == ("admin", "first")
        assert [change.object for change in found[1].changes] == ["policy/gate"]


async def test_a_refusal_names_file_line_and_field_of_each_fault(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        faulty = "- id: a\n  verb: 'x:y'\n  action: perhaps\n- id: b\n  nothing: true\n  action: block\n"
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await pdp.apply(faulty)
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        status = rpc_status.from_call(refused.value)
        assert status is not None
        bad_request = error_details_pb2.BadRequest()
        assert any(detail.Unpack(bad_request) for detail in status.details)
        fields = [violation.field for violation in bad_request.field_violations]
        assert fields == ["0.yaml:3:[0].action", "0.yaml:5:[1].nothing"]

        request = ValidatePoliciesRequest(documents=[document(faulty, "0.yaml")])
        problems = (await pdp.policies.ValidatePolicies(request, metadata=pdp.metadata())).problems
        assert [f"{one.name}:{one.line}:{one.field}" for one in problems] == fields


async def test_a_refusal_of_very_many_faults_still_arrives(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await pdp.apply("\n".join(f"- {{id: 'é{'x' * 500}{number}'}}" for number in range(300)))
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "more" in str(refused.value.details())


async def test_a_catalog_stands_over_the_shipped_one(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        catalog, who = pdp.catalog, {"metadata": pdp.metadata()}
        shipped = await pages(catalog.ListVerbs, ListVerbsRequest(page_size=50), "entries", pdp)
        assert len(shipped) >= 120
        assert all(entry.shipped for entry in shipped)

        await catalog.ApplyCatalog(ApplyCatalogRequest(documents=[document(VERB)]), **who)
        await catalog.ApplyCatalog(ApplyCatalogRequest(documents=[document(BUNDLE)], merge=True), **who)
        own = await pages(catalog.ListVerbs, ListVerbsRequest(page_size=1, provider="acme"), "entries", pdp)
        assert [(entry.verb, entry.bundle, entry.shipped) for entry in own] == [
            ("acme:land", "acme", False),
            ("acme:launch", "", False),
        ]
        bundles = await pdp.policies.GetPolicy(GetPolicyRequest(id="builtin.bundle-acme"), **who)
        assert bundles.policy.action == "off"

        replaced = await catalog.ApplyCatalog(ApplyCatalogRequest(documents=[document(VERB)]), **who)
        assert [(change.object, change.new_json) for change in replaced.changes] == [
            ("bundle/acme", ""),
            ("verb/acme:land", ""),
        ]
        assert await code(catalog.GetVerb(GetVerbRequest(verb="acme:land"), **who)) is grpc.StatusCode.NOT_FOUND
        assert await code(catalog.GetVerb(GetVerbRequest(verb="acme"), **who)) is grpc.StatusCode.INVALID_ARGUMENT
        assert len((await catalog.ListVerbs(ListVerbsRequest(page_size=1000), **who)).entries) == len(shipped) + 1


async def test_an_entry_of_an_unknown_bundle_is_refused(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        request = ApplyCatalogRequest(documents=[document("{verb: 'acme:land', bundle: acm}")])
        assert await code(pdp.catalog.ApplyCatalog(request, metadata=pdp.metadata())) is (
            grpc.StatusCode.INVALID_ARGUMENT
        )


async def test_agents_are_registered_changed_and_removed(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        agents, who = pdp.agents, {"metadata": pdp.metadata()}
        agent = Agent(
            agent_id="ops", mode=AgentMode.AGENT_MODE_AUTONOMOUS, attributes_json='{"team": "a"}', owner="ann"
        )
        created = await agents.CreateAgent(CreateAgentRequest(agent=agent), **who)
        assert json.loads(created.agent.attributes_json) == {"team": "a"}
        known = pdp.registry.current(TENANT).agent("ops")
        assert (known.mode, dict(known.attributes), pdp.revision()) == (Mode.AUTONOMOUS, {"team": "a"}, 2)
        assert await code(agents.CreateAgent(CreateAgentRequest(agent=agent), **who)) is grpc.StatusCode.ALREADY_EXISTS

        await agents.UpdateAgent(UpdateAgentRequest(agent=Agent(agent_id="ops", owner="ann")), **who)
        assert (pdp.registry.current(TENANT).agent("ops").mode, pdp.revision()) == (Mode.CHAT_ONLY, 3)
        listed = await pages(agents.ListAgents, ListAgentsRequest(page_size=1), "agents", pdp)
        assert [(one.agent_id, one.mode, one.owner) for one in listed] == [
            ("ops", AgentMode.AGENT_MODE_CHAT_ONLY, "ann")
        ]

        await agents.DeleteAgent(DeleteAgentRequest(agent_id="ops"), **who)
        assert (pdp.registry.current(TENANT).agent("ops").mode, pdp.revision()) == (Mode.PERMISSION, 4)
        assert await code(agents.DeleteAgent(DeleteAgentRequest(agent_id="ops"), **who)) is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("agent_id", ["é", " ops", "ops "])
async def test_an_agent_that_no_call_could_name_is_refused(tmp_path: Path, agent_id: str) -> None:
    async with decision_point(tmp_path) as pdp:
        request = CreateAgentRequest(agent=Agent(agent_id=agent_id))
        assert await code(pdp.agents.CreateAgent(request, metadata=pdp.metadata())) is (
            grpc.StatusCode.INVALID_ARGUMENT
        )
        assert pdp.revision() == 1


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (ListPoliciesRequest(page_size=-1), "page_size"),
        (ListPoliciesRequest(page_size=1001), "page_size"),
        (ListPoliciesRequest(page_token="?"), "page_token"),
        (ListPoliciesRequest(page_token="WzFd"), "page_token"),
    ],
)
async def test_a_page_out_of_bounds_is_refused(tmp_path: Path, request_: Any, field: str) -> None:
    async with decision_point(tmp_path) as pdp:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await pdp.policies.ListPolicies(request_, metadata=pdp.metadata())
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert field in str(refused.value.details())


@pytest.mark.parametrize("number", [2**63, -1, 10**30])
async def test_a_page_after_no_possible_revision_is_refused(tmp_path: Path, number: int) -> None:
    async with decision_point(tmp_path) as pdp:
        request = ListRevisionsRequest(page_token=write_token((number,)))
        assert await code(pdp.policies.ListRevisions(request, metadata=pdp.metadata())) is (
            grpc.StatusCode.INVALID_ARGUMENT
        )


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SIDECAR, Role.AGENT])
async def test_only_administrators_change_anything(tmp_path: Path, role: Role) -> None:
    async with decision_point(tmp_path) as pdp:
        who = {"metadata": pdp.metadata(role)}
        for call in (
            pdp.policies.CreatePolicy(CreatePolicyRequest(document=document(GATE)), **who),
            pdp.policies.DeletePolicy(DeletePolicyRequest(id="gate"), **who),
            pdp.catalog.ApplyCatalog(ApplyCatalogRequest(documents=[document(VERB)]), **who),
            pdp.agents.CreateAgent(CreateAgentRequest(agent=Agent(agent_id="ops")), **who),
            pdp.agents.DeleteAgent(DeleteAgentRequest(agent_id="ops"), **who),
        ):
            assert await code(call) is grpc.StatusCode.PERMISSION_DENIED
        assert pdp.revision() == 1


async def test_what_no_response_could_hold_is_cut(tmp_path: Path) -> None:
    async with decision_point(tmp_path) as pdp:
        reason = "é" * 500
        many = load_policies(
            [
                (f"{{id: p{number:04}, verb: 'a:b{number}', action: {{type: block, reason: {reason}}}}}", "a.yaml")
                for number in range(4_000)
            ]
        )
        for policies in (many, ()):
            await pdp.changes.apply(TENANT, replace_policies(policies), Request("admin"))
        revisions = await pages(pdp.policies.ListRevisions, ListRevisionsRequest(page_size=1_000), "revisions", pdp)
        assert [one.revision for one in revisions] == [3, 2, 1]
        assert 0 < len(revisions[0].changes) < len(many)

        await pdp.changes.apply(TENANT, replace_policies(many), Request("admin"))
        found = await pages(pdp.policies.ListPolicies, ListPoliciesRequest(page_size=1_000), "policies", pdp)
        assert [one.id for one in found if not one.built_in] == [policy.id for policy in many]
