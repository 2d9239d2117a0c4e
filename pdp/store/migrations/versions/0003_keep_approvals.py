"""Keep approvals, what happened to them, and what is told of it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _approvals()
    _events()
    _webhooks()


def _approvals() -> None:
    op.create_table(
        "approval",
        sa.Column("position", _counter, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("approval_id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("call_digest", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("due_us", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["head.tenant"], name=op.f("fk_approval_head_tenant")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_approval")),
        sa.UniqueConstraint("tenant", "approval_id", name=op.f("uq_approval_tenant_approval_id")),
        sa.UniqueConstraint("tenant", "agent", "request_id", name=op.f("uq_approval_tenant_agent_request_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_approval_tenant_state_position"), "approval", ["tenant", "state", "position"])
    op.create_index(
        op.f("ix_approval_tenant_agent_state_position"), "approval", ["tenant", "agent", "state", "position"]
    )
    op.create_index(op.f("ix_approval_tenant_due_us"), "approval", ["tenant", "due_us"])
    op.create_index(
        "uq_approval_open_call",
        "approval",
        ["tenant", "agent", "call_digest"],
        unique=True,
        sqlite_where=sa.text("state IN ('pending', 'approved')"),
        postgresql_where=sa.text("state IN ('pending', 'approved')"),
    )


def _events() -> None:
    op.create_table(
        "approval_event",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("approval_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "approval_id"],
            ["approval.tenant", "approval.approval_id"],
            name=op.f("fk_approval_event_approval_tenant"),
        ),
        sa.PrimaryKeyConstraint("tenant", "approval_id", "number", name=op.f("pk_approval_event")),
    )


def _webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("last_attempt_us", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["head.tenant"], name=op.f("fk_webhook_head_tenant")),
        sa.PrimaryKeyConstraint("tenant", name=op.f("pk_webhook")),
    )
    op.create_table(
        "delivery",
        sa.Column("number", _counter, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("due_us", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["head.tenant"], name=op.f("fk_delivery_head_tenant")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_delivery")),
        sa.UniqueConstraint("tenant", "message_id", name=op.f("uq_delivery_tenant_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_delivery_tenant_due_us"), "delivery", ["tenant", "due_us"])
