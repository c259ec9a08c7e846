"""What pages count and filter by, in columns of its own; a number that tells of changes; connections that leave."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from service.store.models.base import Document, Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BATCH = 5000
LENGTH = 255
SEGMENTS = {
    "competitor": ("competitor",),
    "country": ("account", "country"),
    "industry": ("account", "industry"),
    "record_type": ("record_type",),
    "pipeline": ("pipeline",),
    "deal_type": ("deal_type",),
}
"""Columns of deals, each with its place in their records."""
ENDED = sa.text("ended_as IS NOT NULL")
SCOPE = ("connection_id", "state", "record_type", "pipeline", "deal_type", "excluded_by", "owner_id")


def upgrade() -> None:
    """Add the columns, fill them from the records, and index them."""
    for name in SEGMENTS:
        op.add_column("deals", sa.Column(name, sa.String(length=LENGTH), nullable=True))
    op.add_column("classifications", sa.Column("competitor", sa.String(length=LENGTH), nullable=True))
    _fill("deals", "id", SEGMENTS)
    _fill("classifications", "episode_id", {"competitor": ("competitor",)})
    for name in ("competitor", "country", "industry"):
        op.create_index(f"ix_deals_{name}", "deals", [name])
    op.create_index("ix_deals_scope", "deals", list(SCOPE))
    op.create_index("ix_episodes_lost_on", "episodes", ["lost_on"])
    op.create_index("ix_episodes_ended_on", "episodes", ["ended_on"], sqlite_where=ENDED, postgresql_where=ENDED)
    op.create_index("ix_reminders_owner_state", "reminders", ["owner_id", "state", "due_on"])
    op.add_column("connections", sa.Column("leaving_since", Instant(), nullable=True))
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )


def downgrade() -> None:
    """Take all of it away again."""
    op.drop_table("counters")
    op.drop_column("connections", "leaving_since")
    op.drop_index("ix_reminders_owner_state", table_name="reminders")
    op.drop_index("ix_episodes_ended_on", table_name="episodes")
    op.drop_index("ix_episodes_lost_on", table_name="episodes")
    for name in ("scope", "industry", "country", "competitor"):
        op.drop_index(f"ix_deals_{name}", table_name="deals")
    # Not in a batch: SQLite would make the tables anew, and with the old ones all that refers to them would go.
    op.drop_column("classifications", "competitor")
    for name in SEGMENTS:
        op.drop_column("deals", name)


def _fill(name: str, key: str, places: dict[str, tuple[str, ...]]) -> None:
    """Row by row is what takes long; a range of keys in one statement is not, and holds no row in memory."""
    connection = op.get_bind()
    names = [sa.column(one, sa.String) for one in places]
    table = sa.table(name, sa.column(key, sa.Integer), sa.column("record", Document), *names)
    number, record = table.c[key], table.c.record
    last = connection.scalar(sa.select(sa.func.max(number))) or 0
    values = {one: _cut(record, place) for one, place in places.items()}
    for start in range(0, last + 1, BATCH):
        connection.execute(sa.update(table).where(number.between(start, start + BATCH - 1)).values(values))


def _cut(record: Any, place: tuple[str, ...]) -> Any:
    for part in place:
        record = record[part]
    return sa.func.substr(record.as_string(), 1, LENGTH)
