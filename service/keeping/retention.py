"""What is forgotten with time: words about old losses, and what long finished runs counted."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from service.bootstrap import App
from service.keeping.free_text import cut_words, losses_before
from service.store.connections import all_connections
from service.store.models import RunRow


def forget_old_words(app: App) -> None:
    """Cut what is written about losses that are older than their connection's `retention_days`."""
    with app.store.read() as tx:
        connections = [one for one in all_connections(tx) if one.retention_days is not None]
    for connection in connections:
        after = 0
        while True:
            with app.store.begin() as tx:
                ids = losses_before(tx, connection, today=app.today(connection), after=after)
                cut_words(tx, ids)
            if not ids:
                break
            after = ids[-1]


def forget_old_runs(app: App) -> None:
    """Remove runs that ended longer ago than `REKINDLE_RUNS_KEEP_DAYS`."""
    last = app.now() - timedelta(days=app.settings.runs_keep_days)
    with app.store.begin() as tx:
        tx.execute(delete(RunRow).where(RunRow.finished_at < last))
