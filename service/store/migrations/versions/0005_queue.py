"""The queue: turns of jobs, messages, used links, and a connection's hours."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.models.base import Document, Instant
from service.store.models.text import LongWords

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SETTINGS = ("sync_every_minutes", "morning_hour", "digest", "digest_hour", "escalate_after_days", "slack")


def upgrade() -> None:
    """Add them. Connections that are there keep quiet: no digest, the default hours."""
    op.add_column("connections", sa.Column("sync_every_minutes", sa.Integer()))
    op.add_column("connections", sa.Column("morning_hour", sa.Integer(), nullable=False, server_default="8"))
    op.add_column("connections", sa.Column("digest", sa.String(10), nullable=False, server_default="off"))
    op.add_column("connections", sa.Column("digest_hour", sa.Integer(), nullable=False, server_default="8"))
    op.add_column("connections", sa.Column("escalate_after_days", sa.Integer()))
    op.add_column("connections", sa.Column("slack", sa.Text()))
    _turns()
    _messages()
    _link_uses()


def downgrade() -> None:
    """Take them away."""
    for table in ("link_uses", "messages", "turns"):
        op.drop_table(table)
    # Column by column: a batch would make the table anew, and SQLite's foreign keys would empty every other one.
    for name in SETTINGS:
        op.drop_column("connections", name)


def _turns() -> None:
    op.create_table(
        "turns",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("connection_id", sa.Integer()),
        sa.Column("due_at", Instant()),
        sa.Column("leased_until", Instant()),
        sa.Column("leased_by", sa.String(200)),
        sa.Column("began_at", Instant()),
        sa.Column("ended_at", Instant()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", LongWords()),
        sa.PrimaryKeyConstraint("name", name="pk_turns"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_turns_connection_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_turns_connection_id", "turns", ["connection_id"])


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("content", Document, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("lease_until", Instant()),
        sa.Column("error", LongWords()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("done_at", Instant()),
        sa.CheckConstraint(
            "state IN ('ready','sending','sent','unclear','dropped','dead')", name=op.f("ck_messages_state")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name="fk_messages_connection_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "connection_id", "kind", "owner_id", "day", name="uq_messages_connection_id_kind_owner_id_day"
        ),
    )
    op.create_index("ix_messages_claim", "messages", ["state", "next_try_at"])


def _link_uses() -> None:
    op.create_table(
        "link_uses",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("reminder_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("used_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_link_uses"),
        sa.ForeignKeyConstraint(["reminder_id"], ["reminders.id"], name="fk_link_uses_reminder_id", ondelete="CASCADE"),
    )
    op.create_index("ix_link_uses_reminder_id", "link_uses", ["reminder_id"])
