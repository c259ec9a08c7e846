"""Writes that the CRM refuses as such: they wait, one of them asks now and then, and it is said once.

A right that was taken away would otherwise turn every task into a dead letter of its own, to be retried by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from service.store.connections import WRITING, drop_health, note_health
from service.store.events import Event, save_events
from service.store.models import ConnectionRow, OutboxKind

TASKS, FIELDS = "tasks", "fields"
_KINDS = {FIELDS: (OutboxKind.WRITE_FIELDS,), TASKS: tuple(kind for kind in OutboxKind if kind != "write_fields")}
Stops = Mapping[str, Mapping[str, Any]]


def group_of(kind: str) -> str:
    """Tasks and deal fields are refused, and stopped, apart."""
    return FIELDS if kind == OutboxKind.WRITE_FIELDS else TASKS


def kinds_of(group: str) -> tuple[OutboxKind, ...]:
    """The kinds of writes of a group."""
    return _KINDS[group]


def stops_of(connection: ConnectionRow) -> Stops:
    """What the CRM refuses as a whole: {group: {until, why}}."""
    return connection.write_stops or {}


def closed_groups(connection: ConnectionRow, now: datetime) -> frozenset[str]:
    """The groups of which nothing is tried yet."""
    stops = stops_of(connection)
    return frozenset(group for group, stop in stops.items() if datetime.fromisoformat(stop["until"]) > now)


def stop_writes(
    tx: Session, connection: ConnectionRow, whys: Mapping[str, str], *, until: datetime, now: datetime
) -> None:
    """Try nothing of these groups before then, and say why; once for as long as they are stopped."""
    before = stops_of(connection)
    stops = {**before, **{group: {"until": until.isoformat(), "why": why} for group, why in whys.items()}}
    _save(tx, connection, stops)
    events = [
        Event(entity="connection", entity_id=connection.id, from_state=None, to_state="stopped", why=f"{group}: {why}")
        for group, why in whys.items()
        if group not in before
    ]
    save_events(tx, connection.id, events, who="crm", now=now)


def go_on(tx: Session, connection: ConnectionRow, groups: Collection[str]) -> None:
    """The CRM takes writes of these groups again."""
    stops = stops_of(connection)
    if any(group in stops for group in groups):
        _save(tx, connection, {group: stop for group, stop in stops.items() if group not in groups})


def ask_again(tx: Session, connection: ConnectionRow, now: datetime) -> None:
    """Somebody is at it: let the next write ask at once whether the right is back."""
    if stops := stops_of(connection):
        _save(tx, connection, {group: {**stop, "until": now.isoformat()} for group, stop in stops.items()})


def _save(tx: Session, connection: ConnectionRow, stops: Stops) -> None:
    tx.execute(
        update(ConnectionRow).where(ConnectionRow.id == connection.id).values(write_stops=stops or None),
        execution_options={"synchronize_session": False},
    )
    if stops:
        says = " ".join(f"The CRM takes no {group} of ours: {stop['why']}" for group, stop in sorted(stops.items()))
        note_health(tx, connection.id, WRITING, ok=False, says=f"{says} Nothing is lost; writing goes on once it may.")
    else:
        drop_health(tx, connection.id, WRITING)
    tx.refresh(connection)
