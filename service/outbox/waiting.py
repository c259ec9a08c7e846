"""Draining with patience: what the CRM put off, and what is not known to have happened, is waited for.

A write whose answer was lost may be looked for only once its answer can no longer arrive; a command that ended
before would leave its person with tasks that are neither there nor missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ColumnExpressionArgument, and_, func, or_, select
from sqlalchemy.orm import Session

from connectors.base import Connector
from service.outbox.settings import OutboxSettings
from service.outbox.stops import closed_groups, kinds_of
from service.outbox.writer import drain
from service.store.models import ConnectionRow, ConnectionState, OutboxKind, OutboxRow, OutboxState
from service.store.session import Store

LEAST_WAIT_S = 0.05


def drain_patiently(
    store: Store,
    connector: Connector,
    connection_id: int,
    *,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    settings: OutboxSettings,
) -> Counter[str]:
    """Send what is due, and wait up to `settings.patience_s` for tried writes to be settled. Counts as `drain` does."""
    until = clock() + timedelta(seconds=settings.patience_s)
    counts = drain(store, connector, connection_id, clock=clock, settings=settings)
    least_s = LEAST_WAIT_S
    while (wake := _next_look(store, connection_id, clock())) is not None and wake <= until and clock() <= until:
        sleep(max((wake - clock()).total_seconds(), least_s))
        found = drain(store, connector, connection_id, clock=clock, settings=settings)
        counts += found
        # A CRM that cannot be asked leaves its rows due: asked again at once, it would be hammered.
        least_s = LEAST_WAIT_S if found.total() else max(2 * least_s, settings.backoff_s)
    return counts


def _next_look(store: Store, connection_id: int, now: datetime) -> datetime | None:
    """When the next tried write can be settled; None where none is open, or nothing may be written."""
    with store.read() as tx:
        connection = tx.get_one(ConnectionRow, connection_id)
        if connection.state == ConnectionState.RECONNECT:
            return None
        wakes = [_earliest(tx, connection, OutboxRow.lease_until, OutboxRow.state == OutboxState.WRITING)]
        tried = or_(
            OutboxRow.state == OutboxState.UNCLEAR, and_(OutboxRow.state == OutboxState.READY, OutboxRow.attempts > 0)
        )
        kinds = [kind for group in closed_groups(connection, now) for kind in kinds_of(group)]
        wakes.append(_earliest(tx, connection, OutboxRow.next_try_at, and_(tried, _may_be_sent(kinds))))
    return min((wake for wake in wakes if wake is not None), default=None)


def _may_be_sent(stopped: list[OutboxKind]) -> ColumnElement[bool]:
    """A write that is not stopped, or one whose outcome can be looked for all the same."""
    return or_(OutboxRow.state != OutboxState.READY, OutboxRow.kind.not_in(stopped))


def _earliest(
    tx: Session, connection: ConnectionRow, when: ColumnExpressionArgument[Any], which: ColumnElement[bool]
) -> datetime | None:
    query = select(func.min(when)).where(OutboxRow.connection_id == connection.id, which)
    if connection.state != ConnectionState.LIVE:
        query = query.where(or_(OutboxRow.is_undo, OutboxRow.state != OutboxState.READY))
    found: datetime | None = tx.scalar(query)
    return found
