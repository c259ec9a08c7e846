"""Taking deals in: those our own code fails on are named and tried again, and keep no other from being taken.

A fault in one odd deal would otherwise stop its page, and with it every sync from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from sqlalchemy.orm import Session

from connectors.base import DealState, GoneDeal, UnreadableRecord
from mappings.model import LostDeal
from service.bootstrap import App
from service.losses.ahead import Ahead
from service.pipeline import IngestCounts, ingest
from service.store.apart import NOT_THE_DEALS, take_apart, what_failed
from service.store.failed_deals import drop_failed_deals, save_failed_deals, say_failed_deals
from service.store.models import ConnectionRow
from service.store.reminders import take_lock


@dataclass(slots=True)
class Taken:
    """What a batch came to, and a sentence for each deal that could not be taken."""

    counts: IngestCounts = field(default_factory=IngestCounts)
    failures: list[str] = field(default_factory=list)


def take_deals(
    app: App,
    connection: ConnectionRow,
    deals: Sequence[DealState],
    *,
    today: date,
    run_id: int | None = None,
    is_planned: bool = False,
    read_at: datetime | None = None,
    ahead: Ahead | None = None,
    then: Callable[[Session], None] = lambda _: None,
) -> Taken:
    """Ingest deals that were asked for at `read_at`; what they mean may have been found `ahead`. `then` is done in the
    same unit of work, or where a deal failed, in one after all the others."""
    how = _How(today=today, run_id=run_id, is_planned=is_planned, read_at=read_at, ahead=ahead)
    take = partial(_ingest, app, connection, how)
    try:
        return Taken(counts=take(deals, then=then))
    except NOT_THE_DEALS:
        raise
    except Exception:  # noqa: BLE001 -- whatever it is, it is found by taking the deals apart
        taken = Taken()

        def failed(deal: DealState, error: Exception) -> None:
            taken.failures.append(_record(app, connection, deal, error))

        taken.counts = sum(take_apart(deals, take, failed), IngestCounts())
    with app.store.begin() as tx:
        then(tx)
    return taken


def look_at_deals(
    app: App, connection: ConnectionRow, deals: Sequence[DealState], *, today: date, read_at: datetime | None
) -> Taken:
    """What taking them would come to; nothing is stored."""
    taken = Taken()

    def look(some: Sequence[DealState]) -> IngestCounts:
        with app.store.begin() as tx:
            counts = ingest(tx, connection, some, app.rules(tx), today=today, now=app.now(), read_at=read_at)
            tx.rollback()
        return counts

    def failed(deal: DealState, error: Exception) -> None:
        taken.failures.append(f"{connection.name}: deal {deal.key.deal_id} would not be taken: {what_failed(error)}")

    taken.counts = sum(take_apart(deals, look, failed), IngestCounts())
    return taken


def note_unreadable(tx: Session, app: App, connection: ConnectionRow, found: Sequence[UnreadableRecord]) -> None:
    """Records that could not be understood are tried again like deals that failed."""
    rows = [(one.record_id, "", "", one.says) for one in found if one.record_id]
    if rows:
        save_failed_deals(tx, connection.id, rows, now=app.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class _How:
    """What holds for all deals of a batch."""

    today: date
    run_id: int | None
    is_planned: bool
    read_at: datetime | None
    ahead: Ahead | None


def _ingest(
    app: App,
    connection: ConnectionRow,
    how: _How,
    deals: Sequence[DealState],
    *,
    then: Callable[[Session], None] = lambda _: None,
) -> IngestCounts:
    with app.store.begin() as tx:
        if not deals:  # a quiet read: nothing is to be understood, and documents take time to parse
            then(tx)
            return IngestCounts()
        take_lock(tx, connection.id)  # before the rules are read: a publication may be bringing its deals along
        rules, now = app.rules(tx), app.now()
        counts = ingest(
            tx,
            connection,
            deals,
            rules,
            today=how.today,
            now=now,
            run_id=how.run_id,
            is_planned=how.is_planned,
            read_at=how.read_at,
            ahead=how.ahead,
        )
        drop_failed_deals(tx, connection.id, [deal.key.deal_id for deal in deals])
        then(tx)
    return counts


def _record(app: App, connection: ConnectionRow, deal: DealState, error: Exception) -> str:
    name = "" if isinstance(deal, GoneDeal) else getattr(deal, "name", "")
    closed = deal.close_date if isinstance(deal, LostDeal) else None
    says = what_failed(error)
    month = closed.isoformat()[:7] if closed else ""
    with app.store.begin() as tx:
        save_failed_deals(tx, connection.id, [(deal.key.deal_id, name, month, says)], now=app.now())
        say_failed_deals(tx, connection.id)
    return f"{connection.name}: deal {deal.key.deal_id} {name}".rstrip() + f" was not taken: {says}"
