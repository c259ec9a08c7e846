"""What was read of people's consent; scopes of the mapping set in force; who people are to their identity provider."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """A table, empty until the next task is written; and a column of connections, which keep the scope they have."""
    op.add_column("connections", sa.Column("published_scope", DOCUMENT, nullable=True))
    op.add_column("users", sa.Column("oidc_issuer", sa.String(500), nullable=True))
    op.add_column("users", sa.Column("oidc_subject", sa.String(255), nullable=True))
    op.create_index("uq_users_oidc", "users", ["oidc_issuer", "oidc_subject"], unique=True)
    op.create_table(
        "consents",
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(64), nullable=False),
        sa.Column("flags", DOCUMENT, nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.String(200), nullable=False),
        sa.Column("email_until", sa.Date(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name="fk_consents_deal_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("deal_id", "contact_id", name="pk_consents"),
    )
    op.create_index("ix_consents_contact", "consents", ["contact_id"])


def downgrade() -> None:
    """Without it."""
    op.drop_index("ix_consents_contact", table_name="consents")
    op.drop_table("consents")
    # Not in a batch: SQLite would make the table anew, and with the old one all that refers to it would go.
    op.drop_column("connections", "published_scope")
    op.drop_index("uq_users_oidc", table_name="users")
    op.drop_column("users", "oidc_subject")
    op.drop_column("users", "oidc_issuer")
