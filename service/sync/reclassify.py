"""Running the published documents over stored deals again: no CRM read, and nothing done twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from mappings.model import LostDeal
from service.bootstrap import App
from service.mapping_sets.publish import resume_publication
from service.pipeline import replan
from service.store.apart import note_failed, take_apart
from service.store.codec import from_record
from service.store.connections import all_connections
from service.store.deals import deals_in_force, stored_records
from service.store.reminders import lock_connection
from service.store.runs import finish_run, start_run

BATCH = 1000


def reclassify(app: App, *, progress: Callable[[int], None] = lambda _: None) -> dict[str, int]:
    """Plan again every stored deal that stands on an older version: {deals, planned, failed}. Each batch is saved.

    A deal our code fails on keeps its plan; it is named in the health, and every sync tries it again.
    """
    resume_publication(app)  # one that was interrupted does the rest as it was previewed
    with app.store.begin() as tx:
        app.rules(tx)  # published first, if nothing ever was
        run_id = start_run(tx, kind="reclassify", connection_id=None, now=app.now())
    counts = Counter(deals=0, planned=0, failed=0)
    with app.store.read() as tx:
        connections = [row.id for row in all_connections(tx)]
    for connection_id in connections:
        after = 0
        while ids := _next(app, connection_id, after):
            counts += _batch(app, connection_id, ids)
            progress(counts["planned"])
            after = ids[-1]
    found = {what: counts[what] for what in ("deals", "planned", "failed")}
    with app.store.begin() as tx:
        finish_run(tx, run_id, counts=found, calls={}, now=app.now())
    return found


def _next(app: App, connection_id: int, after: int) -> list[int]:
    with app.store.read() as tx:
        return deals_in_force(tx, connection_id, after_id=after, limit=BATCH)


def _batch(app: App, connection_id: int, ids: Sequence[int]) -> Counter[str]:
    """Plan one batch again."""
    counts = Counter(deals=len(ids))

    def failed(row_id: int, error: Exception) -> None:
        note_failed(app.store, connection_id, row_id, error, now=app.now())
        counts["failed"] += 1

    counts["planned"] += sum(take_apart(ids, lambda some: _replan(app, connection_id, some), failed))
    return counts


def _replan(app: App, connection_id: int, ids: Sequence[int]) -> int:
    with app.store.begin() as tx:
        # Locked before anything is read: a sync could store a newer deal in between, and an older plan would stand.
        connection = lock_connection(tx, connection_id)
        rules = app.rules(tx)
        versions = (rules.mapping_set.version, rules.policy.version)
        stale = [
            (from_record(record, LostDeal), known)
            for _, record, known in stored_records(tx, connection_id, ids)
            if (known.mapping_version, known.policy_version) != versions
        ]
        return replan(tx, connection, stale, rules, today=app.today(connection), now=app.now())
