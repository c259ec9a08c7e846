"""What is true in the database at the moment Prometheus asks. Labels hold no name, id or address of a customer.

Each figure is one query by an index or over a small table, so that asking every fifteen seconds costs nothing. What
each means for an operator, and what to do about it, is in `deploy/RUNBOOK.md`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import InstrumentedAttribute, Session

from service.bootstrap import App
from service.jobs.schedule import LEADER
from service.observe.logging import logger
from service.store.inbox import next_due_at
from service.store.models import (
    ConnectionRow,
    ConnectionState,
    FailedDealRow,
    InboxRow,
    InboxState,
    MessageRow,
    MessageState,
    OutboxRow,
    OutboxState,
    ReminderRow,
    ReminderState,
    TurnRow,
)

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

log = logger(__name__)

Counts = Mapping[tuple[str, ...], float]
Figure = tuple[str, str, tuple[str, ...], Callable[[Session, datetime], Counts]]
"""A gauge: its name, what it tells, its labels, and how it is found at an instant."""


class Figures:
    """A collector: asked for what is true now."""

    def __init__(self, app: App) -> None:
        self._app = app

    def collect(self) -> Iterable[Metric]:
        """The gauges; none while the database is away."""
        from prometheus_client.core import GaugeMetricFamily  # not before the first metric, see service.observe.metrics

        try:
            with self._app.store.read() as tx:
                for name, tells, labels, find in FIGURES:
                    gauge = GaugeMetricFamily(name, tells, labels=labels)
                    for values, figure in find(tx, self._app.now()).items():
                        gauge.add_metric(values, figure)
                    yield gauge
        except SQLAlchemyError:
            log.warning("The figures of the database are not there: it cannot be reached.")


def _by_state(column: InstrumentedAttribute[str], states: Sequence[str]) -> Callable[[Session, datetime], Counts]:
    def find(tx: Session, _now: datetime) -> Counts:
        counts = dict(tx.execute(select(column, func.count()).where(column.in_(states)).group_by(column)).all())
        return {(state,): counts.get(state, 0) for state in states}

    return find


def _connections(tx: Session, _now: datetime) -> Counts:
    kinds = select(ConnectionRow.crm, ConnectionRow.state, func.count())
    found = tx.execute(kinds.group_by(ConnectionRow.crm, ConnectionRow.state))
    return {(crm, state): count for crm, state, count in found}


def _sync_age(tx: Session, now: datetime) -> Counts:
    last = func.min(func.coalesce(ConnectionRow.last_sync_at, ConnectionRow.created_at))
    found = tx.execute(
        select(ConnectionRow.crm, last)
        .where(ConnectionRow.state != ConnectionState.RECONNECT)
        .group_by(ConnectionRow.crm)
    )
    return {(crm,): max((now - at).total_seconds(), 0.0) for crm, at in found}


def _checks_failing(tx: Session, _now: datetime) -> Counts:
    found: Counter[tuple[str, ...]] = Counter()
    for crm, health in tx.execute(select(ConnectionRow.crm, ConnectionRow.health)):
        found.update({(crm, str(one["check"])) for one in health if not one["ok"]})
    return found


def _inbox_late(tx: Session, now: datetime) -> Counts:
    return _late(next_due_at(tx), now)


def _outbox_late(tx: Session, now: datetime) -> Counts:
    ready = select(func.min(OutboxRow.next_try_at)).join(ConnectionRow, ConnectionRow.id == OutboxRow.connection_id)
    return _late(
        tx.scalar(ready.where(OutboxRow.state == OutboxState.READY, ConnectionRow.state == ConnectionState.LIVE)), now
    )


def _messages_late(tx: Session, now: datetime) -> Counts:
    return _late(
        tx.scalar(select(func.min(MessageRow.next_try_at)).where(MessageRow.state == MessageState.READY)),
        now,
    )


def _late(due_at: datetime | None, now: datetime) -> Counts:
    return {(): max((now - due_at).total_seconds(), 0.0) if due_at else 0.0}


def _reminders_missed(tx: Session, now: datetime) -> Counts:
    """Those whose day is over in every time zone, and whose turn has not come: a running scheduler leaves none."""
    waiting = select(func.count()).select_from(ReminderRow)
    waiting = waiting.join(ConnectionRow, ConnectionRow.id == ReminderRow.connection_id)
    is_missed = (ReminderRow.act_on < now.date() - timedelta(days=1), ReminderRow.state == ReminderState.SCHEDULED)
    return {(): tx.scalar(waiting.where(ConnectionRow.state == ConnectionState.LIVE, *is_missed)) or 0}


def _failed_deals(tx: Session, _now: datetime) -> Counts:
    return {(): tx.scalar(select(func.count()).select_from(FailedDealRow)) or 0}


def _scheduler_leads(tx: Session, now: datetime) -> Counts:
    leader = tx.get(TurnRow, LEADER)
    return {(): float(leader is not None and leader.leased_until is not None and leader.leased_until > now)}


def _jobs_failing(tx: Session, _now: datetime) -> Counts:
    failing = tx.scalars(select(TurnRow.name).where(TurnRow.failures > 0))
    return Counter((name.partition("/")[0],) for name in failing)


_INBOX = (InboxState.PENDING, InboxState.WORKING, InboxState.DEAD)
_OUTBOX = tuple(one for one in OutboxState if one not in (OutboxState.DONE, OutboxState.DISCARDED))
_MESSAGES = (MessageState.READY, MessageState.SENDING, MessageState.UNCLEAR, MessageState.DEAD)

FIGURES: tuple[Figure, ...] = (
    (
        "rekindle_inbox_rows",
        "Webhook events that wait or were given up.",
        ("state",),
        _by_state(InboxRow.state, _INBOX),
    ),
    ("rekindle_inbox_late_seconds", "How long the most urgent webhook event is overdue.", (), _inbox_late),
    ("rekindle_outbox_rows", "CRM writes that wait or were given up.", ("state",), _by_state(OutboxRow.state, _OUTBOX)),
    ("rekindle_outbox_late_seconds", "How long the most urgent CRM write is overdue.", (), _outbox_late),
    (
        "rekindle_messages",
        "Messages that wait, were refused (dead), or may not have arrived (unclear).",
        ("state",),
        _by_state(MessageRow.state, _MESSAGES),
    ),
    ("rekindle_messages_late_seconds", "How long the most urgent digest is overdue.", (), _messages_late),
    ("rekindle_connections", "Connections by state.", ("crm", "state"), _connections),
    ("rekindle_sync_age_seconds", "Since the last complete sync, of the connection behind most.", ("crm",), _sync_age),
    (
        "rekindle_checks_failing",
        "Connections on which a check of their health fails.",
        ("crm", "check"),
        _checks_failing,
    ),
    ("rekindle_failed_deals", "Deals that were read and could not be taken.", (), _failed_deals),
    (
        "rekindle_reminders_missed",
        "Reminders of live connections that nobody looked at in time.",
        (),
        _reminders_missed,
    ),
    ("rekindle_scheduler_leads", "1 while a scheduler leads, else 0.", (), _scheduler_leads),
    ("rekindle_jobs_failing", "Jobs whose last run failed, by kind.", ("kind",), _jobs_failing),
)
