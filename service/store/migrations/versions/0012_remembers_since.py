"""Since when a connection knows what was written for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.models.base import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column of connections: those that are there know all that was written since they were made."""
    op.add_column("connections", sa.Column("remembers_since", Instant(), nullable=True))


def downgrade() -> None:
    """Without it."""
    # Not in a batch: SQLite would make the table anew, and with the old one all that refers to it would go.
    op.drop_column("connections", "remembers_since")
