"""What people said about a loss, and sign-ins at a CRM that are under way."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.store.models.base import Base
from service.store.models.text import LongWords, Sealed, Words


class DebriefRow(Base):
    """A person's word on one episode: their verdict (`category` with `why`), and the five minutes after the loss.

    `is_worth_it` says whether the deal is worth a future touch, `touch_on` from when; None: not spoken of. The words
    may name people: they go with the deal's record when that is emptied.
    """

    __tablename__ = "debriefs"

    episode_id: Mapped[int] = mapped_column(ForeignKey("episodes.id", ondelete="CASCADE"), primary_key=True)
    category: Mapped[str | None] = mapped_column(String(20))
    sub_reason: Mapped[str | None] = mapped_column(String(60))
    why: Mapped[str] = mapped_column(LongWords, default="")
    stated: Mapped[str] = mapped_column(LongWords, default="")
    momentum: Mapped[str] = mapped_column(LongWords, default="")
    to_change: Mapped[str] = mapped_column(LongWords, default="")
    is_worth_it: Mapped[bool | None]
    touch_on: Mapped[date | None]
    debriefed_at: Mapped[datetime | None]
    who: Mapped[str] = mapped_column(Words(255), default="")
    said_at: Mapped[datetime]


class SignInRow(Base):
    """A person sent to a CRM to sign in: `state` as hash, good once, for ten minutes, for one session and one CRM."""

    __tablename__ = "crm_sign_ins"
    __table_args__ = (Index("ix_crm_sign_ins_created_at", "created_at"),)

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_hash: Mapped[str] = mapped_column(String(64))
    crm: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(Words(60))
    url: Mapped[str] = mapped_column(LongWords)
    verifier: Mapped[str] = mapped_column(Sealed)
    created_at: Mapped[datetime]
