"""Webhooks received: which deals to look at, kept until they were."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.models.base import Numbered
from service.store.models.text import LongWords

MARK_LENGTH = 200


class InboxState(StrEnum):
    """Where a webhook's event stands. One in `working` whose lease ran out is taken up again."""

    PENDING = "pending"
    WORKING = "working"
    DONE = "done"
    DEAD = "dead"
    DISCARDED = "discarded"


class InboxRow(Numbered):
    """One event: a deal to fetch, by its id in the CRM. Events that mean the same are one row.

    `mark` tells an event from another of its kind on the same deal: when it happened, or the sender's number for it.
    `is_bulk`: part of a flood, which one sync may answer. `attempts` fences a processor that was too slow. `deaths` are
    the processes that ended while they worked on it, without a word.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("connection_id", "deal_id", "kind", "mark"),
        CheckConstraint("state IN ('pending','working','done','dead','discarded')", name="state"),
        # Finding what is due, however many are done.
        Index(
            "ix_inbox_open",
            "connection_id",
            "next_try_at",
            sqlite_where=text("state IN ('pending','working')"),
            postgresql_where=text("state IN ('pending','working')"),
        ),
        Index("ix_inbox_done", "done_at", sqlite_where=text("state = 'done'"), postgresql_where=text("state = 'done'")),
    )

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    deal_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(MARK_LENGTH))
    mark: Mapped[str] = mapped_column(String(MARK_LENGTH))
    state: Mapped[str] = mapped_column(String(12), default=InboxState.PENDING)
    is_bulk: Mapped[bool] = mapped_column(default=False)
    is_deletion: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    deaths: Mapped[int] = mapped_column(default=0, server_default="0")
    occurred_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(LongWords)
    error_reason: Mapped[str | None] = mapped_column(String(40))
