"""The daily check: everything read again, then counted against the CRM's own counts."""

from __future__ import annotations

import logging

from service import clock
from service.audit.ledger import ledger
from service.bootstrap import App
from service.store.models import ConnectionRow
from service.store.runs import finish_run, start_run
from service.sync.runner import sync

log = logging.getLogger(__name__)


def check(app: App, connection: ConnectionRow) -> None:
    """A complete read, which finds what a webhook or an incremental read missed; then the ledger.

    A month that does not balance is said, and stands in the run of kind `ledger`.
    """
    sync(app, connection.name, full=True, monotonic=clock.monotonic)
    with app.store.begin() as tx:
        run_id = start_run(tx, kind="ledger", connection_id=connection.id, now=app.now())
    connector, calls = app.connector(connection)
    counted = list(connector.count_lost())
    with app.store.begin() as tx:
        lines = ledger(tx, connection, counted)
        off = {line.month: line.difference for line in lines if line.difference}
        counts = {"months": len(lines), "crm": sum(line.crm for line in lines), "off": off}
        finish_run(tx, run_id, counts=counts, calls=calls.by_kind, now=app.now())
    for month, difference in off.items():
        log.warning(
            "%s: the CRM counts %d closed-lost deal(s) of %s more than are stored.",
            connection.name,
            difference,
            month or "no month",
        )
