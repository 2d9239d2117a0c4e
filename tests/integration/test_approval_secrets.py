"""What is on the record of an approval, and what is nowhere but with its claimant."""

import json
from pathlib import Path
from typing import Any

import pytest

from gatehold.digest import digest
from gatehold.redaction import REDACTED
from gatehold.v1.audit_record_pb2 import OUTCOME_FAILED, RECORD_KIND_APPROVAL
from tests.integration.approval_harness import PAY, Approvals, Later, approving, gate, refusal

SECRET, TOKEN, EDITED = "4242-1111-2222-3333", "tok-9f8e7d6c5b4a", "5555-9999-8888-7777"
ARGS = {"amount": 250, "card": SECRET, "lines": [{"token": TOKEN, "n": 1}]}
SHOWN = {"amount": 250, "card": REDACTED, "lines": [{"token": REDACTED, "n": 1}]}


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    return Later(monkeypatch)


async def a_whole_life(approvals: Approvals) -> Any:
    """A call with secrets that is asked for, edited, voted on, refused to a claimant, run, and failed."""
    asked = await approvals.request(json.dumps(ARGS), PAY, on_behalf_of="zoe", justification="j", request_id="r")
    edited = {**SHOWN, "card": EDITED}
    voted = await approvals.approve(asked, "ann", edited_args_json=json.dumps(edited), reason="other card")
    approved = await approvals.approve(voted, "bob", reason="fine")
    await refusal(approvals.claim(approved, args_digest=digest(ARGS)))
    claimed = await approvals.claim(approved)
    assert json.loads(claimed.approval.args_json) == {**ARGS, "card": EDITED}
    return await approvals.complete(claimed, OUTCOME_FAILED, error="card declined")


async def test_every_step_is_on_the_record_without_secrets(tmp_path: Path) -> None:
    async with approving(tmp_path, gate("gate", count=2)) as approvals:
        await approvals.tell()
        ended = await a_whole_life(approvals)
        records = (await approvals.pdp.records(kind=RECORD_KIND_APPROVAL))[::-1]
        history = (await approvals.show(ended)).history
    said = [(one.approval.event, one.approval.actor, one.approval.reason) for one in records]
    assert said == [(event.event, event.actor, event.reason) for event in history]
    assert [(event, actor) for event, actor, _ in said] == [
        ("requested", "dev"),
        ("edited", "ann"),
        ("voted", "ann"),
        ("voted", "bob"),
        ("approved", "bob"),
        ("claim_refused", "dev"),
        ("claimed", "dev"),
        ("completed", "dev"),
    ]
    first, edit, *rest = records
    assert json.loads(first.args_json) == json.loads(edit.args_json) == SHOWN
    assert (first.args_digest, edit.approval.previous_args_digest) == (digest(ARGS), digest(ARGS))
    assert {one.args_digest for one in (edit, *rest)} == {ended.args_digest} == {digest({**ARGS, "card": EDITED})}
    assert [one.approval.state for one in records][-3:] == ["approved", "claimed", "failed"]
    assert {one.approval.claim_id for one in records[-2:]} == {ended.claim_id}
    for one in records:
        assert (one.agent, one.on_behalf_of, one.verb, one.request_id) == ("dev", "zoe", PAY, "r")
        assert one.approval.approval_id == ended.approval_id and list(one.approval.policies) == ["gate"]
    assert [one.approval.revision > 0 for one in records] == [True, True, False, False, False, True, True, False]
    assert records[-1].approval.reason == "card declined"


async def test_secrets_are_nowhere_in_the_clear(
    tmp_path: Path, later: Later, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    async with approving(folder, gate("gate", count=2)) as approvals:
        await approvals.tell()
        ended = await a_whole_life(approvals)
        held = [ended, (await approvals.show(ended)), *(await approvals.listed(states=range(1, 10))).approvals]
        assert not any(secret in str(one) for one in held for secret in (SECRET, TOKEN, EDITED))
        assert seen_in(folder) == [], "while it runs"
        later(24 * 3_600)
        await approvals.get(ended)
        assert seen_in(folder) == []
    assert seen_in(folder) == [], "after it has stopped"
    assert not any(secret in text for text in capfd.readouterr() for secret in (SECRET, TOKEN, EDITED))
    assert found(folder, digest(ARGS)), "the search finds what is there"


def found(folder: Path, text: str) -> list[str]:
    """The files, of the database and all around it, in which the text stands."""
    return [path.name for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def seen_in(folder: Path) -> list[str]:
    return [name for secret in (SECRET, TOKEN, EDITED) for name in found(folder, secret)]


async def test_a_verb_that_left_the_catalog_shows_none_of_its_arguments(tmp_path: Path) -> None:
    async with approving(tmp_path, gate("gate")) as approvals:
        await approvals.tell()
        asked = await approvals.request(json.dumps(ARGS), PAY)
        await approvals.tell("")
        refused = await refusal(approvals.approve(asked, edited_args_json=json.dumps(SHOWN)))
        assert refused == ("FAILED_PRECONDITION", "APPROVAL_POLICY_BLOCKS")
        assert SECRET not in str(await approvals.show(asked))


async def test_no_refusal_repeats_an_argument(tmp_path: Path) -> None:
    strict = """- verb: "t:pay"
  riskLevel: MEDIUM
  sensitiveArgs: [card]
  argsSchema: {properties: {card: {type: string, maxLength: 30}, amount: {enum: [1, 2]}}}
"""
    async with approving(tmp_path, gate("gate")) as approvals:
        await approvals.tell()
        asked = await approvals.approved(json.dumps(ARGS), PAY)
        pending = await approvals.request(json.dumps({**ARGS, "amount": 1}), PAY)
        await approvals.tell(strict.replace("30", "3"))
        assert (await refusal(approvals.claim(asked)))[1] == "APPROVAL_POLICY_BLOCKS"
        edited = json.dumps({**SHOWN, "amount": 2})
        assert (await refusal(approvals.approve(pending, edited_args_json=edited)))[1] == "APPROVAL_POLICY_BLOCKS"
        shown = str(await approvals.show(asked)) + str(await approvals.pdp.records())
        assert "schema" in shown and SECRET not in shown and TOKEN not in shown
