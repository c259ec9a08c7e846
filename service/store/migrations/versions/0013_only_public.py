"""Whether a user of the app entered a connection's address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column of connections: those that are there go on as they did."""
    op.add_column("connections", sa.Column("only_public", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Without it."""
    # Not in a batch: SQLite would make the table anew, and with the old one all that refers to it would go.
    op.drop_column("connections", "only_public")
