"""What a tenant starts with."""

from collections.abc import Iterable, Sequence

from pdp.fleet.changes import ChangeCoordinator, Request
from pdp.fleet.content import Content, Documents, RegisteredAgent
from pdp.fleet.edits import replace_policies
from pdp.fleet.errors import DifferentPolicies
from pdp.policy.load import load_policies
from pdp.store.interface import ConfigurationStore
from pdp.store.model import FIRST_REVISION


def open_tenant(store: ConfigurationStore, tenant: str, agents: Iterable[RegisteredAgent] = ()) -> bool:
    """Makes the tenant with these agents and no policies where it does not exist.

    Returns:
        Whether it was made now.
    """
    if any(head.tenant == tenant for head in store.heads()):
        return False
    content = Content({}, {}, {}, {registered.agent.id: registered for registered in agents})
    store.create_tenant(tenant, *Documents.of(content).stored())
    return True


async def seed(
    changes: ChangeCoordinator, tenant: str, documents: Sequence[tuple[str, str]], *, apply: bool, actor: str
) -> None:
    """Puts the policies of `documents` in force, with their record, before anything is served.

    A tenant whose configuration was never changed takes them as they are. With any other they must be those in force
    already, unless `apply` says that they are to replace them. That takes as long as leases of an earlier process last.

    Args:
        documents: (text, name of its source) of each file.
        actor: who is on record as having made the change.

    Raises:
        InvalidDocuments: they do not load.
        DifferentPolicies: others are in force.
    """
    edit = replace_policies(load_policies(documents))
    found = await changes.apply(tenant, edit, Request(actor, validate_only=True))
    if not found.changes:
        return
    if found.revision != FIRST_REVISION and not apply:
        raise DifferentPolicies([change.object for change in found.changes])
    request = Request(actor, reason="policies given at the start", expected_revision=found.revision)
    await changes.apply(tenant, edit, request)
