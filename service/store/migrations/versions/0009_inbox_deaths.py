"""How many processes ended while they worked on a webhook's event."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column of the inbox."""
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deaths", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Without it."""
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_column("deaths")
