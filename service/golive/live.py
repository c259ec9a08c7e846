"""Going live: the whole book is planned anew, spread, sensed and put into the outbox.

The preview does the very same in a copy of the store, so that what it announces is what will be written.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from connectors.base import AccountActivity, Connector
from service.golive.planning import Replan
from service.golive.rehearsal import Rehearsal
from service.golive.report import GoLiveReport, GoLiveRequest
from service.golive.scratch import scratch_copy
from service.reminders.knowledge import Knowledge
from service.store.models import (
    ConnectionRow,
    DealRow,
    EpisodeRow,
)
from service.store.session import Store

CHUNK = 500


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
    activity = _fetch_activity(store, connector, connection_id)
    with scratch_copy(store) as scratch:
        return Rehearsal(connector, connection_id, request, replan, knowledge, activity, today, now).run(scratch)


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
    activity = _fetch_activity(store, connector, connection_id)
    return Rehearsal(connector, connection_id, request, replan, knowledge, activity, today, now).run(store)


def _fetch_activity(store: Store, connector: Connector, connection_id: int) -> dict[str, AccountActivity]:
    """What happens at every account of the book; asked in batches, outside any transaction."""
    with store.read() as tx:
        if not tx.get_one(ConnectionRow, connection_id).account_sense:
            return {}
        accounts = tx.scalars(
            select(DealRow.account_key)
            .join(EpisodeRow, EpisodeRow.deal_id == DealRow.id)
            .where(
                DealRow.connection_id == connection_id, DealRow.account_key.is_not(None), EpisodeRow.ended_as.is_(None)
            )
            .distinct()
            .order_by(DealRow.account_key)
        ).all()
    known = [account for account in accounts if account]
    return {
        one.account_id: one
        for start in range(0, len(known), CHUNK)
        for one in connector.account_activity(known[start : start + CHUNK])
    }
