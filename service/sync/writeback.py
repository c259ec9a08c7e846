"""The right end of a sync: read our tasks back, choose whose turn it is, and send what is intended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from connectors.base import Connector
from service.bootstrap import App
from service.outbox.settings import OutboxSettings
from service.outbox.stops import ask_again, kinds_of, stops_of
from service.outbox.waiting import drain_patiently
from service.reminders.advance import advance
from service.reminders.readback import read_back
from service.store.connections import connection_named
from service.store.models import ConnectionRow, ConnectionState, DealRow, OutboxRow, OutboxState
from service.store.outbox import ON_THE_WAY
from service.store.reminders import lock_connection
from service.sync.told import planning_by_words


@dataclass(slots=True)
class WriteReport:
    """What was written, and a line for each write that was given up."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def written(self) -> int:
        """Writes that the CRM confirmed, or that were found to have happened."""
        return self.counts["written"] + self.counts["adopted"]

    @property
    def failed(self) -> int:
        """Writes that were given up; they wait as dead letters."""
        return self.counts["failed"]


def take_over_edits(app: App, connector: Connector, connection: ConnectionRow, *, today: date) -> Counter[str]:
    """Read our tasks back before anything is planned: what people did to them comes first."""
    told = planning_by_words(app, today=today)
    return read_back(app.store, connector, connection.id, since=None, today=today, now=app.now(), told=told)


def write_cycle(app: App, connector: Connector, name: str, *, today: date, is_planned: bool = False) -> WriteReport:
    """Choose whose turn it is and send what is intended, once. On hold nothing is written; raises ConnectorError.

    `is_planned` says that a person asked for the whole of it, so that the brake does not count it.
    """
    report = WriteReport()
    began = app.now()
    with app.store.begin() as tx:
        connection = lock_connection(tx, connection_named(tx, name).id)
        ask_again(tx, connection, app.now())
        knowledge = app.rules(tx).knowledge
    intended = advance(
        app.store, connector, connection.id, knowledge=knowledge, today=today, now=app.now(), is_planned=is_planned
    )
    report.counts.update({f"intended_{what}": count for what, count in intended.items()})
    report.counts += send(app, connector, connection.id)
    with app.store.read() as tx:
        report.failures += given_up_since(tx, connection, began) + put_off(tx, connection)
    return report


def send(app: App, connector: Connector, connection_id: int) -> Counter[str]:
    """Send what is intended, and wait for what was tried to be settled."""
    return drain_patiently(
        app.store, connector, connection_id, clock=app.now, sleep=app.sleep, settings=outbox_settings(app)
    )


def outbox_settings(app: App) -> OutboxSettings:
    """The outbox's waits, from the settings in force."""
    return OutboxSettings(
        batch_size=app.settings.write_batch,
        lease_s=app.settings.lease_s,
        look_after_s=app.settings.http.total_timeout_s,
        backoff_s=app.settings.http_backoff_s,
        backoff_cap_s=app.settings.write_backoff_cap_s,
        max_attempts=app.settings.max_write_attempts,
        patience_s=app.settings.patience_s,
        jitter=app.jitter,
    )


def given_up_since(tx: Session, connection: ConnectionRow, since: datetime) -> list[str]:
    """A line for each write that became a dead letter since then: the deal, and the CRM's words."""
    query = (
        select(OutboxRow.kind, OutboxRow.error, DealRow.name, DealRow.crm_deal_id)
        .outerjoin(DealRow, DealRow.id == OutboxRow.deal_id)
        .where(
            OutboxRow.connection_id == connection.id,
            OutboxRow.state == OutboxState.DEAD,
            OutboxRow.attempted_at >= since,
        )
        .order_by(OutboxRow.id)
    )
    return [
        f"{connection.name}: {kind.replace('_', ' ')} was not done for {deal or 'a deal'} ({deal_id}): {error}"
        for kind, error, deal, deal_id in tx.execute(query)
    ]


def put_off(tx: Session, connection: ConnectionRow) -> list[str]:
    """A line where tried writes are still not done after all patience: put off by the CRM, or not answered."""
    if connection.state != ConnectionState.LIVE:
        return []
    stopped = [
        f"{connection.name}: no {group} are written for now: {stop['why']}"
        for group, stop in sorted(stops_of(connection).items())
    ]
    kinds = [kind for group in stops_of(connection) for kind in kinds_of(group)]
    tried = or_(OutboxRow.state.in_((OutboxState.WRITING, OutboxState.UNCLEAR)), OutboxRow.attempts > 0)
    count, earliest = tx.execute(
        select(func.count(), func.min(OutboxRow.next_try_at)).where(
            OutboxRow.connection_id == connection.id,
            OutboxRow.state.in_(ON_THE_WAY),
            OutboxRow.kind.not_in(kinds),
            tried,
        )
    ).one()
    if not count:
        return stopped
    return [
        *stopped,
        f"{connection.name}: {count} write(s) are not done yet; sync again after {earliest:%H:%M:%S} UTC.",
    ]
