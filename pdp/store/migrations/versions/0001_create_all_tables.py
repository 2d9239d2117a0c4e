"""Create all tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _configuration()
    _keys()
    _spools()
    _records()
    _probe()


def _configuration() -> None:
    op.create_table(
        "head",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("prepared", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", name=op.f("pk_head")),
    )
    op.create_table(
        "document",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["head.tenant"], name=op.f("fk_document_head_tenant")),
        sa.PrimaryKeyConstraint("tenant", "digest", name=op.f("pk_document")),
    )
    op.create_table(
        "revision",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("policies", sa.Text(), nullable=False),
        sa.Column("catalog", sa.Text(), nullable=False),
        sa.Column("agents", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "agents"], ["document.tenant", "document.digest"], name="fk_revision_agents"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "catalog"], ["document.tenant", "document.digest"], name="fk_revision_catalog"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "policies"], ["document.tenant", "document.digest"], name="fk_revision_policies"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["head.tenant"], name=op.f("fk_revision_head_tenant")),
        sa.PrimaryKeyConstraint("tenant", "revision", name=op.f("pk_revision")),
        sa.UniqueConstraint("tenant", "request_id", name=op.f("uq_revision_tenant_request_id")),
    )


def _keys() -> None:
    op.create_table(
        "api_key",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("agents", sa.Text(), nullable=False),
        sa.Column("groups", sa.Text(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("expires_us", sa.BigInteger(), nullable=True),
        sa.Column("revoked_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_key")),
    )


def _spools() -> None:
    op.create_table(
        "spool",
        sa.Column("ordinal", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("spool_id", sa.Text(), nullable=False),
        sa.Column("sidecar", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("predecessor_id", sa.Text(), nullable=True),
        sa.Column("predecessor_last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("committed_sequence", sa.BigInteger(), nullable=False),
        sa.Column("next_hash", sa.LargeBinary(), nullable=False),
        sa.Column("reported_sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["head.tenant"], name=op.f("fk_spool_head_tenant")),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_spool")),
        sa.UniqueConstraint("tenant", "spool_id", name=op.f("uq_spool_tenant_spool_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_spool_tenant_sidecar_agent_ordinal"), "spool", ["tenant", "sidecar", "agent", "ordinal"])
    op.create_table(
        "stream",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("stream_id", sa.Text(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["head.tenant"], name=op.f("fk_stream_head_tenant")),
        sa.PrimaryKeyConstraint("tenant", "agent", "stream_id", name=op.f("pk_stream")),
    )
    op.create_table(
        "alarm",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("spool_id", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["head.tenant"], name=op.f("fk_alarm_head_tenant")),
        sa.PrimaryKeyConstraint("tenant", "spool_id", "type", "first_sequence", name=op.f("pk_alarm")),
    )


def _records() -> None:
    op.create_table(
        "record",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("spool_id", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("time_us", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "spool_id"], ["spool.tenant", "spool.spool_id"], name=op.f("fk_record_spool_tenant")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_record")),
        sa.UniqueConstraint("tenant", "spool_id", "sequence", name=op.f("uq_record_tenant_spool_id_sequence")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_record_tenant_agent_position"), "record", ["tenant", "agent", "position"])
    op.create_index(op.f("ix_record_tenant_kind_position"), "record", ["tenant", "kind", "position"])
    op.create_index(op.f("ix_record_tenant_time_us"), "record", ["tenant", "time_us"])
    op.create_index(op.f("ix_record_tenant_verb_position"), "record", ["tenant", "verb", "position"])


def _probe() -> None:
    op.create_table(
        "probe",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["head.tenant"], name=op.f("fk_probe_head_tenant")),
        sa.PrimaryKeyConstraint("tenant", name=op.f("pk_probe")),
    )
