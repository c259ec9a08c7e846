"""Deals looked up by their ids: those that could not be taken before, and those that a complete read never met."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from connectors.base import Connector, DealState
from connectors.errors import ConnectorFault, Rejected
from mappings.model import DealKey
from service.bootstrap import App
from service.pipeline import IngestCounts
from service.store.deals import lost_but_unseen
from service.store.failed_deals import failed_deals
from service.store.models import ConnectionRow
from service.store.reminders import wake_deals
from service.sync.report import SyncReport
from service.sync.taking import take_deals

RECONCILE_BATCH = 1000


def try_failed_again(
    app: App, connector: Connector, connection: ConnectionRow, today: date, report: SyncReport
) -> IngestCounts:
    """Deals that could not be taken before; whether they can be now is said where they fail again."""
    with app.store.read() as tx:
        keys = [DealKey(connection.account_id, row.crm_deal_id) for row in failed_deals(tx, connection.id)]
    if not keys:
        return IngestCounts()
    read_at = app.now()
    taken = take_deals(
        app,
        connection,
        _fetch_states(connector, keys, report),
        today=today,
        read_at=read_at,
        then=lambda tx: wake_deals(tx, connection.id, [key.deal_id for key in keys], today=today),
    )
    report.failures += taken.failures
    return taken.counts


def reconcile(
    app: App, connector: Connector, connection: ConnectionRow, full_run_id: int, today: date, report: SyncReport
) -> IngestCounts:
    """Look up the deals stored as lost that a complete read never met: they are gone, or lost no more."""
    with app.store.read() as tx:
        unseen = lost_but_unseen(tx, connection.id, full_run_id)
    counts = IngestCounts()
    for start in range(0, len(unseen), RECONCILE_BATCH):
        keys = [DealKey(connection.account_id, deal_id) for deal_id in unseen[start : start + RECONCILE_BATCH]]
        read_at = app.now()
        states = _fetch_states(connector, keys, report)
        taken = take_deals(app, connection, states, today=today, run_id=full_run_id, read_at=read_at)
        counts += taken.counts
        report.failures += taken.failures
    return counts


def _fetch_states(connector: Connector, keys: Sequence[DealKey], report: SyncReport) -> tuple[DealState, ...]:
    """The deals as they are now. One that cannot be read is said, and does not keep the others from being looked up."""
    try:
        return tuple(connector.get_deals(keys))
    except (Rejected, ConnectorFault) as error:
        if len(keys) == 1:
            report.warnings.append(f"{report.connection}: deal {keys[0].deal_id} was left as it was: {error}")
            return ()
    middle = len(keys) // 2
    return _fetch_states(connector, keys[:middle], report) + _fetch_states(connector, keys[middle:], report)
