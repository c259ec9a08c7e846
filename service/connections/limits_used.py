"""What a connection has used of its CRM's limits: the calls of its runs, and the shared limits as they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.budget import Window
from service.store.codec import from_record
from service.store.models import BudgetRow, RunRow

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitUsed:
    """One limit: places taken of the window that counts now. `most` is None where no answer has told it yet.

    `closed_until` and `why` say that the CRM asked us to keep away.
    """

    name: str
    taken: int
    most: int | None
    window_s: float | None
    at_once: int
    closed_until: datetime | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsUsed:
    """The calls of the runs that began in the last 24 hours, by what they were for, and the limits."""

    calls: int
    by_kind: Mapping[str, int]
    limits: tuple[LimitUsed, ...]


def limits_used(tx: Session, connection_id: int, *, now: datetime) -> LimitsUsed:
    """See LimitsUsed. Uses ix_runs_connection_id."""
    calls: Counter[str] = Counter()
    begun = (RunRow.connection_id == connection_id, RunRow.started_at > now - A_DAY)
    for counted in tx.scalars(select(RunRow.calls).where(*begun)):
        calls.update({kind: count for kind, count in counted.items() if isinstance(count, int)})
    rows = tx.scalars(select(BudgetRow).where(BudgetRow.connection_id == connection_id).order_by(BudgetRow.name))
    limits = tuple(_used(row.name, from_record(row.record, Window), now.timestamp()) for row in rows)
    return LimitsUsed(calls=calls.total(), by_kind=dict(calls.most_common()), limits=limits)


def _used(name: str, window: Window, now: float) -> LimitUsed:
    since = now - (window.window_s or 0.0)
    is_closed = window.closed_until > now
    return LimitUsed(
        name=name,
        taken=sum(one.count for one in window.taken if since < one.until and one.start <= now),
        most=window.requests or None,
        window_s=window.window_s or None,
        at_once=sum(one.count for one in window.held.values() if one.until > now),
        closed_until=datetime.fromtimestamp(window.closed_until, UTC) if is_closed else None,
        why=window.closed_why if is_closed else "",
    )
