"""Policies and revisions as messages."""

import asyncio
from collections.abc import Iterable

from gatehold.digest import canonical
from gatehold.invalid import InvalidInput
from gatehold.v1 import policy_pb2
from gatehold.v1.policy_pb2 import SourceDocument
from pdp.fleet.registry import Snapshot
from pdp.policy.built_in import BuiltIn, built_ins
from pdp.policy.emit import emit
from pdp.policy.load import load_policies
from pdp.policy.model import Mode, Policy
from pdp.store.model import StoredRevision
from pdp.transport.change_requests import named_texts, object_changes


async def read_policies(documents: Iterable[SourceDocument]) -> tuple[Policy, ...]:
    """The policies of documents, read on a thread because large ones take seconds.

    Raises:
        InvalidDocuments: they do not load.
    """
    texts = [(text, name) for name, text in named_texts(documents)]
    return await asyncio.to_thread(load_policies, texts)


async def read_policy(document: SourceDocument) -> Policy:
    """The one policy of a document.

    Raises:
        InvalidDocuments: it does not load.
        InvalidInput: on `document`, when it holds none or several.
    """
    policies = await read_policies([document])
    if len(policies) != 1:
        raise InvalidInput("document", f"must hold one policy, not {len(policies)}")
    return policies[0]


def built_in_policies(snapshot: Snapshot) -> dict[str, BuiltIn]:
    """Those that come with the product, by id."""
    bundles = snapshot.configuration.catalog.bundles.values()
    with_default = [(bundle.name, bundle.default_permission) for bundle in bundles if bundle.default_permission]
    return {policy.id: policy for policy in built_ins(with_default)}


def policy_message(policy: Policy | BuiltIn, revision: int) -> policy_pb2.Policy:
    """The message of one policy as `revision` holds it."""
    if isinstance(policy, BuiltIn):
        return policy_pb2.Policy(
            id=policy.id,
            document_json=canonical(policy.form()).decode(),
            action=policy.action.type.value,
            enabled=True,
            mode=Mode.ENFORCE.value,
            built_in=True,
            revision=revision,
        )
    return policy_pb2.Policy(
        id=policy.id,
        document_json=canonical(emit(policy)).decode(),
        action=policy.action.type.value,
        mandatory=policy.mandatory,
        enabled=policy.enabled,
        mode=policy.mode.value,
        revision=revision,
    )


def revision_message(stored: StoredRevision, current: int) -> policy_pb2.Revision:
    """The message of one revision. `current`: the one in force."""
    message = policy_pb2.Revision(
        revision=stored.revision,
        actor=stored.actor,
        change_reason=stored.reason,
        changes=object_changes(stored.changes),
        current=stored.revision == current,
    )
    message.create_time.FromMicroseconds(stored.created_us)
    return message


def required_id(text: str) -> str:
    """The id that a request names. Raises InvalidInput when there is none."""
    if not text:
        raise InvalidInput("id", "must not be empty")
    return text
