"""Keep sessions, which revision revoked which key, and from where credentials may be used."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "revocation",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "revision"], ["revision.tenant", "revision.revision"], name=op.f("fk_revocation_revision_tenant")
        ),
        sa.ForeignKeyConstraint(["key_id"], ["api_key.key_id"], name=op.f("fk_revocation_api_key_key_id")),
        sa.PrimaryKeyConstraint("tenant", "revision", name=op.f("pk_revocation")),
    )
    op.create_table(
        "allow_list",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("networks", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["head.tenant"], name=op.f("fk_allow_list_head_tenant")),
        sa.PrimaryKeyConstraint("tenant", name=op.f("pk_allow_list")),
    )
    _sessions()


def _sessions() -> None:
    op.create_table(
        "session",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("expires_us", sa.BigInteger(), nullable=False),
        sa.Column("revoked_us", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["head.tenant"], name=op.f("fk_session_head_tenant")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_session")),
        sa.UniqueConstraint("session_id", name=op.f("uq_session_session_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_session_tenant_agent_position"), "session", ["tenant", "agent", "position"])
    op.create_index(op.f("ix_session_expires_us"), "session", ["expires_us"])
