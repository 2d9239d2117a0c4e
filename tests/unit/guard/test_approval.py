"""An approval in plain types says what the one on the wire says, or is not read at all."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gatehold import Approval
from gatehold.guard.approval import read_approval
from gatehold.v1 import approval_pb2 as wire
from gatehold.v1 import decision_pb2

SOUND = wire.Approval(
    approval_id="a",
    state=wire.APPROVAL_STATE_APPROVED,
    verb="bank:pay",
    args_json='{"amount":250}',
    args_digest="d",
    reason="large",
    risk_level=decision_pb2.RISK_LEVEL_MEDIUM,
)


def read(**changes: Any) -> Approval:
    message = wire.Approval()
    message.CopyFrom(SOUND)
    for name, value in changes.items():
        setattr(message, name, value)
    return read_approval(message)


@pytest.mark.parametrize("state", [number for number in wire.ApprovalState.values() if number])
def test_a_state_is_read_as_its_word(state: Any) -> None:
    assert f"APPROVAL_STATE_{read(state=state).state.name}" == wire.ApprovalState.Name(state)


def test_what_is_there_is_read() -> None:
    message = wire.Approval()
    message.CopyFrom(SOUND)
    message.decide_by_time.FromDatetime(datetime(2026, 1, 2, tzinfo=UTC))
    approval = read_approval(message)
    assert (approval.id, approval.args, approval.risk_level) == ("a", {"amount": 250}, "MEDIUM")
    assert (approval.decide_by, approval.claim_by) == (datetime(2026, 1, 2, tzinfo=UTC), None)
    assert approval.why == "large" and read(end_reason="no").why == "no"


@pytest.mark.parametrize(
    "changes",
    [
        {"approval_id": ""},
        {"args_digest": ""},
        {"state": 0},
        {"state": 77},
        {"risk_level": 77},
        {"args_json": "[]"},
        {"args_json": '{"amount":1,"amount":2}'},
    ],
    ids=str,
)
def test_what_is_not_sound_is_not_read(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        read(**changes)


def test_a_risk_that_nobody_stated_is_high() -> None:
    assert read(risk_level=0).risk_level == "HIGH"
