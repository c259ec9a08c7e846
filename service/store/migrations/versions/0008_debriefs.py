"""What people said about a loss, sign-ins at a CRM that are under way, and to whom a follow-up was given."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.models.base import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two tables, and a column of reminders."""
    op.create_table(
        "debriefs",
        sa.Column("episode_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=True),
        sa.Column("sub_reason", sa.String(length=60), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("stated", sa.Text(), nullable=False),
        sa.Column("momentum", sa.Text(), nullable=False),
        sa.Column("to_change", sa.Text(), nullable=False),
        sa.Column("is_worth_it", sa.Boolean(), nullable=True),
        sa.Column("touch_on", sa.Date(), nullable=True),
        sa.Column("debriefed_at", Instant(), nullable=True),
        sa.Column("who", sa.String(length=255), nullable=False),
        sa.Column("said_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_debriefs_episode_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("episode_id", name=op.f("pk_debriefs")),
    )
    op.create_table(
        "crm_sign_ins",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("session_hash", sa.String(length=64), nullable=False),
        sa.Column("crm", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_crm_sign_ins")),
    )
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("given_to", sa.String(length=64), nullable=True))
    op.create_index("ix_crm_sign_ins_created_at", "crm_sign_ins", ["created_at"])


def downgrade() -> None:
    """Without them."""
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.drop_column("given_to")
    op.drop_table("crm_sign_ins")
    op.drop_table("debriefs")
