"""What the queue needs beside reminders and outbox: turns of jobs, messages to reps, and links that were used."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.store.models.base import Base, Numbered
from service.store.models.text import LongWords


class TurnRow(Base):
    """A job that only one process does at a time: who has it, until when, and when it is due again.

    `name` is the job, for most of them followed by the connection's id ("sync/3"); "scheduler" is the leader's.
    `failures` counts those in a row.
    """

    __tablename__ = "turns"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    connection_id: Mapped[int | None] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), index=True)
    due_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    leased_by: Mapped[str | None] = mapped_column(String(200))
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(LongWords)


class MessageState(StrEnum):
    """Where a message stands. `unclear`: the worker died while sending, so that it is not sent again.

    `dropped`: by the time of sending there was nothing left to say, or its day was over.
    """

    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    UNCLEAR = "unclear"
    DROPPED = "dropped"
    DEAD = "dead"


class MessageRow(Numbered):
    """A message to a rep or a manager. One a day, person and kind: the unique key, not a scheduler, keeps that.

    `content` is what it lists, as of its making; `day` is the reader's own.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("connection_id", "kind", "owner_id", "day"),
        CheckConstraint("state IN ('ready','sending','sent','unclear','dropped','dead')", name="state"),
        Index("ix_messages_claim", "state", "next_try_at"),
    )

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[str] = mapped_column(String(64))
    day: Mapped[date]
    channel: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    content: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(LongWords)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class LinkUseRow(Base):
    """A signed link that was used: none acts twice. `token_hash` is the SHA-256 of its token, in hexadecimal."""

    __tablename__ = "link_uses"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    reminder_id: Mapped[int] = mapped_column(ForeignKey("reminders.id", ondelete="CASCADE"), index=True)
    action: Mapped[str] = mapped_column(String(10))
    used_at: Mapped[datetime]
