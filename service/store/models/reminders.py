"""Reminders, the CRM tasks that show them, and the deal fields we wrote."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.models.base import DocumentOrNull, Numbered
from service.store.models.text import LongWords


class ReminderState(StrEnum):
    """Where a reminder stands."""

    HELD = "held"  # hold, or backlog
    SCHEDULED = "scheduled"
    DUE = "due"
    DONE = "done"
    SNOOZED = "snoozed"
    CANCELLED = "cancelled"  # a person or the deal ended it
    SKIPPED = "skipped"  # a rule ended it; `rule` names it
    FAILED = "failed"  # dead letter


class ReminderRow(Numbered):
    """A step in the queue. `key` is the idempotency key of its identity. `position` is its place in the plan, from 0.

    `computed_on` and `planned_on` are the plan's dates; `due_on` is the day in force (after spreading, or a person's).
    `is_placed`: spreading gave it a day, which it keeps until `planned_on` changes; `placed_at` is when.
    `placed_days` are the days it was given, by `planned_on`: where that comes back, so does its day.
    `is_announced`: a person saw it change (publish), so the write that shows it does not count towards the brake.
    `is_pinned`: a person moved it. `is_backlog`: it was long overdue at go-live and waits to be released.
    `given_to`: the colleague whom a person gave it to here, whoever owns the deal.
    `rule` names what ended or holds it. `act_on` is the day on which somebody has to look whether its task is to be
    written; None: nothing to look for.
    """

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("episode_id", "purpose", "ordinal"),
        CheckConstraint(
            "state IN ('held','scheduled','due','done','snoozed','cancelled','skipped','failed')", name="state"
        ),
        # Finding what is due: one state, the earliest days first.
        Index("ix_reminders_due", "connection_id", "state", "due_on"),
        Index("ix_reminders_owner_day", "connection_id", "owner_id", "due_on"),
        # One owner's part of the queue, in all connections.
        Index("ix_reminders_owner_state", "owner_id", "state", "due_on"),
        # Finding what to act on takes the same time however many are scheduled.
        Index(
            "ix_reminders_act",
            "connection_id",
            "act_on",
            sqlite_where=text("act_on IS NOT NULL"),
            postgresql_where=text("act_on IS NOT NULL"),
        ),
    )

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id", ondelete="CASCADE"), index=True)
    episode_id: Mapped[int] = mapped_column(ForeignKey("episodes.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(30))
    ordinal: Mapped[int]
    position: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    computed_on: Mapped[date]
    planned_on: Mapped[date]
    due_on: Mapped[date]
    deadline_on: Mapped[date | None]
    anchor: Mapped[str] = mapped_column(String(20))
    provisional: Mapped[bool] = mapped_column(default=False)
    is_placed: Mapped[bool] = mapped_column(default=False)
    placed_at: Mapped[datetime | None]
    placed_days: Mapped[dict[str, Any] | None]
    is_announced: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_pinned: Mapped[bool] = mapped_column(default=False)
    is_backlog: Mapped[bool] = mapped_column(default=False)
    owner_id: Mapped[str | None] = mapped_column(String(64))
    given_to: Mapped[str | None] = mapped_column(String(64))
    rule: Mapped[str | None] = mapped_column(String(100))
    why: Mapped[str] = mapped_column(LongWords)
    act_on: Mapped[date | None]
    updated_at: Mapped[datetime]


class TaskRefState(StrEnum):
    """What became of a task of ours."""

    OPEN = "open"
    CLOSED = "closed"  # by us, with a note; may be opened again by a rollback
    COMPLETED = "completed"  # by a person
    DELETED = "deleted"  # by a person
    UNDONE = "undone"  # deleted by undo


class TaskRefRow(Numbered):
    """A reminder's task in the CRM: what we last wrote, and what is being written now.

    A read-back equal to either is our own; anything else is a person's edit. `seen` are the CRM's own values of what a
    person changed, as last read (never a text's body: what reps write stays in the CRM).
    """

    __tablename__ = "task_refs"
    __table_args__ = (
        UniqueConstraint("connection_id", "crm_task_id"),
        # One live task a reminder.
        Index(
            "uq_task_refs_live",
            "reminder_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    reminder_id: Mapped[int] = mapped_column(ForeignKey("reminders.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(64), index=True)
    crm_task_id: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12))
    written: Mapped[dict[str, Any]]
    in_flight: Mapped[dict[str, Any] | None]
    touched: Mapped[list[Any]]
    seen: Mapped[dict[str, Any] | None] = mapped_column(DocumentOrNull)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class FieldWriteRow(Numbered):
    """A deal field we wrote: its value before our first write, and what we last wrote. `undo` restores the former."""

    __tablename__ = "field_writes"
    __table_args__ = (UniqueConstraint("deal_id", "field"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), index=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id", ondelete="CASCADE"))
    field: Mapped[str] = mapped_column(String(255))
    former: Mapped[str | None] = mapped_column(LongWords)
    written: Mapped[str | None] = mapped_column(LongWords)
    in_flight: Mapped[str | None] = mapped_column(LongWords)
    is_in_flight: Mapped[bool] = mapped_column(default=False)
    first_written_at: Mapped[datetime]
    written_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
