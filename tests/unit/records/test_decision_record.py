"""What a decision's record holds, and what it must never hold."""

import json

from gatehold.records import decision_record, legible, stamp
from gatehold.v1.audit_record_pb2 import AuditRecord, RecordKind
from gatehold.v1.decision_pb2 import Decision, DecisionSource, Intent, RiskLevel
from gatehold.v1.decision_point_service_pb2 import EvaluateRequest, EvaluateResponse

ARGS = {"amount": 250, "card": {"number": "4111", "brand": "visa"}, "items": [{"token": "t1"}, {"token": "t2"}]}
RESPONSE = EvaluateResponse(
    decision=Decision.DECISION_ALLOW,
    risk_level=RiskLevel.RISK_LEVEL_LOW,
    decision_id="d1",
    revision=7,
    source=DecisionSource.DECISION_SOURCE_POLICY,
    args_digest="a" * 64,
)


def record(sensitive: list[str] | None, context: dict[str, object] | None = None) -> AuditRecord:
    return decision_record(
        EvaluateRequest(verb="stripe:create_refund", on_behalf_of="ann", request_id="r1"),
        RESPONSE,
        tenant="default",
        agent="dev",
        session="",
        args=ARGS,
        context=context or {},
        sensitive=sensitive,
        shadow=(),
        supersedes="d0",
    )


def test_a_record_tells_who_asked_what_and_what_came_of_it() -> None:
    made = record([])
    assert made.kind == RecordKind.RECORD_KIND_DECISION
    assert (made.agent, made.on_behalf_of, made.verb, made.request_id) == ("dev", "ann", "stripe:create_refund", "r1")
    assert json.loads(made.args_json) == ARGS
    assert made.context_json == ""
    assert (made.decision.decision_id, made.decision.revision, made.decision.supersedes) == ("d1", 7, "d0")
    assert made.decision.intent == Intent.INTENT_EXECUTE
    assert made.record_time.seconds > 0


def test_sensitive_paths_are_replaced_and_the_arguments_left_alone() -> None:
    made = record(["card.number", "items[*].token"])
    assert json.loads(made.args_json) == {
        "amount": 250,
        "card": {"number": "[redacted]", "brand": "visa"},
        "items": [{"token": "[redacted]"}, {"token": "[redacted]"}],
    }
    assert ARGS["card"] == {"number": "4111", "brand": "visa"}


def test_unknown_paths_replace_every_value_of_arguments_and_context() -> None:
    made = record(None, {"session_token": "s3cr3t"})
    assert json.loads(made.args_json) == dict.fromkeys(ARGS, "[redacted]")
    assert json.loads(made.context_json) == {"session_token": "[redacted]"}


def test_a_stamped_record_knows_its_place_and_every_record_has_its_own_id() -> None:
    first, second = record([]), record([])
    assert first.record_id != second.record_id
    stored = AuditRecord.FromString(stamp(first, "spool", 9))
    assert (stored.spool_id, stored.sequence, stored.record_id) == ("spool", 9, first.record_id)


def test_of_a_refused_request_only_what_passes_its_own_check_is_legible() -> None:
    shown = legible(EvaluateRequest(verb="a:b\n", on_behalf_of="ann", request_id="r\x1b[2J", args_json='{"s": 1}'))
    assert shown == EvaluateRequest(on_behalf_of="ann")
    assert legible(EvaluateRequest(verb="a:b")).verb == "a:b"
