"""How messages become the documents that programs read."""

import pytest
from click import ClickException

from gatehold.cli.audit import COLUMNS, line, row
from gatehold.cli.documents import short_spelling, source_documents, to_document
from gatehold.v1 import audit_record_pb2, decision_pb2, reason_code_pb2


def record() -> audit_record_pb2.AuditRecord:
    made = audit_record_pb2.AuditRecord(
        record_id="r", kind=audit_record_pb2.RECORD_KIND_DECISION, agent="dev", verb="a:b", args_json='{"x":1}'
    )
    made.record_time.FromJsonString("2026-01-02T03:04:05Z")
    made.decision.CopyFrom(
        audit_record_pb2.DecisionDetail(
            decision=decision_pb2.DECISION_REQUIRE_APPROVAL,
            risk_level=decision_pb2.RISK_LEVEL_HIGH,
            reason_code=reason_code_pb2.REASON_CODE_DEFAULT_RISK,
            source=decision_pb2.DECISION_SOURCE_FAIL_CLOSED,
        )
    )
    return made


def test_a_record_has_short_spellings_parsed_json_and_only_its_own_detail() -> None:
    document = to_document(record())
    assert document["kind"] == "decision"
    assert document["args"] == {"x": 1}
    assert document["record_time"] == "2026-01-02T03:04:05Z"
    assert "alarm" not in document and "execution" not in document
    detail = document["decision"]
    assert (detail["decision"], detail["risk_level"], detail["source"]) == ("require_approval", "HIGH", "fail_closed")


def test_durations_are_seconds() -> None:
    detail = audit_record_pb2.ExecutionDetail()
    detail.duration.FromMilliseconds(1500)
    assert to_document(detail)["duration"] == 1.5


def test_an_odd_record_is_shown_as_it_is() -> None:
    odd = audit_record_pb2.AuditRecord(kind=99, args_json="{not json", context_json="[" * 100_000)
    odd.record_time.seconds = 10**15
    odd.execution.outcome = 77
    odd.execution.duration.seconds = 10**15
    document = to_document(odd)
    assert (document["kind"], document["args"], document["context"]) == (99, "{not json", "[" * 100_000)
    assert document["record_time"] == {"seconds": 10**15, "nanos": 0}
    assert document["execution"]["outcome"] == 77
    assert document["execution"]["duration"] == {"seconds": 10**15, "nanos": 0}
    assert set(row(document)) == set(COLUMNS) and "99" in line(document)


@pytest.mark.parametrize("text", ['{"a": NaN}', "[-Infinity]", "1" * 5_000, "?"])
def test_what_is_no_json_is_shown_as_its_text(text: str) -> None:
    assert to_document(audit_record_pb2.ChangeDetail(new_json=text))["new"] == text


@pytest.mark.parametrize(
    ("enumeration", "name", "short"),
    [
        ("Decision", "DECISION_REQUIRE_APPROVAL", "require_approval"),
        ("RiskLevel", "RISK_LEVEL_HIGH", "HIGH"),
        ("DecisionSource", "DECISION_SOURCE_CACHE", "cache"),
    ],
)
def test_short_spellings(enumeration: str, name: str, short: str) -> None:
    assert short_spelling(enumeration, name) == short


def test_a_row_has_every_column_and_a_line_no_controls() -> None:
    made = record()
    made.decision.reason = "gone\x1b[2J"
    document = to_document(made)
    assert set(row(document)) == set(COLUMNS)
    assert "\x1b" not in line(document) and "require_approval" in line(document)


def test_an_alarm_shows_its_message() -> None:
    made = audit_record_pb2.AuditRecord(kind=audit_record_pb2.RECORD_KIND_ALARM)
    made.alarm.message = "records 3 to 5 are missing"
    assert row(to_document(made))["reason"] == "records 3 to 5 are missing"


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ({"event": "requested", "actor": "dev", "state": "pending"}, "requested by dev, now pending"),
        (
            {"event": "voted", "actor": "ann", "state": "approved", "reason": "ok\x1b"},
            "voted by ann, now approved: ok\x1b",
        ),
        ({"event": "expired", "state": "expired"}, "expired"),
    ],
)
def test_an_approval_shows_what_happened_by_whom_and_why(detail: dict[str, str], words: str) -> None:
    made = audit_record_pb2.AuditRecord(kind=audit_record_pb2.RECORD_KIND_APPROVAL)
    made.approval.CopyFrom(
        audit_record_pb2.ApprovalDetail(approval_id="1b4e28ba-2fa1", policies=["gate", "floor"], **detail)  # type: ignore[arg-type]
    )
    shown = row(to_document(made))
    assert (shown["reason"], shown["policy_matched"]) == (f"approval 1b4e28ba {words}", "gate, floor")
    assert "\x1b" not in line(to_document(made))


def test_files_are_read_in_order_and_an_empty_folder_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "b.yaml").write_text("b")
    (tmp_path / "a.json").write_text("a")
    (tmp_path / "c.txt").write_text("c")
    assert [d.content for d in source_documents((tmp_path,))] == ["a", "b"]
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ClickException, match="holds no"):
        source_documents((empty,))
