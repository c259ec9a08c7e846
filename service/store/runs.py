"""Queries over runs: what each sync, go-live, undo or reclassify did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.store.models import RunRow


def start_run(tx: Session, *, kind: str, connection_id: int | None, now: datetime) -> int:
    """Record that a run began; its id."""
    row = RunRow(connection_id=connection_id, kind=kind, started_at=now, counts={}, calls={})
    tx.add(row)
    tx.flush()
    return row.id


def note_progress(tx: Session, run_id: int, *, counts: Mapping[str, Any]) -> None:
    """Record how far a run is."""
    tx.execute(update(RunRow).where(RunRow.id == run_id).values(counts=dict(counts)))


def latest_runs(tx: Session, connection_id: int, *, limit: int) -> list[RunRow]:
    """The latest runs of a connection, the newest first."""
    newest = select(RunRow).where(RunRow.connection_id == connection_id).order_by(RunRow.id.desc()).limit(limit)
    return list(tx.scalars(newest))


def finish_run(
    tx: Session,
    run_id: int,
    *,
    counts: Mapping[str, Any],
    calls: Mapping[str, int],
    now: datetime,
    error: str | None = None,
) -> None:
    """Record how a run ended."""
    ended = {"counts": dict(counts), "calls": dict(calls), "finished_at": now, "error": error}
    tx.execute(update(RunRow).where(RunRow.id == run_id).values(**ended))


def first_run_after(tx: Session, connection_id: int, run_id: int, *, kind: str) -> RunRow | None:
    """The first run of that kind of a connection that began after another one. Uses ix_runs_connection_id."""
    later = select(RunRow).where(RunRow.connection_id == connection_id, RunRow.id > run_id, RunRow.kind == kind)
    return tx.scalar(later.order_by(RunRow.id).limit(1))


def runs_before(tx: Session, connection_id: int, before: int | None, *, limit: int) -> list[RunRow]:
    """The runs of a connection before one of them, the newest first. Uses ix_runs_connection_id."""
    rows = select(RunRow).where(RunRow.connection_id == connection_id).order_by(RunRow.id.desc()).limit(limit)
    return list(tx.scalars(rows.where(RunRow.id < before) if before is not None else rows))


def calls_since(tx: Session, connection_id: int, since: datetime) -> Counter[str]:
    """The calls of the runs that began since then, by what they were for. Uses ix_runs_connection_id."""
    calls: Counter[str] = Counter()
    begun = (RunRow.connection_id == connection_id, RunRow.started_at > since)
    for counted in tx.scalars(select(RunRow.calls).where(*begun)):
        calls.update({kind: count for kind, count in counted.items() if isinstance(count, int)})
    return calls
