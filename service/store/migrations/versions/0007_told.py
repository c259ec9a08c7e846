"""Which deals hold words that a rep wrote into a task, and when a connection's later steps were last brought in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column of deals, and one of connections."""
    with op.batch_alter_table("deals", schema=None) as batch_op:
        batch_op.add_column(sa.Column("has_told", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.add_column(sa.Column("later_entered_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Without them."""
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.drop_column("later_entered_on")
    with op.batch_alter_table("deals", schema=None) as batch_op:
        batch_op.drop_column("has_told")
