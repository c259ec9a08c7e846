"""The ledger: stored + excluded (each with its rule) = the CRM's own count of closed-lost deals, month by month."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.base import MonthCount
from service.store.failed_deals import failed_deals
from service.store.models import ConnectionRow, DealRow, DealState


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One month of one connection. `month` is YYYY-MM of the CRM's close date, "" for deals without one.

    `failed` names deals that were read and could not be taken: {deal_id, error}. They are part of the difference.
    """

    connection: str
    month: str
    crm: int
    stored: int
    excluded: dict[str, int]
    failed: tuple[dict[str, str], ...] = ()

    @property
    def difference(self) -> int:
        """What the CRM counts beyond what we hold; 0 when the month balances."""
        return self.crm - self.stored - sum(self.excluded.values())

    def as_json(self) -> dict[str, Any]:
        """The object that interfaces fix."""
        return {
            "connection": self.connection,
            "month": self.month,
            "crm": self.crm,
            "stored": self.stored,
            "excluded": self.excluded,
            "difference": self.difference,
            "failed": list(self.failed),
        }


def ledger(tx: Session, connection: ConnectionRow, counted: Iterable[MonthCount]) -> list[LedgerLine]:
    """The CRM's counts beside ours, oldest month first. Uses ix_deals_close_month."""
    crm: Counter[str] = Counter()
    for one in counted:
        crm[one.month] += one.count
    stored: Counter[str] = Counter()
    excluded: defaultdict[str, dict[str, int]] = defaultdict(dict)
    query = (
        select(DealRow.close_month, DealRow.excluded_by, func.count())
        .where(DealRow.connection_id == connection.id, DealRow.state == DealState.LOST)
        .group_by(DealRow.close_month, DealRow.excluded_by)
    )
    for month, rule, count in tx.execute(query):
        if rule is None:
            stored[month] += count
        else:
            excluded[month][rule] = count
    failed: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in failed_deals(tx, connection.id):
        failed[row.close_month].append({"deal_id": row.crm_deal_id, "name": row.name, "error": row.error})
    return [
        LedgerLine(
            connection=connection.name,
            month=month,
            crm=crm[month],
            stored=stored[month],
            excluded=excluded.get(month, {}),
            failed=tuple(failed.get(month, ())),
        )
        for month in sorted({*crm, *stored, *excluded, *failed})
    ]
