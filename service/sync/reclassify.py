"""Running the published documents over stored deals again: no CRM read, and nothing done twice."""

from __future__ import annotations

from collections.abc import Callable

from mappings.model import LostDeal
from service.bootstrap import App
from service.mapping_sets.publish import resume_publication
from service.pipeline import replan
from service.store.codec import from_record
from service.store.connections import all_connections, connection_named
from service.store.deals import stored_records
from service.store.reminders import lock_connection
from service.store.runs import finish_run, start_run

BATCH = 1000


def reclassify(app: App, *, progress: Callable[[int], None] = lambda _: None) -> dict[str, int]:
    """Plan again every stored deal that stands on an older version: {deals, planned}. Each batch is saved."""
    resume_publication(app)  # one that was interrupted does the rest as it was previewed
    with app.store.begin() as tx:
        app.rules(tx)  # published first, if nothing ever was
        run_id = start_run(tx, kind="reclassify", connection_id=None, now=app.now())
    with app.store.read() as tx:
        names = [row.name for row in all_connections(tx)]
    counts = {"deals": 0, "planned": 0}
    for name in names:
        after = 0
        while after >= 0:
            after = _batch(app, name, after, counts)
            progress(counts["planned"])
    with app.store.begin() as tx:
        finish_run(tx, run_id, counts=counts, calls={}, now=app.now())
    return counts


def _batch(app: App, name: str, after: int, counts: dict[str, int]) -> int:
    """Plan one batch again; the last row id looked at, or -1 at the end."""
    with app.store.begin() as tx:
        # Locked before anything is read: a sync could store a newer deal in between, and an older plan would stand.
        connection = lock_connection(tx, connection_named(tx, name).id)
        rules = app.rules(tx)
        stored = stored_records(tx, connection.id, after_id=after, limit=BATCH)
        versions = (rules.mapping_set.version, rules.policy.version)
        stale = [
            (from_record(record, LostDeal), known)
            for _, record, known in stored
            if (known.mapping_version, known.policy_version) != versions
        ]
        counts["deals"] += len(stored)
        counts["planned"] += replan(tx, connection, stale, rules, today=app.today(connection), now=app.now())
    return stored[-1][0] if stored else -1
