"""Limits shared by all processes, deals that could not be taken, and what a connection's writes wait for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.models.base import Document, Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables, and four columns of connections."""
    op.create_table(
        "budgets",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("record", Document, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_budgets_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection_id", "name", name=op.f("pk_budgets")),
    )
    op.create_table(
        "failed_deals",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("crm_deal_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("close_month", sa.String(length=7), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("failed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_failed_deals_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection_id", "crm_deal_id", name=op.f("pk_failed_deals")),
    )
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.add_column(sa.Column("token_leased_by", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("write_stops", Document, nullable=True))
        batch_op.add_column(sa.Column("going_live", Document, nullable=True))
        batch_op.add_column(sa.Column("ledger_counted_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Without them."""
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.drop_column("ledger_counted_on")
        batch_op.drop_column("going_live")
        batch_op.drop_column("write_stops")
        batch_op.drop_column("token_leased_by")
    op.drop_table("failed_deals")
    op.drop_table("budgets")
