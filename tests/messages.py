"""Messages for webhooks, left in a store as a change of an approval leaves them."""

import uuid

from gatehold.vocabulary import ApprovalState, RiskLevel
from pdp.store.approval import Approval, ApprovalChange, FrozenCall, Message
from pdp.store.interface import ApprovalStore


def tell(store: ApprovalStore, tenant: str, *message_ids: str, body: str = "{}") -> None:
    """Stores an approval whose change has these messages."""
    messages = tuple(Message(message_id, body) for message_id in message_ids)
    store.change_approval(ApprovalChange(_approval(tenant), due_us=0, messages=messages), [])


def _approval(tenant: str) -> Approval:
    approval_id = str(uuid.uuid4())
    return Approval(
        tenant=tenant,
        approval_id=approval_id,
        version=1,
        state=ApprovalState.PENDING,
        agent="dev",
        on_behalf_of="",
        session="",
        verb="stripe:create_refund",
        tool_definition_digest="",
        call_digest=approval_id,
        request_id="",
        request_digest="",
        justification="",
        call=FrozenCall("", "", "{}", "{}", RiskLevel.HIGH, 1, "", "gate", (), 60_000_000),
        request_us=1,
        decide_by_us=2,
    )
