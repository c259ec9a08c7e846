"""From reminders to intended tasks: what falls due is marked, and each account gets the task whose turn it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import update
from sqlalchemy.orm import Session

from connectors.base import Connector
from mappings.documents.policy_values import Writing
from mappings.model import DealKey
from service.reminders.admission import load_admission
from service.reminders.backlog import release_due
from service.reminders.consent import Told, deals_to_ask, end_closed, is_asked, save_readings, told_otherwise
from service.reminders.decide import Decisions
from service.reminders.desk import Desk, days_ahead, load_cases, load_desk
from service.reminders.due import load_due, mark_due
from service.reminders.knowledge import Knowledge
from service.reminders.mornings import Mornings, load_mornings
from service.reminders.placing import place
from service.reminders.waking import START, Place, ToLookAt, load_to_look_at
from service.store.apart import note_failed, take_apart
from service.store.consents import AskedDeal
from service.store.models import ConnectionRow, ConnectionState, ReminderRow
from service.store.reminders import lock_connection, take_lock
from service.store.session import Store

BATCH = 1000


def advance(
    store: Store,
    connector: Connector,
    connection_id: int,
    *,
    knowledge: Knowledge,
    today: date,
    now: datetime,
    is_planned: bool = False,
    batch_size: int = BATCH,
) -> Counter[str]:
    """Mark what is due and put the tasks whose turn it is into the outbox. Does nothing unless the connection is live.

    Each batch is one unit of work: the reminders that are due, and the writes that brings. Counts `due`, `written`
    (intended), `moved`, `closed`, `skipped`, `waiting` and `fields`. The CRM is asked about the accounts once a batch,
    outside any transaction. Running it again changes nothing.
    """
    counts: Counter[str] = Counter()
    while True:
        with store.begin() as tx:
            connection = lock_connection(tx, connection_id)
            if connection.state != ConnectionState.LIVE:
                return counts
            mornings = load_mornings(tx, connection, now=now)
            released = _release(tx, connection, knowledge, today=today, now=now)
        after: Place | None = START
        found = Counter[str](released=released)
        while batch := _next_batch(
            store, connection, knowledge.writing, mornings, after, today=today, limit=batch_size
        ):
            after = batch.after
            take = partial(
                _advance, store, connector, connection_id, mornings, knowledge, today, now, is_planned, batch, Told()
            )
            failed = partial(_failed, store, connection_id, today=today, now=now)
            found += sum(take_apart(batch.to_look_at, take, failed), Counter())
        counts += found
        if not found["skipped"]:
            return counts  # a skipped step leaves its turn, or its room in the week, to another within the same run


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """What one unit of work is about: reminders whose day has come, and those that somebody has to look at."""

    due: Sequence[int]
    to_look_at: Sequence[int]
    after: Place | None

    def part(self, ids: Sequence[int]) -> _Batch:
        """The same of some of those to look at; what is due goes with all of them, or in another batch."""
        return self if len(ids) == len(self.to_look_at) else replace(self, due=(), to_look_at=ids)


def advance_announced(
    store: Store,
    connector: Connector,
    connection: ConnectionRow,
    *,
    knowledge: Knowledge,
    told: Told,
    today: date,
    now: datetime,
) -> Counter[str]:
    """The same for what a person is told of first, whether or not the connection is live yet, each batch in a unit of
    work of its own; `told` covers every account and deal. No field is written: the caller does, once all is decided."""
    with store.read() as tx:
        mornings = load_mornings(tx, connection, now=now)
    counts: Counter[str] = Counter()
    while True:
        after: Place | None = START
        found = Counter[str]()
        while batch := _next_batch(store, connection, knowledge.writing, mornings, after, today=today, limit=BATCH):
            after = batch.after

            def take(ids: Sequence[int], batch: _Batch = batch) -> Counter[str]:
                with store.begin() as tx:
                    take_lock(tx, connection.id)
                    part = batch.part(ids)
                    desk = load_desk(tx, connection, ids, mornings, today=today, writing=knowledge.writing)
                    decided = _nothing_decided(tx, connection, desk, knowledge, told, connector, today, now)
                    for group in desk.groups:
                        decided.take(group)
                    decided.episodes.clear()
                    save_readings(tx, deals_to_ask(tx, desk.deals_to_write, ()), told.consent, knowledge, now=now)
                    return decided.save(tx, due=part.due, is_planned=True)

            failed = partial(_failed, store, connection.id, today=today, now=now)
            found += sum(take_apart(batch.to_look_at, take, failed), Counter())
        counts += found
        if not found["skipped"]:
            return counts
        with store.begin() as tx:
            take_lock(tx, connection.id)
            counts["released"] += _release(tx, connection, knowledge, today=today, now=now)


def _release(tx: Session, connection: ConnectionRow, knowledge: Knowledge, *, today: date, now: datetime) -> int:
    """Let the backlog's turn of this week come, and place it; how many came."""
    released = release_due(tx, connection, today=today, now=now, per_week=knowledge.writing.backlog_per_week)
    place(tx, connection, released, today=today, now=now, is_working_day=knowledge.is_working_day, room=knowledge.room)
    return len(released)


def _next_batch(
    store: Store,
    connection: ConnectionRow,
    writing: Writing,
    mornings: Mornings,
    after: Place | None,
    *,
    today: date,
    limit: int,
) -> _Batch | None:
    """The next reminders to see to: those marked due come again no more, those looked at only from `after` on."""
    ahead, looks = days_ahead(connection, writing), ToLookAt()
    with store.read() as tx:
        due = load_due(tx, connection.id, mornings, limit=limit)
        if after is not None:
            looks = load_to_look_at(tx, connection.id, mornings, ahead=ahead, today=today, limit=limit, after=after)
    return _Batch(due=due, to_look_at=looks.ids, after=looks.after) if due or looks.ids else None


def _advance(
    store: Store,
    connector: Connector,
    connection_id: int,
    mornings: Mornings,
    knowledge: Knowledge,
    today: date,
    now: datetime,
    is_planned: bool,
    batch: _Batch,
    told: Told,
    ids: Sequence[int],
) -> Counter[str]:
    """One unit of work: some of a batch. `told` is what the CRM has said of it, where it is done in parts."""
    asked = _ask(store, connector, connection_id, mornings, knowledge, today, batch.part(ids), told)
    with store.begin() as tx:
        connection = lock_connection(tx, connection_id)
        if connection.state != ConnectionState.LIVE:
            return Counter()
        due = batch.part(ids).due
        save_readings(tx, asked.deals, told.consent, knowledge, now=now)
        footing = (told.consent, asked.deals, knowledge)
        ended = end_closed(tx, connection, due, *footing, today=today, now=now)
        counts = Counter(due=ended, skipped=ended)
        seen = asked.desk.reminders if asked.desk is not None else ()  # said anew below, with all that is decided there
        if stale := [id_ for id_ in told_otherwise(tx, due, *footing, today=today) if id_ not in seen]:
            theirs = load_desk(tx, connection, stale, mornings, today=today, writing=knowledge.writing)
            anew = _nothing_decided(tx, connection, theirs, knowledge, told, connector, today, now)
            for group in theirs.groups:
                anew.reword(group)
            counts += anew.save(tx, due=(), is_planned=True)
        if asked.desk is None:
            return counts + Counter(due=len(mark_due(tx, connection_id, due, now=now)))
        desk = load_desk(tx, connection, ids, mornings, today=today, writing=knowledge.writing, before=asked.desk)
        decided = _nothing_decided(tx, connection, desk, knowledge, told, connector, today, now)
        met, sensed = {one.row_id for one in asked.deals}, {None, *asked.accounts}
        for group in desk.groups:
            is_sensed = not connection.account_sense or group.account_id in sensed
            if group.choice.write is None or (is_sensed and is_asked(desk, group, met)):
                decided.take(group)
        return decided.save(tx, due=due, is_planned=is_planned) + counts


def _nothing_decided(
    tx: Session,
    connection: ConnectionRow,
    desk: Desk,
    knowledge: Knowledge,
    told: Told,
    connector: Connector,
    today: date,
    now: datetime,
) -> Decisions:
    """With all that decisions about this desk hang on."""
    cases = load_cases(tx, {row.episode_id for row in desk.reminders.values()})
    return Decisions(connection, desk, cases, load_admission(tx, connection), knowledge, told, connector, today, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the CRM was asked about before one unit of work, and the desk as it was seen then."""

    desk: Desk | None
    accounts: Sequence[str]
    deals: Sequence[AskedDeal]


def _ask(
    store: Store,
    connector: Connector,
    connection_id: int,
    mornings: Mornings,
    knowledge: Knowledge,
    today: date,
    batch: _Batch,
    told: Told,
) -> _Asked:
    """Ask what goes on at the accounts and who may be contacted: outside any transaction, and nothing twice."""
    with store.read() as tx:
        connection = tx.get_one(ConnectionRow, connection_id)
        ids, writing = batch.to_look_at, knowledge.writing
        desk = load_desk(tx, connection, ids, mornings, today=today, writing=writing) if ids else None
        to_write = desk.deals_to_write if desk is not None else {}
        deals = deals_to_ask(tx, to_write, batch.due)
    accounts = sorted({*filter(None, to_write.values())}) if connection.account_sense else []
    if fresh := [one for one in accounts if one not in told.activity]:
        told.activity.update({one.account_id: one for one in connector.account_activity(fresh)})
    keys = [DealKey(connection.account_id, one.crm_deal_id) for one in deals if one.crm_deal_id not in told.consent]
    if keys:
        told.consent.update({one.key.deal_id: one for one in connector.read_consent(keys)})
    return _Asked(desk=desk, accounts=accounts, deals=deals)


def _failed(
    store: Store, connection_id: int, reminder_id: int, error: Exception, *, today: date, now: datetime
) -> None:
    """What our own code fails on waits for tomorrow, or for the deal to change, and its deal is named."""
    with store.begin() as tx:
        lock_connection(tx, connection_id)
        statement = update(ReminderRow).where(ReminderRow.id == reminder_id, ReminderRow.act_on.is_not(None))
        tomorrow = statement.values(act_on=today + timedelta(days=1)).returning(ReminderRow.deal_id)
        deal_row_id = tx.scalar(tomorrow, execution_options={"synchronize_session": False})
    if deal_row_id is not None:
        note_failed(store, connection_id, deal_row_id, error, now=now)
