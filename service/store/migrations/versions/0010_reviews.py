"""The weekly review, who wants it and how, and what findings suggest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.models.base import Document, Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Three tables, and two columns of users."""
    op.create_table(
        "reviews",
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("content", Document, nullable=False),
        sa.PrimaryKeyConstraint("week", name=op.f("pk_reviews")),
    )
    op.create_table(
        "review_letters",
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "state IN ('ready','sending','sent','unclear','dropped','dead')", name=op.f("ck_review_letters_state")
        ),
        sa.ForeignKeyConstraint(["week"], ["reviews.week"], name=op.f("fk_review_letters_week"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_review_letters_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_letters")),
        sa.UniqueConstraint("week", "user_id", name=op.f("uq_review_letters_week_user_id")),
    )
    op.create_index("ix_review_letters_claim", "review_letters", ["state", "next_try_at"])
    op.create_index("ix_review_letters_user_id", "review_letters", ["user_id"])
    op.create_table(
        "suggestions",
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("who", sa.String(length=255), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("topic", name=op.f("pk_suggestions")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("review", sa.String(length=10), nullable=False, server_default="off"))
        batch_op.add_column(sa.Column("review_slack", sa.Text(), nullable=True))


def downgrade() -> None:
    """Without them."""
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("review_slack")
        batch_op.drop_column("review")
    op.drop_table("suggestions")
    op.drop_table("review_letters")
    op.drop_table("reviews")
