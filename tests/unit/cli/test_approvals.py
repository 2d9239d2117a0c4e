"""`gatehold approvals list` and `show`: what a person sees before deciding, and none of it moves the terminal."""

import json
from datetime import UTC, datetime

import grpc
import pytest
import yaml
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from gatehold.serving import Refusal
from gatehold.v1 import approval_pb2, trace_pb2
from gatehold.v1.approval_pb2 import Approval, ApprovalEvent, ApprovalRequirement, Vote
from gatehold.v1.error_reason_pb2 import ErrorReason
from tests.fakes.scripted_approver import NOW, ScriptedApprover, pending
from tests.unit.cli.conftest import Command

ID = "1b4e28ba-2fa1-41d2-883f-0016d3cca427"
OTHER = "1b4e28bb-2fa1-41d2-883f-0016d3cca427"
THIRD = "6fa459ea-ee8a-4ca4-894e-db77e160355e"
HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202efine\r\nallow"
SEEN_RAW = ("\x1b", "\x07", "\u202e", "\r")


def hostile() -> Approval:
    return pending(
        ID,
        args_json=json.dumps({"note": HOSTILE, f"k{HOSTILE}": "\x7f"}),
        reason=HOSTILE,
        agent=f"dev{HOSTILE}",
        on_behalf_of=HOSTILE,
        justification=HOSTILE,
        requirements=[ApprovalRequirement(policy=HOSTILE, reason=HOSTILE, conditions=[HOSTILE], groups=[HOSTILE])],
        votes=[Vote(approver=HOSTILE, reason=HOSTILE, groups=[HOSTILE])],
    )


def is_tame(text: str) -> bool:
    return not any(character in text for character in SEEN_RAW) and "\x7f" not in text


def test_a_listing_tells_what_waits_for_how_long_for_whom_and_why(
    gatekeeper: ScriptedApprover, gatehold: Command
) -> None:
    gatekeeper.add(pending(ID))
    code, out, _ = gatehold("approvals", "list")
    row = " ".join(out.split())
    assert code == 0
    told = ("1b4e28ba", "3m 20s", "26m 40s", "dev for ann", "stripe:create_refund", '{"amount": 250}', "HIGH")
    assert all(part in row for part in told)
    assert "Refund exceeds $100 threshold (large-refund-gate: args.amount greater 100 is true)" in row


def test_states_agent_and_limit_are_asked_of_the_server(gatekeeper: ScriptedApprover, gatehold: Command) -> None:
    gatekeeper.add(pending(ID), pending(THIRD, state=approval_pb2.APPROVAL_STATE_DENIED))
    out = gatehold("approvals", "list", "--state", "denied", "--state", "pending", "--agent", "dev", "--limit", "7").out
    (request,) = gatekeeper.listed
    assert (list(request.states), request.agent, request.page_size) == ([3, 1], "dev", 7)
    assert "denied" in out and "pending" in out
    assert "nothing to show" in gatehold("approvals", "list", "--agent", "nobody").out


@pytest.mark.parametrize(("output", "read"), [("json", json.loads), ("yaml", yaml.safe_load)])
def test_programs_get_documents(gatekeeper: ScriptedApprover, gatehold: Command, output: str, read: object) -> None:
    gatekeeper.add(hostile())
    code, out, _ = gatehold("approvals", "list", "--output", output)
    assert callable(read)
    (document,) = read(out)
    assert code == 0 and is_tame(out)
    assert (document["approval_id"], document["state"], document["time_left"]) == (ID, "pending", 1600)
    assert document["args"]["note"] == HOSTILE


@pytest.mark.parametrize("words", [("list",), ("show", ID), ("approve", ID), ("deny", ID, "--reason", HOSTILE)])
def test_nothing_that_an_agent_says_moves_the_terminal(
    gatekeeper: ScriptedApprover, gatehold: Command, words: tuple[str, ...]
) -> None:
    gatekeeper.add(hostile())
    gatekeeper.read[ID] = {
        "trace": trace_pb2.Trace(candidates=[trace_pb2.Candidate(policy=HOSTILE, action=HOSTILE)]),
        "history": [ApprovalEvent(event=HOSTILE, actor=HOSTILE, reason=HOSTILE)],
    }
    code, out, err = gatehold("approvals", *words)
    assert code == 0 and "fine" in out
    assert is_tame(out) and is_tame(err)


def test_a_refusals_words_do_not_either(gatekeeper: ScriptedApprover, gatehold: Command) -> None:
    gatekeeper.add(pending(ID))
    blocks = ErrorReason.ERROR_REASON_APPROVAL_POLICY_BLOCKS
    gatekeeper.refusals["Approve", ID] = Refusal(grpc.StatusCode.FAILED_PRECONDITION, blocks, f"no {HOSTILE}".strip())
    gatekeeper.refusals["ListApprovals", ""] = gatekeeper.refusals["Approve", ID]
    for words in (("approve", ID), ("list",)):
        code, out, err = gatehold("approvals", *words)
        assert code == 1 and is_tame(out + err) and "fine" in err


def test_long_arguments_are_cut_visibly_in_a_listing_and_whole_in_show(
    gatekeeper: ScriptedApprover, gatehold: Command
) -> None:
    gatekeeper.add(pending(ID, args_json=json.dumps({"note": "x" * 5_000, "z": "last"})))
    assert "(5,025 characters)" in " ".join(gatehold("approvals", "list").out.split())
    shown = gatehold("approvals", "show", ID).out
    assert "x" * 5_000 in shown and '"z": "last"' in shown


def test_show_tells_the_votes_what_is_missing_the_policies_and_the_history(
    gatekeeper: ScriptedApprover, gatehold: Command
) -> None:
    two = ApprovalRequirement(policy="two-of-finance", groups=["finance", "board"], count=2, separation=True)
    met = ApprovalRequirement(policy="anyone", count=1, met=True)
    vote = Vote(approver="bob", approve=True, reason="ok by me", groups=["finance"])
    outsider = Vote(approver="carl", approve=True, groups=["support"])
    gatekeeper.add(pending(ID, requirements=[two, met], votes=[vote, outsider], justification="the box was empty"))
    comparison = trace_pb2.Comparison(text="args.amount greater 100", result=trace_pb2.TRUTH_TRUE)
    candidate = trace_pb2.Candidate(policy="two-of-finance", action="require_approval", comparisons=[comparison])
    event = ApprovalEvent(event="voted", actor="bob", state=approval_pb2.APPROVAL_STATE_PENDING, reason="ok by me")
    event.event_time.seconds = NOW
    gatekeeper.read[ID] = {"trace": trace_pb2.Trace(candidates=[candidate]), "history": [event]}
    code, out, _ = gatehold("approvals", "show", ID)
    text = " ".join(out.split())
    assert code == 0
    assert "pending, 26m 40s to decide" in text and "requested 3m 20s ago" in text
    assert "members of finance or board, not ann 1 of 2 1 more of members of finance or board, not ann" in text
    assert "anyone any approver 2 of 1" in text
    assert "bob approve finance ok by me" in text and "the box was empty" in text
    assert "args.amount greater 100 is true" in text and '"ticket": "T-1"' in text
    assert "2030-03-17 17:46:40 voted bob pending ok by me" in text


def test_show_as_json_has_all_of_it(gatekeeper: ScriptedApprover, gatehold: Command) -> None:
    gatekeeper.add(pending(ID))
    gatekeeper.read[ID] = {"history": [ApprovalEvent(event="requested", actor="dev")]}
    document = json.loads(gatehold("approvals", "show", ID, "--output", "json").out)
    assert document["approval"]["args"] == {"amount": 250}
    assert document["history"][0]["event"] == "requested"


@pytest.mark.parametrize(("state", "deadline"), [("APPROVED", "claim_by_time"), ("CLAIMED", "claim_expire_time")])
def test_an_age_is_by_the_servers_clock_in_every_state(
    gatekeeper: ScriptedApprover, gatehold: Command, state: str, deadline: str
) -> None:
    number = approval_pb2.ApprovalState.Value(f"APPROVAL_STATE_{state}")
    claimed = pending(ID, state=number, time_left=Duration(seconds=90), decide_by_time=Timestamp(seconds=NOW - 7))
    claimed.claim_by_time.seconds = NOW + 5
    getattr(claimed, deadline).seconds = NOW + 90
    gatekeeper.add(claimed)
    row = " ".join(gatehold("approvals", "list", "--state", state.lower()).out.split())
    assert f"{state.lower()} 3m 20s 1m 30s" in row


def test_one_that_ended_shows_when_it_was_requested(gatekeeper: ScriptedApprover, gatehold: Command) -> None:
    ended = pending(ID, state=approval_pb2.APPROVAL_STATE_DENIED)
    ended.ClearField("time_left")
    gatekeeper.add(ended)
    requested = datetime.fromtimestamp(NOW - 200, UTC).strftime("%Y-%m-%d %H:%M")
    assert requested in gatehold("approvals", "list", "--state", "denied").out


@pytest.mark.parametrize("word", [ID, ID.upper(), "1b4e", "1B4E28BA", ID[:35]])
def test_an_id_may_be_shortened_to_what_only_one_begins_with(
    gatekeeper: ScriptedApprover, gatehold: Command, word: str
) -> None:
    gatekeeper.add(pending(ID), pending(THIRD), pending(OTHER, state=approval_pb2.APPROVAL_STATE_DENIED))
    assert ID in gatehold("approvals", "show", word).out


def test_a_short_id_finds_every_open_state(gatekeeper: ScriptedApprover, gatehold: Command) -> None:
    gatekeeper.add(pending(ID, state=approval_pb2.APPROVAL_STATE_INDETERMINATE))
    assert ID in gatehold("approvals", "show", "1b4e").out


def test_show_finds_one_that_ended_and_a_vote_does_not(gatekeeper: ScriptedApprover, gatehold: Command) -> None:
    gatekeeper.add(pending(ID, state=approval_pb2.APPROVAL_STATE_DENIED))
    assert ID in gatehold("approvals", "show", "1b4e28ba").out
    assert "no open approval's id begins with 1b4e28ba" in gatehold("approvals", "approve", "1b4e28ba").err
    gatekeeper.add(*(pending(f"{ID[:-2]}{n}", state=approval_pb2.APPROVAL_STATE_FAILED) for n in range(10, 22)))
    assert "and 3 more" in gatehold("approvals", "show", "1b4e28ba").err


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("1b4e28b", f"{ID} (stripe:create_refund of dev), {OTHER} (stripe:create_refund of dev)"),
        ("1b4", "neither an approval's id nor its first 4 or more characters"),
        ("refund", "neither an approval's id"),
        ("\x1b[2J", "neither an approval's id"),
        ("6fa459eb", "did you mean 6fa459ea?"),
        ("ffffffff", "`gatehold approvals list` shows what waits"),
        ("ffffffff-2fa1-41d2-883f-0016d3cca427", "no such approval"),
    ],
)
def test_an_id_that_names_none_or_several_is_refused(
    gatekeeper: ScriptedApprover, gatehold: Command, word: str, told: str
) -> None:
    gatekeeper.add(pending(ID), pending(OTHER), pending(THIRD))
    for words in (("show", word), ("approve", word)):
        code, out, err = gatehold("approvals", *words)
        assert code == 1 and told in err and is_tame(out + err)
    assert not gatekeeper.votes


@pytest.mark.parametrize(
    ("code", "reason", "told"),
    [
        ("UNAUTHENTICATED", ErrorReason.ERROR_REASON_CREDENTIAL_INVALID, "--key-file"),
        ("PERMISSION_DENIED", ErrorReason.ERROR_REASON_NOT_PERMITTED, "another role"),
        ("UNAVAILABLE", ErrorReason.ERROR_REASON_STORAGE_FAILED, "cannot be stored (UNAVAILABLE)"),
    ],
)
def test_an_error_says_what_to_do(
    gatekeeper: ScriptedApprover, gatehold: Command, code: str, reason: ErrorReason, told: str
) -> None:
    gatekeeper.refusals["ListApprovals", ""] = Refusal(grpc.StatusCode[code], reason, "records cannot be stored")
    ended = gatehold("approvals", "list")
    assert ended.code == 1 and told in ended.err


def test_a_decision_point_that_is_away_is_told(gatekeeper: ScriptedApprover, gatehold: Command) -> None:
    gatekeeper.stop()
    ended = gatehold("approvals", "list")
    assert ended.code == 1 and f"nothing answers at {gatekeeper.address}" in ended.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("approvals", "aprove"), "Did you mean 'approve'?"),
        (("aprovals",), "Did you mean 'approvals'?"),
        (("webhooks", "sett"), "Did you mean 'set'?"),
        (("approvals", "list", "--stat", "x"), "--state"),
        (("approvals", "deny", ID), "Missing option '--reason'"),
        (("approvals", "cancel", ID), "Missing option '--reason'"),
        (("approvals", "resolve", ID, "--reason", "r"), "Missing option '--outcome'"),
        (("approvals", "approve"), "Missing argument 'ID...'"),
        (("approvals", "list", "--state", "pendng"), "pending"),
    ],
)
def test_mistakes_are_told(gatehold: Command, words: tuple[str, ...], told: str) -> None:
    code, _, err = gatehold(*words)
    assert code == 1 and told in err


@pytest.mark.parametrize("command", ["", "list", "show", "approve", "deny", "cancel", "resolve", "watch"])
def test_every_command_has_help_with_an_example(gatehold: Command, command: str) -> None:
    code, out, _ = gatehold("approvals", *filter(None, [command]), "--help")
    assert code == 0 and f"gatehold approvals {command}" in out.split("Example", 1)[1]
