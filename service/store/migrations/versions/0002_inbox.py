"""The inbox, what senders of webhooks prove themselves by, and when a deal was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.models.base import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('pending','working')")
DONE = sa.text("state = 'done'")


def upgrade() -> None:
    """The inbox, what senders of webhooks prove themselves by, and when a deal was read."""
    op.create_table(
        "inbox",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("mark", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("is_bulk", sa.Boolean(), nullable=False),
        sa.Column("is_deletion", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=True),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_reason", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.CheckConstraint("state IN ('pending','working','done','dead','discarded')", name=op.f("ck_inbox_state")),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_inbox_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint(
            "connection_id", "deal_id", "kind", "mark", name=op.f("uq_inbox_connection_id_deal_id_kind_mark")
        ),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inbox_open", ["connection_id", "next_try_at"], sqlite_where=OPEN, postgresql_where=OPEN
        )
        batch_op.create_index("ix_inbox_done", ["done_at"], sqlite_where=DONE, postgresql_where=DONE)
    op.add_column("connections", sa.Column("webhook_keys", sa.Text(), nullable=True))
    op.add_column("deals", sa.Column("read_at", Instant(), nullable=True))


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("deals", "read_at")
    op.drop_column("connections", "webhook_keys")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index("ix_inbox_done", sqlite_where=DONE, postgresql_where=DONE)
        batch_op.drop_index("ix_inbox_open", sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_table("inbox")
