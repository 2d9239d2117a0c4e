"""What agents may ask for, how often, and how lists of it are read."""

import asyncio
import json
from pathlib import Path
from typing import Any

from gatehold.v1 import approval_pb2
from gatehold.v1.decision_point_service_pb2 import DecisionPointServiceListApprovalsRequest
from tests.integration.approval_harness import PAY, Approvals, approving, detail, gate, refusal
from tests.integration.pdp_harness import READ

State = approval_pb2.ApprovalState
PENDING = State.APPROVAL_STATE_PENDING
MOST = 100
AGENTS = [f"agent-{number}" for number in range(10)]


def of(agent: str) -> dict[str, Any]:
    return {"role": "sidecar", "agent": agent}


async def test_only_what_policy_wants_approved_is_asked_for(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        for verb, args, decision in ((READ, "{}", "allow"), ("stripe:create_refund", '{"amount": 5}', "allow")):
            call = approvals.request(args, verb)
            assert await refusal(call) == ("FAILED_PRECONDITION", "APPROVAL_NOT_REQUIRED")
            assert await detail(approvals.request(args, verb), "decision") == decision
        for verb, args in (("stripe:create_refund", '{"amount": "250"}'), ("no:verb", "{}")):
            assert await detail(approvals.request(args, verb), "decision") == "block"
        assert not (await approvals.listed(states=list(State.values())[1:])).approvals


async def test_policy_wants_something_said(tmp_path: Path) -> None:
    async with approving(tmp_path, gate("gate", justification=True, separation=True)) as approvals:
        await approvals.tell()
        for said, field in (
            ({"on_behalf_of": "ann"}, "justification"),
            ({"on_behalf_of": "ann", "justification": " "}, "justification"),
            ({"justification": "because"}, "on_behalf_of"),
        ):
            assert await refusal(approvals.request("{}", PAY, **said)) == ("INVALID_ARGUMENT", "INVALID_FIELD")
            assert await detail(approvals.request("{}", PAY, **said), "field") == field
        asked = await approvals.request("{}", PAY, on_behalf_of="ann", justification="because")
        assert (asked.justification, asked.on_behalf_of) == ("because", "ann")
        assert asked.requirements[0].justification_required and asked.requirements[0].separation


async def test_the_same_call_is_the_same_approval_while_it_is_open(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        first = await approvals.request('{"amount": 250, "charge": "ch_1"}')
        assert (await approvals.request('{"charge":"ch_1","amount":2.5e2}')).approval_id == first.approval_id
        others = [
            {"args_json": '{"amount": 250, "charge": "ch_2"}'},
            {"context_json": '{"a": 1}'},
            {"on_behalf_of": "ann"},
            {"tool_definition_digest": "ab"},
            {"how": of("ops")},
        ]
        ids = [first.approval_id, *[(await approvals.request(**one)).approval_id for one in others]]
        assert len(set(ids)) == len(ids)
        await approvals.approve(first)
        assert (await approvals.request()).approval_id == first.approval_id
        await approvals.claim(first)
        assert (await approvals.request()).approval_id not in ids


async def test_the_same_call_at_once_is_one_approval(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        asked = await asyncio.gather(*(approvals.request() for _ in range(20)))
        assert len({one.approval_id for one in asked}) == 1
        assert len((await approvals.listed()).approvals) == 1


async def test_a_request_id_stands_for_one_request(tmp_path: Path) -> None:
    """Input 49."""
    async with approving(tmp_path) as approvals:
        first = await approvals.request(request_id="r-1")
        await approvals.deny(first)
        again = await approvals.request(request_id="r-1")
        assert (again.approval_id, again.state) == (first.approval_id, State.APPROVAL_STATE_DENIED)
        for other in ({"args_json": '{"amount": 251}'}, {"justification": "j"}, {"on_behalf_of": "ann"}):
            refused = await refusal(approvals.request(request_id="r-1", **other))
            assert refused == ("ALREADY_EXISTS", "REQUEST_ID_REUSED")
        assert (await approvals.request(request_id="r-1", how=of("ops"))).agent == "ops"
        at_once = await asyncio.gather(
            *(approvals.request(json.dumps({"amount": 300 + number}), request_id="r-2") for number in range(5)),
            return_exceptions=True,
        )
        assert sum(not isinstance(one, BaseException) for one in at_once) == 1


async def fill(approvals: Approvals, agent: str, count: int = MOST) -> list[str]:
    calls = (approvals.request(json.dumps({"amount": 200 + n}), how=of(agent)) for n in range(count))
    return [one.approval_id for one in await asyncio.gather(*calls)]


async def test_an_agent_has_a_hundred_that_wait(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        await fill(approvals, "greedy")
        one_more = {"args_json": '{"amount": 999}', "how": of("greedy")}
        assert await refusal(approvals.request(**one_more)) == ("RESOURCE_EXHAUSTED", "TOO_MANY_APPROVALS")
        assert await detail(approvals.request(**one_more), "limit") == str(MOST)
        assert (await approvals.request(how=of("modest"))).state == PENDING
        known = await approvals.request('{"amount": 200}', how=of("greedy"))
        await approvals.approve(known)
        assert (await approvals.request(**one_more)).state == PENDING, "an approved one does not wait"


async def test_a_thousand_that_wait_are_listed_page_by_page_while_others_come_and_go(tmp_path: Path) -> None:
    async with approving(tmp_path) as approvals:
        before = [approval_id for agent in AGENTS for approval_id in await fill(approvals, agent)]
        seen: list[Any] = []
        token = "first"
        while token:
            page = await approvals.listed(page_size=70, page_token="" if token == "first" else token)
            token = page.next_page_token
            assert len(page.approvals) == 70 or not token
            seen += page.approvals
            await approvals.approve(page.approvals[0])
            await approvals.request(json.dumps({"amount": 5_000 + len(seen)}), how=of("late"))
        ids = [one.approval_id for one in seen]
        assert len(set(ids)) == len(ids), "none twice"
        assert set(before) <= set(ids), "none left out"
        assert {one.state for one in seen} == {PENDING}
        still = [one.approval_id for one in (await approvals.listed(page_size=1_000)).approvals]
        assert [one for one in ids if one in still] == [one for one in still if one in ids], "in one order"
        await its_own(approvals, AGENTS[3])


async def its_own(approvals: Approvals, agent: str) -> None:
    """An agent's list has its own alone."""
    request = DecisionPointServiceListApprovalsRequest(page_size=1_000)
    own = (await approvals.agent("ListApprovals", request, **of(agent))).approvals
    assert {one.agent for one in own} == {agent} and len(own) == MOST
    of_agent = (await approvals.listed(page_size=1_000, agent=agent)).approvals
    assert [one.approval_id for one in own if one.state == PENDING] == [one.approval_id for one in of_agent]


async def test_a_filter_that_repeats_itself_is_the_filter(tmp_path: Path) -> None:
    """As many as a request can hold: more than a statement of the database could."""
    async with approving(tmp_path) as approvals:
        asked = await approvals.request()
        states = [PENDING] * 900_000
        (found,) = (await approvals.listed(states=states)).approvals
        assert found.approval_id == asked.approval_id
        request = DecisionPointServiceListApprovalsRequest(states=states)
        assert len((await approvals.agent("ListApprovals", request)).approvals) == 1
        assert not (await approvals.listed(states=[State.APPROVAL_STATE_UNSPECIFIED])).approvals
