"""What a person changed in a task of ours, as the CRM has it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """A column of the tasks, filled as they are read back."""
    op.add_column("task_refs", sa.Column("seen", DOCUMENT, nullable=True))


def downgrade() -> None:
    """Without it."""
    # Not in a batch: SQLite would make the table anew, and with the old one all that refers to it would go.
    op.drop_column("task_refs", "seen")
