"""Keep requests that changed nothing, so that one that is sent again does not undo what came between."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "unchanged",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "revision"], ["revision.tenant", "revision.revision"], name=op.f("fk_unchanged_revision_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant", "request_id", name=op.f("pk_unchanged")),
    )
