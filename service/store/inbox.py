"""Queries on the inbox. Each takes a batch; none commits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, literal, or_, select, update
from sqlalchemy.orm import Session

from service.store.models import ConnectionRow, ConnectionState, InboxRow, InboxState

MOST_IDS = 5_000  # in one statement; databases limit its parameters
_PLAIN = {"synchronize_session": False}
_IS_OPEN = InboxRow.state.in_((InboxState.PENDING, InboxState.WORKING))
# Counted when a row is taken, not when its work ends: a process that was killed counts nothing any more.
_DEATHS = InboxRow.deaths + case((InboxRow.state == InboxState.WORKING, 1), else_=0)
DEADLY, UNFORESEEN = "processes_ended", "unforeseen"
MOST_DEATHS = 5
"""So many processes may end while they work on an event: by then it was worked on alone, three times."""
_FLOOD_DEATHS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An event that this process works on. `attempts` is the number of this attempt."""

    id: int
    deal_id: str
    attempts: int
    is_deletion: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """The events of an import that wait: how many, and when the first and the last came."""

    count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None


def connections_with_work(tx: Session, *, now: datetime) -> list[str]:
    """Connections with events that are due, but for those whose credentials are refused. Uses ix_inbox_open."""
    due = select(InboxRow.id).where(InboxRow.connection_id == ConnectionRow.id, _due(now)).exists()
    query = select(ConnectionRow.name).where(due, ConnectionRow.state != ConnectionState.RECONNECT)
    return list(tx.scalars(query.order_by(ConnectionRow.name)))


def next_due_at(tx: Session) -> datetime | None:
    """When the next event is due; None where none is open."""
    working = select(func.min(InboxRow.lease_until)).where(_IS_OPEN, InboxRow.state == InboxState.WORKING)
    pending = select(func.min(InboxRow.next_try_at)).where(_IS_OPEN, InboxRow.state == InboxState.PENDING)
    return min((at for at in (tx.scalar(working), tx.scalar(pending)) if at is not None), default=None)


def flood_of(tx: Session, connection_id: int, *, now: datetime) -> Flood:
    """What waits of an import, due or not. Uses ix_inbox_open."""
    query = select(func.count(), func.min(InboxRow.received_at), func.max(InboxRow.received_at))
    count, first, last = tx.execute(query.where(_is_free_flood(connection_id, now))).one()
    return Flood(count=count, first_at=first, last_at=last)


def put_off_flood(tx: Session, connection_id: int, *, until: datetime, now: datetime) -> None:
    """Have what waits of an import wait until then: more of it is to come."""
    waiting = update(InboxRow).where(_is_free_flood(connection_id, now), InboxRow.next_try_at < until)
    tx.execute(waiting.values(next_try_at=until), execution_options=_PLAIN)


def claim_flood(tx: Session, connection_id: int, *, now: datetime, lease_until: datetime) -> list[Letter]:
    """Every waiting event of an import becomes this process's."""
    return _take(tx, _is_free_flood(connection_id, now), lease_until)


def claim_deals(
    tx: Session, connection_id: int, *, now: datetime, lease_until: datetime, limit: int, with_bulk: bool
) -> list[Letter]:
    """The events of up to `limit` deals become this process's, the earliest first. Uses ix_inbox_open.

    A deal goes with all its waiting events, also those that were put off; one that another process is fetching waits
    for it. Those that processes died over come last and in ever smaller groups, until the one at fault is alone. The
    caller holds the connection's lock.
    """
    busy = select(InboxRow.deal_id).where(
        InboxRow.connection_id == connection_id, InboxRow.state == InboxState.WORKING, InboxRow.lease_until >= now
    )
    deaths = func.max(_DEATHS)
    chosen = select(InboxRow.deal_id, deaths).where(*_of(connection_id, now), InboxRow.deal_id.not_in(busy))
    if not with_bulk:
        chosen = chosen.where(or_(InboxRow.is_bulk.is_(False), _DEATHS > _FLOOD_DEATHS))
    first = chosen.group_by(InboxRow.deal_id).order_by(deaths, func.min(InboxRow.next_try_at), func.min(InboxRow.id))
    found = tx.execute(first.limit(limit)).all()
    if not found:
        return []
    least = found[0][1]
    deal_ids = [deal_id for deal_id, count in found if count == least][: max(limit // 10**least, 1)]
    is_free = or_(InboxRow.state == InboxState.PENDING, InboxRow.lease_until < now)
    where = and_(InboxRow.connection_id == connection_id, InboxRow.deal_id.in_(deal_ids), _IS_OPEN, is_free)
    return _take(tx, where, lease_until)


def bury_deadly(tx: Session, connection_id: int, *, now: datetime) -> list[int]:
    """Events become dead letters, with all others of their deals, where too many processes ended over them."""
    deadly = select(InboxRow.deal_id).where(*_of(connection_id, now), _DEATHS > MOST_DEATHS)
    is_free = or_(InboxRow.state == InboxState.PENDING, InboxRow.lease_until < now)
    says = f"{MOST_DEATHS + 1} processes ended while they worked on this deal: it is given up, so that no more do."
    last = case((InboxRow.error_reason == UNFORESEEN, literal(f"{says} ") + InboxRow.error), else_=says)
    buried = update(InboxRow).where(
        InboxRow.connection_id == connection_id, _IS_OPEN, is_free, InboxRow.deal_id.in_(deadly)
    )
    dead = {"state": InboxState.DEAD, "lease_until": None, "error": last, "error_reason": DEADLY, "deaths": _DEATHS}
    return list(tx.scalars(buried.values(dead).returning(InboxRow.id), execution_options=_PLAIN))


def renew(tx: Session, letters: Collection[Letter], *, lease_until: datetime) -> None:
    """Keep the events this process's."""
    _set(tx, letters, {"lease_until": lease_until})


def note_unforeseen(tx: Session, letters: Collection[Letter], says: str) -> None:
    """What ended the work on them, for whoever looks at the dead letter."""
    _set(tx, letters, {"error": says, "error_reason": UNFORESEEN})


def finish(tx: Session, letters: Collection[Letter], *, now: datetime) -> None:
    """The events are dealt with."""
    done = {"state": InboxState.DONE, "done_at": now, "lease_until": None, "error": None, "error_reason": None}
    _set(tx, letters, done)


def put_back(
    tx: Session, letters: Collection[Letter], *, state: InboxState, next_try_at: datetime, error: str, reason: str
) -> None:
    """The events wait for another try, or become dead letters; why stands in them."""
    values = {"state": state, "next_try_at": next_try_at, "lease_until": None, "error": error, "error_reason": reason}
    _set(tx, letters, values)


def forget_done(tx: Session, *, before: datetime, limit: int) -> int:
    """Remove events dealt with before then; how many. Uses ix_inbox_done."""
    old = select(InboxRow.id).where(InboxRow.state == InboxState.DONE, InboxRow.done_at < before).limit(limit)
    gone = delete(InboxRow).where(InboxRow.id.in_(old.scalar_subquery())).returning(InboxRow.id)
    return len(tx.scalars(gone, execution_options=_PLAIN).all())


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(
        _IS_OPEN,
        or_(
            and_(InboxRow.state == InboxState.PENDING, InboxRow.next_try_at <= now),
            and_(InboxRow.state == InboxState.WORKING, InboxRow.lease_until < now),
        ),
    )


def _is_free_flood(connection_id: int, now: datetime) -> ColumnElement[bool]:
    is_free = or_(InboxRow.state == InboxState.PENDING, InboxRow.lease_until < now)
    # A sync that two processes died in is not begun a third time for the same events: they are fetched a few at a time.
    return and_(InboxRow.connection_id == connection_id, _IS_OPEN, InboxRow.is_bulk, is_free, _DEATHS <= _FLOOD_DEATHS)


def _of(connection_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (InboxRow.connection_id == connection_id, _due(now))


def _take(tx: Session, where: ColumnElement[bool], lease_until: datetime) -> list[Letter]:
    counted = {"attempts": InboxRow.attempts + 1, "deaths": _DEATHS}
    values = {"state": InboxState.WORKING, **counted, "lease_until": lease_until}
    taken = update(InboxRow).where(where).values(**values)
    returned = taken.returning(InboxRow.id, InboxRow.deal_id, InboxRow.attempts, InboxRow.is_deletion)
    rows = tx.execute(returned, execution_options=_PLAIN).all()
    return [Letter(id=id_, deal_id=deal, attempts=tries, is_deletion=gone) for id_, deal, tries, gone in rows]


def _set(tx: Session, letters: Collection[Letter], values: Mapping[str, Any]) -> None:
    """Set columns of events that are still this process's: whoever took one over since has counted its attempt."""
    for attempts in {one.attempts for one in letters}:
        ids = [one.id for one in letters if one.attempts == attempts]
        for start in range(0, len(ids), MOST_IDS):
            is_ours = (InboxRow.state == InboxState.WORKING) & (InboxRow.attempts == attempts)
            these = update(InboxRow).where(InboxRow.id.in_(ids[start : start + MOST_IDS]), is_ours)
            tx.execute(these.values(**values), execution_options=_PLAIN)
