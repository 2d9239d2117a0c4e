"""The records of what happened to an approval."""

import uuid
from collections.abc import Sequence

from gatehold.records import now
from gatehold.v1.audit_record_pb2 import ApprovalDetail, AuditRecord, RecordKind
from pdp.store.approval import Approval, Event


def approval_records(approval: Approval, events: Sequence[Event]) -> list[AuditRecord]:
    """One record for each event, made now.

    Args:
        approval: as it is after the last of them.
    """
    return [_record(approval, event) for event in events]


def _record(approval: Approval, event: Event) -> AuditRecord:
    return AuditRecord(
        record_id=str(uuid.uuid4()),
        tenant=approval.tenant,
        record_time=now(),
        kind=RecordKind.RECORD_KIND_APPROVAL,
        agent=approval.agent,
        session=approval.session,
        on_behalf_of=approval.on_behalf_of,
        verb=approval.verb,
        args_json=approval.call.shown_args,
        context_json=approval.call.shown_context,
        args_digest=event.args_digest,
        request_id=approval.request_id,
        approval=ApprovalDetail(
            approval_id=approval.approval_id,
            event=event.event,
            actor=event.actor,
            state=event.state.value,
            reason=event.reason,
            revision=event.revision,
            previous_args_digest=event.previous_args_digest,
            claim_id=event.claim_id,
            policies=[requirement.policy for requirement in approval.call.requirements],
        ),
    )
