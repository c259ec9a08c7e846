"""Stopping all writes of a connection at once."""

from __future__ import annotations

from datetime import datetime

from service.outbox.claim import set_connection_state
from service.store.models import ConnectionState
from service.store.reminders import lock_connection
from service.store.session import Store


def hold(store: Store, connection_id: int, *, who: str, why: str, now: datetime) -> None:
    """From now on nothing is written, task or field; what is recorded waits. Reading goes on."""
    with store.begin() as tx:
        connection = lock_connection(tx, connection_id)
        if connection.going_live:  # it would be let write at its end
            connection.going_live = {**connection.going_live, "is_held": True}
            tx.flush()
        set_connection_state(tx, connection, ConnectionState.HOLD, why=why, who=who, now=now)
