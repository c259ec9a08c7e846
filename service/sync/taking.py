"""Taking deals in: those our own code fails on are named and tried again, and keep no other from being taken.

A fault in one odd deal would otherwise stop its page, and with it every sync from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from connectors.base import DealState, GoneDeal, UnreadableRecord
from connectors.errors import ConnectorError
from mappings.model import LostDeal
from service.bootstrap import App
from service.errors import RekindleError
from service.pipeline import IngestCounts, ingest
from service.store.connections import FAILED_DEALS, drop_health, note_health
from service.store.failed_deals import drop_failed_deals, failed_deals, save_failed_deals
from service.store.models import ConnectionRow
from service.store.reminders import take_lock

MOST_FAILED = 50
"""More failures than this in one helping are no odd deals: something is broken, and stops the sync."""
_NOT_THE_DEALS = (OperationalError, InterfaceError, RekindleError, ConnectorError)
_NAMED = 5


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
    then: Callable[[Session], None] = lambda _: None,
) -> Taken:
    """Ingest deals that were asked for at `read_at`. `then` is done in the same unit of work, or
    where a deal failed, in one after all the others."""
    take = partial(_ingest, app, connection, today=today, run_id=run_id, is_planned=is_planned, read_at=read_at)
    try:
        return Taken(counts=take(deals, then=then))
    except _NOT_THE_DEALS:
        raise
    except Exception:  # noqa: BLE001 -- whatever it is, it is found by taking the deals apart
        taken = _apart(app, connection, deals, take)
    with app.store.begin() as tx:
        then(tx)
    return taken


def note_unreadable(tx: Session, app: App, connection: ConnectionRow, found: Sequence[UnreadableRecord]) -> None:
    """Records that could not be understood are tried again like deals that failed."""
    rows = [(one.record_id, "", "", one.says) for one in found if one.record_id]
    if rows:
        save_failed_deals(tx, connection.id, rows, now=app.now())


def say_failed_deals(tx: Session, connection: ConnectionRow) -> None:
    """Keep the health's line about deals that could not be taken."""
    rows = failed_deals(tx, connection.id)
    if not rows:
        drop_health(tx, connection.id, FAILED_DEALS)
        return
    named = "; ".join(f"{row.crm_deal_id} {row.name}".strip() + f": {row.error}" for row in rows[:_NAMED])
    more = f"; and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    says = f"{len(rows)} deal(s) could not be taken and are tried again at the next sync: {named}{more}"
    note_health(tx, connection.id, FAILED_DEALS, ok=False, says=says)


def _ingest(
    app: App,
    connection: ConnectionRow,
    deals: Sequence[DealState],
    *,
    today: date,
    run_id: int | None,
    is_planned: bool,
    read_at: datetime | None,
    then: Callable[[Session], None] = lambda _: None,
) -> IngestCounts:
    with app.store.begin() as tx:
        take_lock(tx, connection.id)  # before the rules are read: a publication may be bringing its deals along
        rules, now = app.rules(tx), app.now()
        counts = ingest(
            tx, connection, deals, rules, today=today, now=now, run_id=run_id, is_planned=is_planned, read_at=read_at
        )
        drop_failed_deals(tx, connection.id, [deal.key.deal_id for deal in deals])
        then(tx)
    return counts


def _apart(app: App, connection: ConnectionRow, deals: Sequence[DealState], take: Callable[..., IngestCounts]) -> Taken:
    """Halves, and halves of halves, until the deals that fail stand alone."""
    taken = Taken()
    waiting = [deals]
    while waiting:
        part = waiting.pop(0)
        try:
            taken.counts += take(part)
        except _NOT_THE_DEALS:
            raise
        except Exception as error:
            if len(taken.failures) >= MOST_FAILED:
                raise
            if len(part) > 1:
                middle = len(part) // 2
                waiting = [part[:middle], part[middle:], *waiting]
            elif part:
                taken.failures.append(_record(app, connection, part[0], error))
    return taken


def _record(app: App, connection: ConnectionRow, deal: DealState, error: Exception) -> str:
    name = "" if isinstance(deal, GoneDeal) else getattr(deal, "name", "")
    closed = deal.close_date if isinstance(deal, LostDeal) else None
    # The error's own words may hold a person's notes; its kind and place do not.
    says = f"our code failed on it ({type(error).__name__} in {_place(error)}); report this line."
    month = closed.isoformat()[:7] if closed else ""
    with app.store.begin() as tx:
        save_failed_deals(tx, connection.id, [(deal.key.deal_id, name, month, says)], now=app.now())
    return f"{connection.name}: deal {deal.key.deal_id} {name}".rstrip() + f" was not taken: {says}"


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "an unknown place"
