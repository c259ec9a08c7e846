"""CRM writes intended, the events that explain every change of state, and the runs that made them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.models.base import Numbered
from service.store.models.text import LongWords


class OutboxKind(StrEnum):
    """What is to be written."""

    CREATE_TASK = "create_task"
    UPDATE_TASK = "update_task"
    CLOSE_TASK = "close_task"
    REOPEN_TASK = "reopen_task"
    DELETE_TASK = "delete_task"
    WRITE_FIELDS = "write_fields"


class OutboxState(StrEnum):
    """Where a write stands. `unclear`: it may have happened; look before writing again, not before `next_try_at`."""

    READY = "ready"
    WRITING = "writing"
    UNCLEAR = "unclear"
    DONE = "done"
    DEAD = "dead"
    DISCARDED = "discarded"


class OutboxRow(Numbered):
    """One CRM write intended. A row in `writing` whose lease ran out is unclear, never ready.

    `is_planned`: a person saw it announced (go-live, publish), so it does not count towards the brake. `is_undo`: it
    takes something back, and is the only kind of write that goes out on hold. `attempts` fences a late answer.
    `attempted_at` is when the last attempt was sent: the look waits until its answer can no longer arrive.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('ready','writing','unclear','done','dead','discarded')", name="state"),
        Index("ix_outbox_claim", "connection_id", "state", "next_try_at"),
        Index("ix_outbox_brake", "connection_id", "created_at"),
        # Intent is written once: no second pending create for a reminder.
        Index(
            "uq_outbox_pending_create",
            "reminder_id",
            unique=True,
            sqlite_where=text("kind = 'create_task' AND state IN ('ready','writing','unclear','dead')"),
            postgresql_where=text("kind = 'create_task' AND state IN ('ready','writing','unclear','dead')"),
        ),
    )

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12))
    reminder_id: Mapped[int | None] = mapped_column(ForeignKey("reminders.id", ondelete="CASCADE"), index=True)
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deals.id", ondelete="CASCADE"), index=True)
    payload: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    attempted_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(LongWords)
    error_reason: Mapped[str | None] = mapped_column(String(40))
    is_planned: Mapped[bool] = mapped_column(default=False)
    is_undo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class EventRow(Numbered):
    """One change of state: who, when, from what to what, and why, in words. Never changed, never removed by us."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_entity", "entity", "entity_id"),)

    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(100))
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    entity: Mapped[str] = mapped_column(String(20))
    entity_id: Mapped[int]
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(LongWords)


class RunRow(Numbered):
    """One sync, go-live, undo or reclassify: what it did, and with how many calls."""

    __tablename__ = "runs"

    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(LongWords)
    counts: Mapped[dict[str, Any]]
    calls: Mapped[dict[str, Any]]
