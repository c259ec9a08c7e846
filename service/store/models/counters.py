"""Numbers that tell whether something has changed since it was last looked at."""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from service.store.models.base import Base


class CounterRow(Base):
    """How often something has changed. It is raised in the transaction of the change, see `store.changes`."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
