"""The state of a connection, and how it changes when its credentials are refused or renewed."""

from __future__ import annotations

from service.bootstrap import App
from service.store.connections import connection_named, set_state
from service.store.events import Event, save_events
from service.store.models import ConnectionState


def needs_reconnect(app: App, name: str, why: str) -> None:
    """Stop using a connection whose credentials are refused, and say so."""
    with app.store.begin() as tx:
        connection = connection_named(tx, name)
        former = connection.state
        if former != ConnectionState.RECONNECT:
            set_state(tx, connection, ConnectionState.RECONNECT)
            refused = Event(
                entity="connection",
                entity_id=connection.id,
                from_state=former,
                to_state=ConnectionState.RECONNECT,
                why=why,
            )
            save_events(tx, connection.id, [refused], who="sync", now=app.now())
