"""Deals and their episodes, what each loss was taken to mean, and the plan made of it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from service.store.models.base import Base, Numbered
from service.store.models.text import LongWords, Words

RULE_LENGTH = 200
SEGMENT_LENGTH = 255
AMOUNT_LIMIT = 10**15  # with four decimals it fits into twenty digits, rounded up or not
ISO_LETTERS = 3


class DealState(StrEnum):
    """What a stored deal is now."""

    LOST = "lost"
    OPEN = "open"
    WON = "won"
    GONE = "gone"


class DealRow(Numbered):
    """A deal that was lost at least once. `record` is the LostDeal as last read, reduced as the connection's `notes`
    setting says; `fingerprint` covers the fields that matter. `excluded_by` names the scope rule that leaves it out.
    `close_month` is YYYY-MM of the CRM's close date, which the ledger counts by. `reason_key` is the same for deals
    that state the same reasons in the same fields. `competitor`, `country`, `industry`, `record_type`, `pipeline` and
    `deal_type` are those of `record`, for what counts and filters by them. `read_at` is when the read began that gave
    what is stored: of two reads with one stamp the later counts. `has_told`: the notes in `record` hold words that a
    rep wrote into a task.

    Personal data lives in `record` (notes, the contact's id) and in `deal_contacts` only: a person's deletion finds the
    deals by that table, and empties both.
    """

    __tablename__ = "deals"
    __table_args__ = (
        UniqueConstraint("connection_id", "crm_deal_id"),
        CheckConstraint("state IN ('lost','open','won','gone')", name="state"),
        Index("ix_deals_account", "connection_id", "account_key"),
        Index("ix_deals_close_month", "connection_id", "close_month", "state"),
        Index("ix_deals_competitor", "competitor"),
        Index("ix_deals_country", "country"),
        Index("ix_deals_industry", "industry"),
        # What a scope takes and leaves out is counted from this index alone.
        Index(
            "ix_deals_scope",
            "connection_id",
            "state",
            "record_type",
            "pipeline",
            "deal_type",
            "excluded_by",
            "owner_id",
        ),
        # Counting what is stated reads this index alone: no record of a million deals is touched.
        Index(
            "ix_deals_reasons",
            "connection_id",
            "reason_key",
            "currency",
            "amount",
            "id",
            sqlite_where=text("state = 'lost' AND excluded_by IS NULL"),
            postgresql_where=text("state = 'lost' AND excluded_by IS NULL"),
        ),
    )

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    crm_deal_id: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(Words(500), default="")
    account_key: Mapped[str | None] = mapped_column(String(64))
    account_name: Mapped[str] = mapped_column(Words(500), default="")
    owner_id: Mapped[str | None] = mapped_column(String(64))
    amount: Mapped[Decimal | None] = mapped_column(Numeric(20, 4))
    currency: Mapped[str | None] = mapped_column(String(ISO_LETTERS))
    lost_on: Mapped[date | None]
    stated_follow_up: Mapped[date | None]
    close_month: Mapped[str] = mapped_column(String(7), default="")
    excluded_by: Mapped[str | None] = mapped_column(String(RULE_LENGTH))
    merged_into: Mapped[str | None] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    reason_key: Mapped[int | None] = mapped_column(BigInteger)
    competitor: Mapped[str | None] = mapped_column(Words(SEGMENT_LENGTH))
    country: Mapped[str | None] = mapped_column(Words(SEGMENT_LENGTH))
    industry: Mapped[str | None] = mapped_column(Words(SEGMENT_LENGTH))
    record_type: Mapped[str | None] = mapped_column(Words(SEGMENT_LENGTH))
    pipeline: Mapped[str | None] = mapped_column(Words(SEGMENT_LENGTH))
    deal_type: Mapped[str | None] = mapped_column(Words(SEGMENT_LENGTH))
    record: Mapped[dict[str, Any]]
    modified_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    seen_in_run: Mapped[int | None]
    has_told: Mapped[bool] = mapped_column(default=False, server_default=false())


class EpisodeRow(Numbered):
    """One loss of one deal. `ended_as` is None while it lasts; then reopened, won, deleted or merged."""

    __tablename__ = "episodes"
    __table_args__ = (
        UniqueConstraint("deal_id", "number"),
        # The list of deals by the day of their loss.
        Index("ix_episodes_lost_on", "lost_on"),
        # What came back in a period. Those that last are left out: most do, and no query should begin at them.
        Index(
            "ix_episodes_ended_on",
            "ended_on",
            sqlite_where=text("ended_as IS NOT NULL"),
            postgresql_where=text("ended_as IS NOT NULL"),
        ),
    )

    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id", ondelete="CASCADE"))
    number: Mapped[int]
    lost_on: Mapped[date]
    ended_as: Mapped[str | None] = mapped_column(String(20))
    ended_on: Mapped[date | None]


class ClassificationRow(Base):
    """The classification of an episode, and the version of the mapping set that made it.

    `competitor` is that of `record`: whom the words name.
    """

    __tablename__ = "classifications"
    __table_args__ = (Index("ix_classifications_category", "category", "sub_reason"),)

    episode_id: Mapped[int] = mapped_column(ForeignKey("episodes.id", ondelete="CASCADE"), primary_key=True)
    category: Mapped[str] = mapped_column(String(20))
    sub_reason: Mapped[str | None] = mapped_column(String(60))
    stated_category: Mapped[str] = mapped_column(String(20))
    stated_sub_reason: Mapped[str | None] = mapped_column(String(60))
    confidence: Mapped[float]
    finality: Mapped[str] = mapped_column(String(10))
    needs_review: Mapped[bool]
    competitor: Mapped[str | None] = mapped_column(Words(SEGMENT_LENGTH))
    mapping_version: Mapped[str] = mapped_column(String(64))
    record: Mapped[dict[str, Any]]


class PlanRow(Base):
    """The plan of an episode: the `today` and the policy it was made with, and the steps as planned."""

    __tablename__ = "plans"

    episode_id: Mapped[int] = mapped_column(ForeignKey("episodes.id", ondelete="CASCADE"), primary_key=True)
    made_on: Mapped[date]
    policy_version: Mapped[str] = mapped_column(String(64))
    why_none: Mapped[str | None] = mapped_column(LongWords)
    record: Mapped[dict[str, Any]]


class DealContactRow(Base):
    """A person on a deal, by the CRM's id only, and whether they opted out."""

    __tablename__ = "deal_contacts"
    __table_args__ = (Index("ix_deal_contacts_contact", "contact_id"),)

    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id", ondelete="CASCADE"), primary_key=True)
    contact_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    has_opted_out: Mapped[bool] = mapped_column(default=False)
