"""What the decision point keeps, and the one seam that every database stands behind.

All methods are synchronous and safe to call from any thread; asynchronous callers run them on an executor. Each method
is one transaction: it has committed durably when it returns, and changed nothing when it raises. Every row belongs to a
tenant and no method reaches into another one; `heads`, `keys`, `allow_lists` and `live_sessions` alone span tenants,
because they serve to find out which tenant it is.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from gatehold.vocabulary import ApprovalState
from pdp.store.approval import Approval, ApprovalChange, Event
from pdp.store.errors import (
    AlreadyOpen,
    ChangePending,
    KeyExists,
    NoSuchRevision,
    NoSuchTenant,
    NotContiguous,
    NotPrepared,
    RequestIdReused,
    StaleApproval,
    StaleRevision,
    StoreError,
    TooManyApprovals,
    Unavailable,
    Unsupported,
)
from pdp.store.model import (
    FIRST_REVISION,
    AlarmKey,
    Delivery,
    Head,
    LogEntry,
    NewRevision,
    ObjectChange,
    Prepared,
    RecordFilter,
    Spool,
    SpoolOpening,
    StoredConfiguration,
    StoredKey,
    StoredRecord,
    StoredRevision,
    StoredSession,
    StreamPosition,
    Webhook,
)

__all__ = [
    "FIRST_REVISION",
    "AlarmKey",
    "AlreadyOpen",
    "Approval",
    "ApprovalChange",
    "ApprovalStore",
    "ChangePending",
    "ConfigurationStore",
    "Delivery",
    "Event",
    "Head",
    "KeyExists",
    "KeyStore",
    "LogEntry",
    "NewRevision",
    "NoSuchRevision",
    "NoSuchTenant",
    "NotContiguous",
    "NotPrepared",
    "ObjectChange",
    "Prepared",
    "RecordFilter",
    "RecordStore",
    "RequestIdReused",
    "SessionStore",
    "Spool",
    "SpoolOpening",
    "StaleApproval",
    "StaleRevision",
    "Store",
    "StoreError",
    "StoredConfiguration",
    "StoredKey",
    "StoredRecord",
    "StoredRevision",
    "StoredSession",
    "StreamPosition",
    "TooManyApprovals",
    "Unavailable",
    "Unsupported",
    "Webhook",
    "WebhookStore",
]


class ConfigurationStore(Protocol):
    """Heads, revisions and their documents."""

    def create_tenant(self, tenant: str, policies: str, catalog: str, agents: str) -> Head:
        """Makes a tenant at `FIRST_REVISION` with this configuration. An existing one is left and returned as it is."""

    def head(self, tenant: str) -> Head:
        """Raises NoSuchTenant."""

    def heads(self) -> list[Head]:
        """The heads of all tenants, by name."""

    def configuration(self, tenant: str, revision: int) -> StoredConfiguration:
        """A revision's whole configuration, prepared or in force or past. Raises NoSuchRevision."""

    def revision(self, tenant: str, revision: int) -> StoredRevision:
        """Raises NoSuchRevision."""

    def revisions(self, tenant: str, before: int | None, limit: int) -> list[StoredRevision]:
        """The tenant's revisions below `before` (None: from the newest), newest first, a prepared one too."""

    def replayed(self, tenant: str, request_id: str, request_digest: str) -> int | None:
        """The revision that this request made, or found in force, already; None for a new request.

        Raises:
            RequestIdReused: the request_id stands for another request.
        """

    def prepare(self, new: NewRevision, expected_revision: int | None) -> Prepared:
        """Stores the next revision as PREPARED. It is never aborted, and its number never reused.

        Checks in this order: a known `request_id` returns its revision; then `expected_revision` (None: any); then a
        pending change.

        Raises:
            NoSuchTenant, RequestIdReused, StaleRevision, ChangePending.
        """

    def keep_unchanged(self, tenant: str, request_id: str, request_digest: str, revision: int) -> int:
        """Notes that a request changes nothing at `revision`, so that it changes nothing when it comes again.

        Checks as `prepare` does, and returns `revision`, or the one that the request stands for already.

        Raises:
            NoSuchTenant, RequestIdReused, StaleRevision, ChangePending.
        """

    def flip(self, tenant: str, revision: int, entries: Sequence[LogEntry]) -> tuple[StoredRecord, ...]:
        """Puts the prepared revision in force, and the record of the change with it, in one transaction.

        Raises:
            NotPrepared: `revision` is not the prepared one.
            NotContiguous: an entry does not follow in its spool.
        """


class KeyStore(Protocol):
    """API keys, and the networks that credentials may be used from. A key is revoked by a revision (`NewRevision`)."""

    def add_key(self, key: StoredKey, entries: Sequence[LogEntry] = ()) -> tuple[StoredRecord, ...]:
        """Adds a key, with the record of it. Raises KeyExists."""

    def keys(self) -> list[StoredKey]:
        """All keys of all tenants, expired and revoked ones too, by creation."""

    def allow_lists(self) -> dict[str, tuple[str, ...]]:
        """The networks that credentials may be used from, by tenant; a tenant without any is not in it."""

    def put_allow_list(
        self, tenant: str, networks: Sequence[str], entries: Sequence[LogEntry]
    ) -> tuple[StoredRecord, ...]:
        """Sets the tenant's networks, with the record of it; none for any address."""


class SessionStore(Protocol):
    """Sessions. Their times are on the wall clock, as those of keys are."""

    def add_session(self, session: StoredSession, entries: Sequence[LogEntry]) -> tuple[StoredRecord, ...]:
        """Adds one, with the record of it."""

    def revoke_session(self, tenant: str, session_id: str, entries: Sequence[LogEntry]) -> tuple[StoredRecord, ...]:
        """Ends one from now on, with the record of it. One that is revoked stays as it is."""

    def session(self, tenant: str, session_id: str) -> StoredSession | None:
        """One session, None for an unknown one."""

    def sessions(self, tenant: str, agent: str | None, before: int | None, limit: int) -> list[StoredSession]:
        """Sessions at positions below `before` (None: from the newest), newest first. `agent`: None for any."""

    def live_sessions(self) -> list[StoredSession]:
        """Those of all tenants that are neither revoked nor expired."""


class RecordStore(Protocol):
    """The record, its spools and streams."""

    def append(
        self,
        entries: Sequence[LogEntry],
        streams: Sequence[StreamPosition] = (),
        alarms: Sequence[AlarmKey] = (),
    ) -> tuple[StoredRecord, ...]:
        """Stores entries, the stream positions they bring about and the alarms they raise, in one transaction.

        Each spool must have been opened or reported, and each entry must be its spool's next, so that (spool, sequence)
        is stored once.

        Raises:
            NotContiguous.
        """

    def open_spool(self, opening: SpoolOpening) -> Spool:
        """Makes the spool known, or returns what is stored of it. A predecessor is set once and never changed.

        The caller checks whose the returned spool is.
        """

    def report_spool(self, tenant: str, spool_id: str, sidecar: str, agent: str, last_sequence: int) -> Spool:
        """Raises `reported_sequence`, never lowers it; makes the spool known where it is not.

        Nothing is written for a spool of another sidecar or agent: the caller checks whose the returned spool is.
        """

    def spool(self, tenant: str, spool_id: str) -> Spool | None:
        """What is stored of a spool, None for an unknown one."""

    def latest_spool(self, tenant: str, sidecar: str, agent: str) -> Spool | None:
        """The spool that became known last of that sidecar and agent."""

    def behind_spools(self, tenant: str) -> list[Spool]:
        """Spools of which more was reported than is stored."""

    def spool_entries(self, tenant: str, spool_id: str, sequences: Collection[int]) -> list[LogEntry]:
        """The stored ones among these entries of a spool, in order."""

    def stream_position(self, tenant: str, agent: str, stream_id: str) -> int:
        """Last stored sequence of an agent's stream, 0 for an unknown one."""

    def alarmed(self, key: AlarmKey) -> bool:
        """Whether that alarm is on the record."""

    def records(self, tenant: str, where: RecordFilter, before: int | None, limit: int) -> list[StoredRecord]:
        """Records at positions below `before` (None: from the newest), newest first."""


class ApprovalStore(Protocol):
    """Approvals and what happened to them. All their times are on one clock, the database's."""

    def now_us(self) -> int:
        """Microseconds since 1970-01-01 UTC on the database's clock. Never less than before."""

    def approval(self, tenant: str, approval_id: str) -> Approval | None:
        """One approval, None for an unknown one."""

    def requested_approval(self, tenant: str, agent: str, request_id: str) -> Approval | None:
        """The one that this agent's idempotency key stands for, in whatever state."""

    def open_approval(self, tenant: str, agent: str, call_digest: str) -> Approval | None:
        """The one of this call that is pending or approved. There is one at most."""

    def approvals(
        self, tenant: str, states: Collection[ApprovalState], agent: str | None, after: int, limit: int
    ) -> list[Approval]:
        """Approvals in these states, at positions above `after`, oldest first. `agent`: None for any."""

    def approval_events(self, tenant: str, approval_id: str) -> list[Event]:
        """What happened to one, oldest first; empty for an unknown one."""

    def due_approvals(self, tenant: str, limit: int) -> list[str]:
        """Ids of those whose `due_us` has come, the longest due first."""

    def change_approval(
        self, change: ApprovalChange, entries: Sequence[LogEntry], most_pending: int | None = None
    ) -> tuple[StoredRecord, ...]:
        """Stores a new approval, or the next version of one, with its events, messages and records.

        Args:
            most_pending: how many pending approvals the agent of a new one may have; None for any number.

        Raises:
            StaleApproval: it is not the next version of what is stored; `before_us` has come; or, for a new one, the
                same call is open or its request_id is used.
            TooManyApprovals.
            NotContiguous: an entry does not follow in its spool.
        """


class WebhookStore(Protocol):
    """Each tenant's webhook, and the messages that it has not taken yet (`ApprovalChange.messages`)."""

    def webhook(self, tenant: str) -> Webhook | None:
        """The tenant's webhook, None where it has none."""

    def put_webhook(
        self, tenant: str, url: str, sealed: bytes, entries: Sequence[LogEntry]
    ) -> tuple[StoredRecord, ...]:
        """Sets it, in the place of the one there is, with the record of the change. What waits goes to the new one."""

    def delete_webhook(self, tenant: str, entries: Sequence[LogEntry]) -> tuple[StoredRecord, ...]:
        """Removes it and all messages that wait, with the record of the change."""

    def due_deliveries(self, tenant: str, limit: int) -> list[Delivery]:
        """Messages whose next attempt is due, in the order in which they were written."""

    def delivered(self, tenant: str, message_id: str) -> None:
        """Forgets a message that was taken."""

    def not_delivered(self, tenant: str, message_id: str, wait_us: int | None, error: str) -> None:
        """Notes an attempt that failed. `wait_us`: until the next; None gives the message up."""


class Store(ApprovalStore, ConfigurationStore, KeyStore, RecordStore, SessionStore, WebhookStore, Protocol):
    """Everything the decision point keeps. Any method may raise `Unavailable`."""

    def probe(self, tenant: str) -> None:
        """Writes and commits something of no meaning, to learn whether the storage works."""

    def close(self) -> None:
        """Ends all connections and lets another process open the database."""
