"""Queries over turns: who does a job, and when it is due again. None commits."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.store.bulk import table_of
from service.store.models import TurnRow

_PLAIN = {"synchronize_session": False}


def take_turn(
    tx: Session,
    name: str,
    *,
    connection_id: int | None = None,
    by: str,
    lease: timedelta,
    now: datetime,
) -> bool:
    """Whether `by` has the turn for the length of the lease; taking it again renews it.

    A lease that ends later than any could was taken before the clock was set back: it is over.
    """
    _make(tx, name, connection_id)
    is_free = or_(
        TurnRow.leased_until.is_(None),
        TurnRow.leased_until <= now,
        TurnRow.leased_until > now + 2 * lease,
        TurnRow.leased_by == by,
    )
    taken = update(TurnRow).where(TurnRow.name == name, is_free).values(leased_until=now + lease, leased_by=by)
    return tx.scalar(taken.returning(TurnRow.name), execution_options=_PLAIN) is not None


def holder_of(tx: Session, name: str) -> str | None:
    """Who has the turn, or had it last without giving it back."""
    return tx.scalar(select(TurnRow.leased_by).where(TurnRow.name == name))


def give_turn_back(tx: Session, name: str, *, by: str) -> bool:
    """Let another process have it, if `by` still has it; whether somebody asked for one more look."""
    held = update(TurnRow).where(TurnRow.name == name, TurnRow.leased_by == by)
    given = held.values(leased_until=None, leased_by=None).returning(TurnRow.due_at)
    return tx.scalar(given, execution_options=_PLAIN) is not None


def ask_again(tx: Session, name: str, *, now: datetime) -> None:
    """Ask whoever has the turn to look once more. For turns that are not planned ahead."""
    tx.execute(update(TurnRow).where(TurnRow.name == name).values(due_at=now), execution_options=_PLAIN)


def forget_asking(tx: Session, name: str, *, by: str) -> None:
    """What was asked for until now is seen to in the look that begins."""
    held = update(TurnRow).where(TurnRow.name == name, TurnRow.leased_by == by)
    tx.execute(held.values(due_at=None), execution_options=_PLAIN)


def is_due(tx: Session, name: str, *, now: datetime, furthest: timedelta | None = None) -> bool:
    """Whether a job is due; one that was never planned is. `furthest` is as far ahead as it is ever planned:

    what is due later than that was planned before the clock was set back, or the interval shortened.
    """
    return tx.scalar(select(TurnRow.name).where(TurnRow.name == name, ~_is_due(now, furthest))) is None


def begin_turn(tx: Session, name: str, *, now: datetime) -> None:
    """Note that the job begins."""
    tx.execute(update(TurnRow).where(TurnRow.name == name).values(began_at=now), execution_options=_PLAIN)


def end_turn(tx: Session, name: str, *, due_at: datetime | None, now: datetime, error: str | None) -> None:
    """Note how the job ended, and when it is due again."""
    failures = 0 if error is None else TurnRow.failures + 1
    values = {"due_at": due_at, "ended_at": now, "error": error, "failures": failures}
    tx.execute(update(TurnRow).where(TurnRow.name == name).values(**values), execution_options=_PLAIN)


def failures_of(tx: Session, name: str) -> int:
    """How often in a row the job failed."""
    return tx.scalar(select(TurnRow.failures).where(TurnRow.name == name)) or 0


def plan_turn(tx: Session, name: str, *, connection_id: int | None, due_at: datetime) -> None:
    """Plan a job for the first time; one that is planned already stays so."""
    _make(tx, name, connection_id)
    unplanned = update(TurnRow).where(TurnRow.name == name, TurnRow.due_at.is_(None), TurnRow.began_at.is_(None))
    tx.execute(unplanned.values(due_at=due_at), execution_options=_PLAIN)


def is_known(tx: Session, name: str) -> bool:
    """Whether the job was ever planned or done."""
    return tx.scalar(select(TurnRow.name).where(TurnRow.name == name)) is not None


def _is_due(now: datetime, furthest: timedelta | None) -> ColumnElement[bool]:
    come = or_(TurnRow.due_at.is_(None), TurnRow.due_at <= now)
    return come if furthest is None else or_(come, TurnRow.due_at > now + furthest)


def _make(tx: Session, name: str, connection_id: int | None) -> None:
    if is_known(tx, name):
        return
    is_postgresql = tx.get_bind().dialect.name == "postgresql"
    statement = (postgresql.insert if is_postgresql else sqlite.insert)(table_of(TurnRow))
    tx.execute(statement.on_conflict_do_nothing(), {"name": name, "connection_id": connection_id, "failures": 0})
