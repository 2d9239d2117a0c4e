"""`gatehold approvals approve`, `deny`, `cancel`, `resolve`: votes are for what was read, and each outcome is told."""

import json
from pathlib import Path
from typing import Any

import grpc
import pytest

from gatehold.serving import Refusal
from gatehold.v1.approval_pb2 import APPROVAL_STATE_INDETERMINATE, ApprovalRequirement
from gatehold.v1.approver_service_pb2 import ApproveRequest, CancelRequest, DenyRequest, ResolveRequest
from gatehold.v1.audit_record_pb2 import OUTCOME_SUCCEEDED
from gatehold.v1.error_reason_pb2 import ErrorReason
from tests.fakes.scripted_approver import ScriptedApprover, pending
from tests.unit.cli.conftest import Command

ID = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
OTHER = "6fa459ea-ee8a-4ca4-894e-db77e160355e"


def test_a_vote_names_the_digest_and_the_version_that_were_read(
    gatekeeper: ScriptedApprover, gatehold: Command
) -> None:
    approval = pending(ID, etag="v7")
    gatekeeper.add(approval)
    seen = {"approval_id": ID, "args_digest": approval.args_digest, "etag": "v7"}
    code, out, _ = gatehold("approvals", "approve", "1b4e", "--reason", "checked")
    assert code == 0
    assert gatekeeper.votes == [ApproveRequest(**seen, reason="checked")]  # type: ignore[arg-type]
    assert (
        out == '1b4e28ba  approved, to be claimed within 10m 0s: stripe:create_refund {"amount": 250} for dev for ann\n'
    )


def test_a_vote_that_is_not_enough_tells_what_is_missing(gatekeeper: ScriptedApprover, gatehold: Command) -> None:
    gatekeeper.add(pending(ID, requirements=[ApprovalRequirement(policy="two-people", groups=["finance"], count=2)]))
    out = gatehold("approvals", "approve", ID).out
    assert "has your vote, and waits for 2 more of members of finance (two-people)" in out


@pytest.mark.parametrize("method", ["Approve", "Deny"])
def test_each_of_several_is_told_and_one_failure_is_an_error(
    gatekeeper: ScriptedApprover, gatehold: Command, method: str
) -> None:
    gatekeeper.add(pending(ID), pending(OTHER))
    own = ErrorReason.ERROR_REASON_SELF_APPROVAL
    gatekeeper.refusals[method, ID] = Refusal(grpc.StatusCode.PERMISSION_DENIED, own, "nobody decides on their own")
    code, out, err = gatehold("approvals", method.lower(), "1b4e", "nope!", "6fa4", "--reason", "r")
    assert code == 1
    assert out.startswith("6fa459ea  ") and out.count("\n") == 1
    told = [line for line in err.splitlines() if line]
    assert told[0].startswith("Error: 1b4e: nobody decides on their own (PERMISSION_DENIED): another approver")
    assert told[1].startswith("Error: nope!: ") and len(told) == 2
    assert [vote.approval_id for vote in gatekeeper.votes] == [OTHER]


def test_the_same_id_twice_is_one_vote(gatekeeper: ScriptedApprover, gatehold: Command) -> None:
    gatekeeper.add(pending(ID))
    assert gatehold("approvals", "approve", "1b4e", ID, "1b4e28ba").code == 0
    assert len(gatekeeper.votes) == 1


def test_what_changed_after_it_was_read_is_not_voted_for(gatekeeper: ScriptedApprover, gatehold: Command) -> None:
    stale = ErrorReason.ERROR_REASON_STALE_REVISION
    gatekeeper.add(pending(ID))
    gatekeeper.refusals["Approve", ID] = Refusal(grpc.StatusCode.ABORTED, stale, "it has changed since it was read")
    code, out, err = gatehold("approvals", "approve", ID)
    assert (code, out) == (1, "") and "look at what there is now, then decide" in err


def test_the_others_name_what_was_read_too(gatekeeper: ScriptedApprover, gatehold: Command) -> None:
    reason = {"approval_id": ID, "reason": "r"}
    approval = pending(ID)
    for words, request in (
        (("deny", ID), DenyRequest(**reason, args_digest=approval.args_digest, etag="v1")),
        (("cancel", ID), CancelRequest(**reason, etag="v1")),
        (("resolve", ID, "--outcome", "succeeded"), ResolveRequest(**reason, etag="v1", outcome=OUTCOME_SUCCEEDED)),
    ):
        gatekeeper.add(pending(ID, state=APPROVAL_STATE_INDETERMINATE) if words[0] == "resolve" else pending(ID))
        code, out, _ = gatehold("approvals", *words, "--reason", "r")
        assert code == 0 and gatekeeper.votes.pop() == request
        assert {"deny": "denied", "cancel": "cancelled", "resolve": "succeeded"}[words[0]] in out


class Edit:
    """A file of edited arguments, and a person who answers."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._path = folder / "edited.json"
        self._patch = monkeypatch

    def __call__(self, content: str, answer: str | None = None) -> str:
        self._path.write_text(content)
        keyboard = self._path.with_name("keyboard")
        keyboard.write_text(answer or "")
        self._patch.setattr("sys.stdin", keyboard.open())
        return str(self._path)


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edit:
    return Edit(tmp_path, monkeypatch)


def test_an_edit_is_shown_as_a_difference_and_voted_for_when_confirmed(
    gatekeeper: ScriptedApprover, gatehold: Command, edit: Edit
) -> None:
    approval = pending(ID, args_json='{"amount":250,"card":"[redacted]","note":"a"}')
    gatekeeper.add(approval)
    edited = '{"note": "a", "amount": 90,\n "card": "[redacted]"}'
    code, out, _ = gatehold("approvals", "approve", ID, "--edit", edit(edited, "y\n"))
    assert code == 0
    difference = '--- requested\n+++ edited\n@@ -1,5 +1,5 @@\n {\n-  "amount": 250,\n+  "amount": 90,\n'
    assert difference in out and "edited, stripe:create_refund" in out
    (vote,) = gatekeeper.votes
    assert json.loads(vote.edited_args_json) == {"note": "a", "amount": 90, "card": "[redacted]"}
    assert (vote.args_digest, vote.etag) == (approval.args_digest, "v1")


def test_yes_shows_the_difference_and_does_not_ask(gatekeeper: ScriptedApprover, gatehold: Command, edit: Edit) -> None:
    gatekeeper.add(pending(ID))
    code, out, _ = gatehold("approvals", "approve", ID, "--yes", "--edit", edit("{}"))
    assert code == 0 and '-  "amount": 250' in out
    assert gatekeeper.votes[0].edited_args_json == "{}"  # the empty text would approve the call as it is


@pytest.mark.parametrize("answer", ["n\n", "\n", None])
def test_an_edit_that_nobody_confirms_is_not_voted_for(
    gatekeeper: ScriptedApprover, gatehold: Command, edit: Edit, answer: str | None
) -> None:
    gatekeeper.add(pending(ID))
    code, _, err = gatehold("approvals", "approve", ID, "--edit", edit('{"amount": 1}', answer))
    assert code == 1 and "nothing was approved" in err
    assert not gatekeeper.votes


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"amount": 250}', "approve without --edit"),
        ("", "is empty"),
        (" \n", "is empty"),
        ("[1]", "edited.json"),
        ('{"a":1,"a":2}', "edited.json.a"),
        ('{"amount": 9007199254740993}', "edited.json.amount"),
    ],
)
def test_an_edit_that_cannot_be_meant_is_refused(
    gatekeeper: ScriptedApprover, gatehold: Command, edit: Edit, content: str, told: str
) -> None:
    gatekeeper.add(pending(ID))
    code, _, err = gatehold("approvals", "approve", ID, "--yes", "--edit", edit(content))
    assert code == 1 and told in err
    assert not gatekeeper.votes


def test_an_edit_is_of_one_call(gatekeeper: ScriptedApprover, gatehold: Command, edit: Edit) -> None:
    gatekeeper.add(pending(ID), pending(OTHER))
    code, _, err = gatehold("approvals", "approve", ID, OTHER, "--yes", "--edit", edit("{}"))
    assert code == 1 and "--edit is for one approval" in err
    assert not gatekeeper.votes


def test_a_difference_does_not_move_the_terminal(
    gatekeeper: ScriptedApprover, gatehold: Command, edit: Edit, data_dir: Any
) -> None:
    gatekeeper.add(pending(ID, args_json=json.dumps({"note": "\x1b[2J\x7f\u202e"})))
    code, out, err = gatehold("approvals", "approve", ID, "--edit", edit('{"note":"\x7f\u202e\\u001b"}', "y\n"))
    assert code == 0 and not set("\x1b\x7f\u202e") & set(out + err)
