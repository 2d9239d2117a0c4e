"""The configuration of every tenant that decides now, in memory.

One process has the database to itself, so what it put in force last is what is in force.
"""

from dataclasses import dataclass

from pdp.configuration import Configuration
from pdp.fleet.content import Content, Documents, compiled, parse
from pdp.store.errors import NoSuchTenant
from pdp.store.model import ObjectChange, StoredConfiguration


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One revision, ready to decide, with what it was made from."""

    configuration: Configuration
    content: Content
    documents: Documents

    @classmethod
    def load(cls, stored: StoredConfiguration) -> "Snapshot":
        """Compiles a stored configuration.

        Raises:
            ValueError: it does not load in this release.
        """
        content = parse(stored)
        return cls(compiled(stored.tenant, stored.revision, content, stored.epoch), content, Documents.of(content))

    @property
    def revision(self) -> int:
        """Its number, from 1."""
        return self.configuration.revision

    def next(self, content: Content) -> "Snapshot":
        """The revision after this one, made from what would be stored of `content`.

        Going through the text makes sure that a restart loads it, and decides as this process does.
        """
        tenant, epoch = self.configuration.tenant, self.configuration.epoch
        stored = StoredConfiguration(tenant, self.revision + 1, *Documents.of(content).stored(), epoch=epoch)
        return Snapshot.load(stored)

    def changes(self, after: "Snapshot") -> tuple[ObjectChange, ...]:
        """What differs between this revision and `after`."""
        return self.documents.changes(after.documents)


class Registry:
    """What is in force, by tenant."""

    def __init__(self) -> None:
        self._snapshots: dict[str, Snapshot] = {}

    def current(self, tenant: str) -> Configuration:
        """What decides for that tenant now.

        Raises:
            NoSuchTenant: no such tenant was loaded.
        """
        return self.snapshot(tenant).configuration

    def snapshot(self, tenant: str) -> Snapshot:
        """The same with what it was made from. Raises NoSuchTenant."""
        try:
            return self._snapshots[tenant]
        except KeyError:
            raise NoSuchTenant(f"there is no tenant {tenant}") from None

    def tenants(self) -> list[str]:
        """All that were loaded."""
        return list(self._snapshots)

    def is_idempotent(self, tenant: str, verb: str) -> bool:
        """Whether a call of that verb may be run again; never of one that is not in the catalog."""
        entry = self.current(tenant).catalog.get(verb)
        return entry is not None and entry.idempotent

    def put(self, snapshot: Snapshot) -> None:
        """Puts a revision in force: every call from now on is decided by it."""
        self._snapshots[snapshot.configuration.tenant] = snapshot
