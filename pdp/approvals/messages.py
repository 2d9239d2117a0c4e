"""What a tenant's webhook is told: the form of Standard Webhooks, free of arguments.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Payload structure".
"""

import json
import uuid
from collections.abc import Sequence

from gatehold.records import now
from pdp.store.approval import Approval, Event, Message

_UNTOLD = frozenset({"claim_refused"})


def messages(approval: Approval, events: Sequence[Event]) -> tuple[Message, ...]:
    """One message for each event that people may want to hear of.

    Args:
        approval: as it is after the last of them.
    """
    return tuple(_message(approval, event) for event in events if event.event not in _UNTOLD)


def _message(approval: Approval, event: Event) -> Message:
    payload = {
        "type": f"approval.{event.event}",
        "timestamp": now().ToJsonString(),
        "data": {
            "approval_id": approval.approval_id,
            "state": event.state.value,
            "verb": approval.verb,
            "risk_level": approval.call.risk_level.value,
            "agent": approval.agent,
            "on_behalf_of": approval.on_behalf_of,
            "actor": event.actor,
            "asks_because": approval.call.reason,
            "policies": [requirement.policy for requirement in approval.call.requirements],
            "reason": event.reason,
            "args_digest": event.args_digest,
        },
    }
    return Message(f"msg_{uuid.uuid4().hex}", json.dumps(payload))
