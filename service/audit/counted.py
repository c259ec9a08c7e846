"""The losses of a period, counted once for all the tables of a page.

Two statements instead of one a table: over the columns, and over what stands in the records. A unit of work that only
reads keeps their answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import func
from sqlalchemy.orm import Session

from service.audit.lens import BAND, COMPETITOR, COUNTRY, INDUSTRY, Lens
from service.store.models import ClassificationRow, DealRow
from service.store.session import KEPT

Answer = TypeVar("Answer")


class Cell(NamedTuple):
    """Losses that are alike in all of this. `amount` is None where none of them has one."""

    category: str
    sub_reason: str | None
    stated: str
    currency: str | None
    band: str
    deals: int
    amount: Decimal | None


class Segment(NamedTuple):
    """Losses that are alike in what their records say."""

    competitor: str | None
    country: str | None
    industry: str | None
    category: str
    deals: int


def cells(tx: Session, lens: Lens) -> Sequence[Cell]:
    """The losses by what stands in columns."""
    by = (
        ClassificationRow.category,
        ClassificationRow.sub_reason,
        ClassificationRow.stated_category,
        DealRow.currency,
        BAND,
    )
    query = lens.losses(*by, func.count(), func.sum(DealRow.amount)).group_by(*by)
    return _kept(tx, ("cells", repr(lens)), lambda: [Cell._make(row) for row in tx.execute(query)])


def segments(tx: Session, lens: Lens) -> Sequence[Segment]:
    """The losses by what stands in records: reading those is what takes time."""
    by = (COMPETITOR, COUNTRY, INDUSTRY, ClassificationRow.category)
    query = lens.losses(*by, func.count()).group_by(*by)
    return _kept(tx, ("segments", repr(lens)), lambda: [Segment._make(row) for row in tx.execute(query)])


def summed(counts: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    """How many in all for each key."""
    found: dict[Any, int] = {}
    for key, count in counts:
        found[key] = found.get(key, 0) + count
    return found


def _kept(tx: Session, key: tuple[str, str], ask: Callable[[], Answer]) -> Answer:
    kept: dict[tuple[str, str], Answer] | None = tx.info.get(KEPT)
    if kept is None:
        return ask()
    if key not in kept:
        kept[key] = ask()
    return kept[key]
