"""The tables, all in one MetaData. Every one has `tenant`; statements on them are made in `pdp.store.scope` alone.

The migrations create them; a test holds the two equal.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

# Migrations can only alter a constraint that has a name.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

# SQLite numbers rows by itself only in a column of the very type INTEGER.
_counter = BigInteger().with_variant(Integer, "sqlite")


def _belongs_to_tenant() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant"], ["head.tenant"])


head = Table(
    "head",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("prepared", BigInteger),
    PrimaryKeyConstraint("tenant"),
)

# Content-addressed, so that a revision stores only the parts that it changes.
document = Table(
    "document",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("content", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "digest"),
    _belongs_to_tenant(),
)

revision = Table(
    "revision",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("request_id", Text),
    Column("request_digest", Text, nullable=False),
    Column("policies", Text, nullable=False),
    Column("catalog", Text, nullable=False),
    Column("agents", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("changes", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "revision"),
    UniqueConstraint("tenant", "request_id"),
    _belongs_to_tenant(),
    *(
        ForeignKeyConstraint(["tenant", part], ["document.tenant", "document.digest"], name=f"fk_revision_{part}")
        for part in ("policies", "catalog", "agents")
    ),
)

# Requests that changed nothing: the others are in `revision`.
unchanged = Table(
    "unchanged",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("request_digest", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "request_id"),
    ForeignKeyConstraint(["tenant", "revision"], ["revision.tenant", "revision.revision"]),
)

api_key = Table(
    "api_key",
    metadata,
    # No reference to a tenant: a platform administrator's key belongs to none.
    Column("tenant", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    # Empty for a sidecar that shows a certificate.
    Column("digest", LargeBinary, nullable=False),
    Column("role", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("agents", Text, nullable=False),
    Column("groups", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger),
    Column("revoked_us", BigInteger),
    PrimaryKeyConstraint("key_id"),
)

# The key that a revision revokes, beside whatever else it changes.
revocation = Table(
    "revocation",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("key_id", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "revision"),
    ForeignKeyConstraint(["tenant", "revision"], ["revision.tenant", "revision.revision"]),
    ForeignKeyConstraint(["key_id"], ["api_key.key_id"]),
)

# Networks that the tenant's credentials may be used from, as a JSON list; any where a tenant has no row.
allow_list = Table(
    "allow_list",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("networks", Text, nullable=False),
    PrimaryKeyConstraint("tenant"),
    _belongs_to_tenant(),
)

session = Table(
    "session",
    metadata,
    Column("position", _counter, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("agent", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
    Column("revoked_us", BigInteger),
    # All the rest as JSON: what it narrows to, and who made it.
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("position"),
    UniqueConstraint("session_id"),
    _belongs_to_tenant(),
    Index(None, "tenant", "agent", "position"),
    Index(None, "expires_us"),
    sqlite_autoincrement=True,
)

spool = Table(
    "spool",
    metadata,
    # The order in which spools became known; the wall clock may run backwards.
    Column("ordinal", _counter, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("spool_id", Text, nullable=False),
    Column("sidecar", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("predecessor_id", Text),
    Column("predecessor_last_sequence", BigInteger, nullable=False),
    Column("committed_sequence", BigInteger, nullable=False),
    Column("next_hash", LargeBinary, nullable=False),
    Column("reported_sequence", BigInteger, nullable=False),
    PrimaryKeyConstraint("ordinal"),
    UniqueConstraint("tenant", "spool_id"),
    _belongs_to_tenant(),
    Index(None, "tenant", "sidecar", "agent", "ordinal"),
    sqlite_autoincrement=True,
)

record = Table(
    "record",
    metadata,
    Column("position", _counter, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("spool_id", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("time_us", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("decision", Text),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("position"),
    UniqueConstraint("tenant", "spool_id", "sequence"),
    ForeignKeyConstraint(["tenant", "spool_id"], ["spool.tenant", "spool.spool_id"]),
    Index(None, "tenant", "agent", "position"),
    Index(None, "tenant", "verb", "position"),
    Index(None, "tenant", "kind", "position"),
    Index(None, "tenant", "time_us"),
    sqlite_autoincrement=True,
)

stream = Table(
    "stream",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("stream_id", Text, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "agent", "stream_id"),
    _belongs_to_tenant(),
)

alarm = Table(
    "alarm",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("spool_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("first_sequence", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "spool_id", "type", "first_sequence"),
    _belongs_to_tenant(),
)

approval = Table(
    "approval",
    metadata,
    Column("position", _counter, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("approval_id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("call_digest", Text, nullable=False),
    Column("request_id", Text),
    Column("request_digest", Text, nullable=False),
    Column("due_us", BigInteger),
    # The arguments and the context, encrypted; NULL once they are erased.
    Column("sealed", LargeBinary),
    # All the rest as JSON: it is read and written whole, and nothing is looked for by it.
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("position"),
    UniqueConstraint("tenant", "approval_id"),
    UniqueConstraint("tenant", "agent", "request_id"),
    _belongs_to_tenant(),
    Index(None, "tenant", "state", "position"),
    Index(None, "tenant", "agent", "state", "position"),
    Index(None, "tenant", "due_us"),
    sqlite_autoincrement=True,
)
# The same call, asked for again while an approval of it is open, is that approval.
_open_call = approval.c.state.in_(["pending", "approved"])
Index(
    "uq_approval_open_call",
    approval.c.tenant,
    approval.c.agent,
    approval.c.call_digest,
    unique=True,
    sqlite_where=_open_call,
    postgresql_where=_open_call,
)

approval_event = Table(
    "approval_event",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("approval_id", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "approval_id", "number"),
    ForeignKeyConstraint(["tenant", "approval_id"], ["approval.tenant", "approval.approval_id"]),
)

webhook = Table(
    "webhook",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("url", Text, nullable=False),
    # The signing secret, encrypted.
    Column("sealed", LargeBinary, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("last_attempt_us", BigInteger),
    Column("last_error", Text, nullable=False),
    PrimaryKeyConstraint("tenant"),
    _belongs_to_tenant(),
)

# Messages that the webhook has not taken yet, each written in the transaction of what it tells of.
delivery = Table(
    "delivery",
    metadata,
    Column("number", _counter, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("due_us", BigInteger, nullable=False),
    PrimaryKeyConstraint("number"),
    UniqueConstraint("tenant", "message_id"),
    _belongs_to_tenant(),
    Index(None, "tenant", "due_us"),
    sqlite_autoincrement=True,
)

# One row for each tenant, rewritten with a new value to learn whether a commit works: SQLite writes nothing for an
# update that changes no byte.
probe = Table(
    "probe",
    metadata,
    Column("tenant", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant"),
    _belongs_to_tenant(),
)
