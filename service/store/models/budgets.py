"""Limits of a CRM as they stand, and deals that could not be taken."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from service.store.models.base import Base
from service.store.models.text import LongWords, Words


class BudgetRow(Base):
    """One limit of one connection: the `connectors.budget.Window` that all its processes share."""

    __tablename__ = "budgets"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    record: Mapped[dict[str, Any]]


class FailedDealRow(Base):
    """A deal that was read and could not be taken: our own code failed on it, or its record cannot be understood.

    It is tried again at every sync until it is taken. `close_month` is where the ledger misses it.
    """

    __tablename__ = "failed_deals"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
    crm_deal_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(Words(255), default="")
    close_month: Mapped[str] = mapped_column(String(7), default="")
    error: Mapped[str] = mapped_column(LongWords)
    failed_at: Mapped[datetime]
