"""Records on an agent's word."""

import pytest

from gatehold.agent_records import agent_record
from gatehold.invalid import InvalidInput
from gatehold.v1.audit_record_pb2 import AuditRecord

EXECUTION = {"kind": 2, "verb": "a:b", "execution": {"decision_id": "d-1", "outcome": 1, "error": "line one\nline two"}}
KNOWN = {"a:b": ("card.number",)}


def stored(**fields: object) -> AuditRecord:
    return agent_record(AuditRecord(**EXECUTION | fields), tenant="t", agent="dev", session="", sensitive=KNOWN.get)


def test_identity_place_and_time_are_stamped_and_the_word_is_marked() -> None:
    claimed = {"tenant": "x", "agent": "x", "session": "x", "record_id": "x", "spool_id": "x", "sequence": 7}
    record = stored(**claimed, agent_asserted=False)
    assert (record.tenant, record.agent, record.session, record.spool_id, record.sequence) == ("t", "dev", "", "", 0)
    assert record.agent_asserted and record.record_id != "x" and record.record_time.seconds > 0
    assert record.execution == AuditRecord(**EXECUTION).execution


def test_secrets_are_replaced_and_of_an_unknown_verb_everything() -> None:
    args = '{"card": {"number": "4111"}, "amount": 250}'
    assert stored(args_json=args).args_json == '{"amount":250,"card":{"number":"[redacted]"}}'
    for verb in ["", "c:d"]:
        record = stored(verb=verb, args_json=args, context_json='{"note": "secret"}')
        assert "4111" not in record.args_json and "250" not in record.args_json and "secret" not in record.context_json


def test_the_digest_is_computed_where_there_are_arguments() -> None:
    assert stored(args_digest="a" * 64).args_digest == "a" * 64
    assert stored(args_json='{"a": 1}', args_digest="a" * 64).args_digest == (
        "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": 0}, "record.kind"),
        ({"kind": 1}, "record.kind"),
        ({"kind": 8, "alarm": {}}, "record.kind"),
        ({"kind": 6}, "record.ai_usage"),
        ({"execution": None}, "record.execution"),
        ({"execution": {"decision_id": "a\0"}}, "record.execution.decision_id"),
        ({"execution": {"error": "x" * 4_097}}, "record.execution.error"),
        ({"execution": {"cost_microusd": -1}}, "record.execution.cost_microusd"),
        ({"execution": {"cost_microusd": 1}}, "record.execution.outcome"),
        ({"execution": {"outcome": 0}}, "record.execution.outcome"),
        ({"execution": {"outcome": 99}}, "record.execution.outcome"),
        ({"execution": {"outcome": 1, "tokens": -1}}, "record.execution.tokens"),
        ({"execution": {"outcome": 1, "duration": {"seconds": 10**15}}}, "record.execution.duration"),
        ({"execution": {"outcome": 1, "duration": {"seconds": -1}}}, "record.execution.duration"),
        ({"execution": {"outcome": 1, "duration": {"nanos": -5}}}, "record.execution.duration"),
        ({"execution": {"outcome": 1, "duration": {"nanos": 10**9}}}, "record.execution.duration"),
        ({"verb": "A:b"}, "record.verb"),
        ({"args_json": '{"a": NaN}'}, "record.args_json.a"),
        ({"context_json": "[]"}, "record.context_json"),
        ({"on_behalf_of": "a\u202e"}, "record.on_behalf_of"),
        ({"request_id": "r" * 129}, "record.request_id"),
        ({"args_digest": "A" * 64}, "record.args_digest"),
    ],
)
def test_what_is_outside_the_contract_is_named(fields: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        stored(**fields)
    assert error.value.field == field
