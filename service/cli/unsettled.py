"""Telling that writes of an interrupted run are still open, and when they are looked for."""

from __future__ import annotations

from service.bootstrap import App
from service.cli.output import warn
from service.outbox.letters import list_outbox
from service.store.connections import connection_named
from service.store.models import OutboxState

OPEN = (OutboxState.WRITING, OutboxState.UNCLEAR)


def note_unsettled(app: App, name: str) -> None:
    """A note where writes were begun and their end is not known: by whoever was stopped, or by a lost answer."""
    with app.store.read() as tx:
        count = len(list_outbox(tx, connection_id=connection_named(tx, name).id, states=OPEN))
    if count:
        wait = f"{app.settings.lease_s + app.settings.http.total_timeout_s:.0f}"
        says = f"note: {name}: {count} write(s) of an interrupted run are not known to have happened"
        warn(f"{says}; a sync in {wait} s or later looks for them in the CRM, and writes what is missing.")
