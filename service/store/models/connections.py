"""Configured CRM accounts, their people, and how far each of their streams has been read."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from service.store.models.base import Base, DocumentOrNull, Numbered
from service.store.models.text import Sealed, Words


class ConnectionState(StrEnum):
    """Whether a connection may write. `reconnect`: its credentials are refused; a person has to enter new ones."""

    HOLD = "hold"
    LIVE = "live"
    RECONNECT = "reconnect"


class ConnectionRow(Numbered):
    """One configured CRM account. `credentials` and `token` are ciphertext; `fields` is {role: [CRM field, ...]}.

    `scope` is {include: {what: [values]}, exclude: {...}, min_amount, reached_stage}, as it was said when connecting;
    `published_scope` is what the mapping set in force says of it, and goes before it. `options` belong to the
    connector. `webhook_keys` is ciphertext too: what senders of webhooks prove themselves by. `described` keeps what
    describe found and later work needs (zone, stages, labels, capabilities).
    `state_before_reconnect` is where a connection returns to once its credentials work again. `write_stops` is what the
    CRM refuses as a whole, {"tasks" or "fields": {until, why}}. `going_live` is a go-live that has begun and not ended.

    `remembers_since` is when this database came to know what was written for the account: made, or restored from a
    backup. An older loss may have a task that it does not know of, which is looked for before one is written.

    `leaving_since`: it was removed, and what is stored of it is being deleted. Nothing but that knows of it any more.

    `only_public`: a user of the app entered `url`; it is never followed into the network this stands in.

    Hours are local: a reminder is due from `morning_hour` on, in its rep's zone. `slack` is ciphertext.
    """

    __tablename__ = "connections"
    __table_args__ = (UniqueConstraint("crm", "account_id"),)

    name: Mapped[str] = mapped_column(String(100), unique=True)
    crm: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[str] = mapped_column(String(64))
    account_name: Mapped[str] = mapped_column(Words(255), default="")
    state: Mapped[str] = mapped_column(String(20), default=ConnectionState.HOLD)
    state_before_reconnect: Mapped[str | None] = mapped_column(String(20))
    url: Mapped[str] = mapped_column(String(500))
    only_public: Mapped[bool] = mapped_column(default=False, server_default=false())
    zone: Mapped[str] = mapped_column(String(64), default="UTC")
    auth: Mapped[str] = mapped_column(String(40))
    credentials: Mapped[str | None] = mapped_column(Sealed)
    token: Mapped[str | None] = mapped_column(Sealed)
    webhook_keys: Mapped[str | None] = mapped_column(Sealed)
    token_leased_until: Mapped[datetime | None]
    token_leased_by: Mapped[str | None] = mapped_column(String(64))
    sync_leased_until: Mapped[datetime | None]
    sync_leased_by: Mapped[str | None] = mapped_column(String(200))
    fields: Mapped[dict[str, Any]]
    scope: Mapped[dict[str, Any]]
    published_scope: Mapped[dict[str, Any] | None] = mapped_column(DocumentOrNull)
    options: Mapped[dict[str, Any]]
    described: Mapped[dict[str, Any]]
    health: Mapped[list[Any]]
    notes: Mapped[str] = mapped_column(String(10), default="full")
    retention_days: Mapped[int | None]
    one_task_per_account: Mapped[bool] = mapped_column(default=True)
    account_sense: Mapped[bool] = mapped_column(default=True)
    write_ahead_days: Mapped[int | None]
    sync_every_minutes: Mapped[int | None]
    morning_hour: Mapped[int] = mapped_column(default=8)
    digest: Mapped[str] = mapped_column(String(10), default="off")
    digest_hour: Mapped[int] = mapped_column(default=8)
    escalate_after_days: Mapped[int | None]
    slack: Mapped[str | None] = mapped_column(Sealed)
    fallback_owner_id: Mapped[str | None] = mapped_column(String(64))
    lost_since: Mapped[date | None]
    live_owner_ids: Mapped[list[Any] | None]
    live_limit: Mapped[int | None]
    live_since: Mapped[datetime | None]
    write_stops: Mapped[dict[str, Any] | None]
    going_live: Mapped[dict[str, Any] | None]
    ledger_counted_on: Mapped[date | None]
    later_entered_on: Mapped[date | None]
    last_sync_at: Mapped[datetime | None]
    remembers_since: Mapped[datetime | None]
    leaving_since: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @property
    def scope_in_force(self) -> dict[str, Any]:
        """The scope by which deals are taken."""
        return self.scope if self.published_scope is None else self.published_scope


class OwnerRow(Base):
    """A user of the CRM, as last described."""

    __tablename__ = "owners"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
    owner_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    email: Mapped[str] = mapped_column(Words(255), default="")
    name: Mapped[str] = mapped_column(Words(255), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    manager_id: Mapped[str | None] = mapped_column(String(64))
    zone: Mapped[str | None] = mapped_column(String(64))


class StreamRow(Base):
    """How far one stream of a connection has been read: the watermark of the last complete read, and the checkpoint
    inside an unfinished one. `full_run_id` is the run that began the unfinished complete read, across resumptions."""

    __tablename__ = "streams"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
    stream: Mapped[str] = mapped_column(String(40), primary_key=True)
    watermark_at: Mapped[datetime | None]
    watermark_id: Mapped[str] = mapped_column(String(64), default="")
    checkpoint: Mapped[str | None] = mapped_column(Text)
    full_run_id: Mapped[int | None]
    updated_at: Mapped[datetime]
