"""What is stored, as callers see it. Plain and frozen; free of any database.

Times are microseconds since 1970-01-01 UTC on the wall clock.
"""

from dataclasses import dataclass, field

from gatehold.vocabulary import Decision, RecordKind

FIRST_REVISION = 1
"""The revision that a new tenant starts at. 0 is never a revision: on the wire it says that nobody could decide."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a tenant's configuration stands.

    Attributes:
        epoch: random, from 1 to 2^63 - 1: tells the revisions from equally numbered ones of another store.
        revision: the one that decides, from `FIRST_REVISION`.
        prepared: the one that is to decide next and waits for leases to end; None when no change is pending.
    """

    tenant: str
    epoch: int
    revision: int
    prepared: int | None


@dataclass(frozen=True, slots=True)
class StoredConfiguration:
    """A tenant's whole configuration at one revision, each part as canonical JSON text (RFC 8785).

    Attributes:
        epoch: as in `Head`; 0 for one that no store holds, so that nothing decided by it is reused.
    """

    tenant: str
    revision: int
    policies: str
    catalog: str
    agents: str
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """One object that a revision changed.

    Attributes:
        object: what, for example `policy/large-refund-gate` or `agent/dev`.
        old_json: its form before as JSON; empty when it did not exist.
        new_json: its form after as JSON; empty when it was deleted.
    """

    object: str
    old_json: str
    new_json: str


@dataclass(frozen=True, slots=True)
class NewRevision:
    """A change to a tenant's configuration, whole.

    Attributes:
        request_id: idempotency key; empty means none.
        request_digest: what the key stands for; the same key with another digest is refused.
        policies, catalog, agents: the whole new configuration, canonical JSON texts.
        actor: the principal who changes it.
        reason: the reason given; empty where none was.
        changes: what differs from the revision before.
        revokes: id of a key that is revoked with it; empty for none.
    """

    tenant: str
    request_id: str
    request_digest: str
    policies: str
    catalog: str
    agents: str
    actor: str
    reason: str
    changes: tuple[ObjectChange, ...]
    revokes: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Outcome of `prepare`. `replayed`: the same request had been prepared before, and may be in force already."""

    revision: int
    replayed: bool


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """Who made a revision, when and why, without its documents."""

    tenant: str
    revision: int
    request_id: str
    actor: str
    reason: str
    created_us: int
    changes: tuple[ObjectChange, ...]


@dataclass(frozen=True, slots=True)
class StoredKey:
    """An API key without its secret.

    Attributes:
        key_id: random, not secret, unique over all tenants.
        digest: SHA-256 of the whole key, 32 bytes; empty for a sidecar that shows a certificate instead.
        role: agent, sidecar, approver, admin, auditor or platform_admin.
        principal: whom it stands for: an agent id, a sidecar's name or a person.
        agents: agents that a sidecar's key may speak for; `*` is every agent.
        expires_us, revoked_us: None means never.
    """

    key_id: str
    tenant: str
    digest: bytes
    role: str
    principal: str
    agents: tuple[str, ...]
    groups: tuple[str, ...]
    created_us: int
    expires_us: int | None = None
    revoked_us: int | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One record as it is stored.

    Attributes:
        spool_id, sequence: the chain it stands in and its place there, from 1.
        previous_hash: 32 bytes, as `gatehold.chain` defines it.
        agent, verb: empty for records that are of none.
        decision: for records of kind decision; None for all others.
        body: a serialized AuditRecord. The other attributes are extracted from it by the caller.
    """

    record_id: str
    tenant: str
    spool_id: str
    sequence: int
    previous_hash: bytes
    time_us: int
    kind: RecordKind
    agent: str
    verb: str
    decision: Decision | None
    body: bytes


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """An entry with its place in the whole record: `position` only ever grows, in order of commit."""

    position: int
    entry: LogEntry


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which records. Everything that is not None must hold. `since_us` is inclusive, `until_us` exclusive."""

    agent: str | None = None
    verb: str | None = None
    kind: RecordKind | None = None
    decision: Decision | None = None
    since_us: int | None = None
    until_us: int | None = None


@dataclass(frozen=True, slots=True)
class SpoolOpening:
    """A spool as its writer introduces it.

    Attributes:
        sidecar: name of the sidecar that writes it; empty for the decision point's own.
        agent: the agent that the sidecar serves; empty for the decision point's own.
        predecessor_id: the spool written before it; None when none is known.
        predecessor_last_sequence: the predecessor's last sequence; 0 when none is known.
    """

    tenant: str
    spool_id: str
    sidecar: str
    agent: str
    predecessor_id: str | None = None
    predecessor_last_sequence: int = 0


@dataclass(frozen=True, slots=True)
class Spool:
    """One chain of records and how far it is stored.

    Attributes:
        sidecar: name of the sidecar that writes it; empty for the decision point's own.
        agent: the agent that the sidecar serves; empty for the decision point's own.
        predecessor_id: the spool written before it; None when none is known, or while it has only been reported.
        predecessor_last_sequence: the predecessor's last sequence, in its writer's word.
        committed_sequence: the last sequence stored here; 0 when none is.
        next_hash: the `previous_hash` that the next record has to carry.
        reported_sequence: the highest sequence that its writer ever said it holds durably.
    """

    tenant: str
    spool_id: str
    sidecar: str
    agent: str
    predecessor_id: str | None
    predecessor_last_sequence: int
    committed_sequence: int
    next_hash: bytes
    reported_sequence: int


@dataclass(frozen=True, slots=True)
class StreamPosition:
    """How far an agent's own stream of records is stored."""

    tenant: str
    agent: str
    stream_id: str
    last_sequence: int


@dataclass(frozen=True, slots=True)
class AlarmKey:
    """The place that an alarm speaks of, so that a fault which persists is put on the record once."""

    tenant: str
    spool_id: str
    type: str
    first_sequence: int


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a tenant's approvals are told of. Times are on the database's clock.

    Attributes:
        sealed: the signing secret, encrypted.
        last_attempt_us: None before the first.
        last_error: what the last attempt came to; empty where it worked.
        waiting: messages that it has not taken yet.
    """

    tenant: str
    url: str
    sealed: bytes = field(repr=False)
    created_us: int
    last_attempt_us: int | None
    last_error: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that the webhook has not taken yet. `attempts`: how many have failed."""

    tenant: str
    message_id: str
    body: str
    created_us: int
    attempts: int


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session without its token.

    Attributes:
        session_id: random, not secret, unique over all tenants.
        digest: SHA-256 of the whole token, 32 bytes.
        agent: whom it acts as.
        on_behalf_of: whom every call is made for; empty where that is not fixed.
        verbs: verbs or patterns; with `bundles` both empty, any verb.
        ceilings: a JSON list of conditions; empty for none.
        bound_address: the only address it may be used from; empty for any.
        maker: the principal that made it.
        maker_key: id of the key that it was made with, and that it ends with.
        revoked_us: None means never.
        position: its place in order of making; 0 before it is stored.
    """

    tenant: str
    session_id: str
    digest: bytes = field(repr=False)
    agent: str
    on_behalf_of: str
    verbs: tuple[str, ...]
    bundles: tuple[str, ...]
    ceilings: str
    bound_address: str
    maker: str
    maker_key: str
    created_us: int
    expires_us: int
    revoked_us: int | None = None
    position: int = 0
