"""Going live: the whole book is planned anew, spread, sensed and put into the outbox.

The preview does the very same in a copy of the store, so that what it announces is what will be written.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from connectors.base import Connector
from mappings.model import DealKey
from service.golive.planning import Replan
from service.golive.rehearsal import Rehearsal, in_chunks
from service.golive.report import GoLiveReport, GoLiveRequest
from service.golive.scratch import scratch_copy
from service.reminders.consent import Told
from service.reminders.knowledge import Knowledge
from service.store.models import (
    ConnectionRow,
    DealRow,
    EpisodeRow,
)
from service.store.session import Store


def preview_go_live(
    store: Store,
    connector: Connector,
    connection_id: int,
    request: GoLiveRequest,
    *,
    replan: Replan,
    knowledge: Knowledge,
    today: date,
    now: datetime,
) -> GoLiveReport:
    """What `go_live` would write. Changes nothing. Raises UnknownOwnerError."""
    told = _ask(store, connector, connection_id)
    with scratch_copy(store) as scratch:
        return Rehearsal(connector, connection_id, request, replan, knowledge, told, today, now).run(scratch)


def go_live(
    store: Store,
    connector: Connector,
    connection_id: int,
    request: GoLiveRequest,
    *,
    replan: Replan,
    knowledge: Knowledge,
    today: date,
    now: datetime,
) -> GoLiveReport:
    """Let the connection write, and put what it may write into the outbox: all of it, or on a failure nothing.

    It takes many short units of work; the connection is on hold until the last. Draining the outbox is the caller's
    next step. Raises UnknownOwnerError.
    """
    told = _ask(store, connector, connection_id)
    return Rehearsal(connector, connection_id, request, replan, knowledge, told, today, now).run(store)


def _ask(store: Store, connector: Connector, connection_id: int) -> Told:
    """What happens at every account of the book, and who may be contacted about its deals; asked in batches, outside
    any transaction."""
    with store.read() as tx:
        connection = tx.get_one(ConnectionRow, connection_id)
        running = (
            select(DealRow.crm_deal_id, DealRow.account_key)
            .join(EpisodeRow, EpisodeRow.deal_id == DealRow.id)
            .where(DealRow.connection_id == connection_id, EpisodeRow.ended_as.is_(None), DealRow.excluded_by.is_(None))
            .order_by(DealRow.id)
        )
        deals = tx.execute(running).all()
    told = Told()
    accounts = sorted({row.account_key for row in deals if row.account_key}) if connection.account_sense else []
    for some in in_chunks(accounts):
        told.activity.update({one.account_id: one for one in connector.account_activity(some)})
    for part in in_chunks([DealKey(connection.account_id, row.crm_deal_id) for row in deals]):
        told.consent.update({one.key.deal_id: one for one in connector.read_consent(part)})
    return told
