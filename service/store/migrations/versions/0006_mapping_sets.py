"""Drafts, previews and publications of the editable documents; deals by what they state."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from service.store.models.base import Document, Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BATCH = 2000
IN_SCOPE = sa.text("state = 'lost' AND excluded_by IS NULL")
PUBLISHING = sa.text("state = 'publishing'")
CHANGES = sa.text("outcome IS NOT NULL")


def upgrade() -> None:
    """Add the tables and columns, and fill in the key of what each stored deal states."""
    op.add_column("deals", sa.Column("reason_key", sa.BigInteger(), nullable=True))
    op.add_column("reminders", sa.Column("placed_days", Document, nullable=True))
    op.add_column("reminders", sa.Column("is_announced", sa.Boolean(), nullable=False, server_default=sa.false()))
    _fill_reason_keys(op.get_bind())
    op.create_index(
        "ix_deals_reasons",
        "deals",
        ["connection_id", "reason_key", "currency", "amount", "id"],
        sqlite_where=IN_SCOPE,
        postgresql_where=IN_SCOPE,
    )
    op.create_table(
        "drafts",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("base_number", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_drafts")),
    )
    op.create_table(
        "previews",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("draft_revision", sa.Integer(), nullable=True),
        sa.Column("rollback_to", sa.Integer(), nullable=True),
        sa.Column("mappings_base", sa.Integer(), nullable=False),
        sa.Column("policy_base", sa.Integer(), nullable=False),
        sa.Column("days", Document, nullable=False),
        sa.Column("counts", Document, nullable=False),
        sa.Column("totals", Document, nullable=False),
        sa.Column("cursor", Document, nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.CheckConstraint("state IN ('building','ready','publishing','published')", name=op.f("ck_previews_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_previews")),
    )
    op.create_index(
        "uq_previews_publishing",
        "previews",
        ["state"],
        unique=True,
        sqlite_where=PUBLISHING,
        postgresql_where=PUBLISHING,
    )
    op.create_table(
        "preview_outcomes",
        sa.Column("preview_id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("outcome", Document, nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_preview_outcomes_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_preview_outcomes_deal_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["preview_id"], ["previews.id"], name=op.f("fk_preview_outcomes_preview_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("preview_id", "deal_id", name=op.f("pk_preview_outcomes")),
    )
    op.create_index(
        "ix_preview_outcomes_changes",
        "preview_outcomes",
        ["preview_id", "deal_id"],
        sqlite_where=CHANGES,
        postgresql_where=CHANGES,
    )


def downgrade() -> None:
    """Take all of it away again."""
    op.drop_table("preview_outcomes")
    op.drop_table("previews")
    op.drop_table("drafts")
    op.drop_index("ix_deals_reasons", table_name="deals")
    with op.batch_alter_table("reminders") as batch_op:
        batch_op.drop_column("is_announced")
        batch_op.drop_column("placed_days")
    with op.batch_alter_table("deals") as batch_op:
        batch_op.drop_column("reason_key")


def _fill_reason_keys(connection: sa.Connection) -> None:
    deals = sa.table("deals", sa.column("id", sa.Integer), sa.column("record", Document), sa.column("reason_key"))
    after = 0
    update = deals.update().where(deals.c.id == sa.bindparam("row")).values(reason_key=sa.bindparam("key"))
    while True:
        rows = connection.execute(
            sa.select(deals.c.id, deals.c.record).where(deals.c.id > after).order_by(deals.c.id).limit(BATCH)
        ).all()
        if not rows:
            return
        connection.execute(update, [{"row": row.id, "key": _reason_key(row.record)} for row in rows])
        after = rows[-1].id


def _reason_key(record: dict[str, Any]) -> int:
    """As the product computes it at this revision; later changes of it bring a migration of their own."""
    stated = record.get("stated_reasons") or []
    said = [(one["field"], one.get("label") or one["value"]) for one in stated]
    said = [one for one in said if one[1].strip()]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], byteorder="big", signed=True) if said else 0
