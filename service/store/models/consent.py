"""What was read of people's wish not to be contacted: the answer in force, and what it rests on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.store.models.base import Base
from service.store.models.text import Words


class ConsentRow(Base):
    """The latest reading of one person on a deal, or of the flag on the deal itself (`contact_id` is empty then).

    `flags` are the CRM's fields as read, true where they say no. `read_at` is when they were read last, `changed_at`
    when they first said what they say now. `basis` is the legal footing of that day, `email_until` its clock's end.
    """

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_contact", "contact_id"),)

    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id", ondelete="CASCADE"), primary_key=True)
    contact_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    flags: Mapped[dict[str, Any]]
    is_closed: Mapped[bool]
    basis: Mapped[str] = mapped_column(Words(200))
    email_until: Mapped[date | None]
    read_at: Mapped[datetime]
    changed_at: Mapped[datetime]
