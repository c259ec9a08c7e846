"""The state of a connection, and how it changes when its credentials are refused or renewed."""

from __future__ import annotations

from service.bootstrap import App
from service.errors import RekindleError
from service.outbox.claim import set_connection_state
from service.store.connections import connection_named
from service.store.models import ConnectionRow, ConnectionState
from service.store.reminders import lock_connection


def needs_reconnect(app: App, name: str, why: str) -> None:
    """Stop using a connection whose credentials are refused, and say so."""
    with app.store.begin() as tx:
        # Locked: a hold put on at this moment is the state that new credentials bring back.
        connection = lock_connection(tx, connection_named(tx, name).id)
        set_connection_state(tx, connection, ConnectionState.RECONNECT, why=why, who="sync", now=app.now())


def refuse_without_credentials(connection: ConnectionRow) -> None:
    """Raise RekindleError for a connection whose credentials were refused: asking again may lock the user out."""
    if connection.state == ConnectionState.RECONNECT:
        raise RekindleError(
            f"{connection.name}: its credentials were refused; nothing was read or written.",
            remedy=f"Run `rekindle connect {connection.crm} {connection.name}` with new ones.",
        )
