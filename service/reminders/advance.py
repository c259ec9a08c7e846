"""From reminders to intended tasks: what falls due is marked, and each account gets the task whose turn it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.base import AccountActivity, Connector
from service.reminders.admission import load_admission
from service.reminders.backlog import release_due
from service.reminders.decide import Decisions
from service.reminders.desk import Desk, load_cases, load_desk
from service.reminders.knowledge import Knowledge
from service.reminders.placing import place
from service.reminders.states import move
from service.store.models import (
    ConnectionRow,
    ConnectionState,
    ReminderRow,
    ReminderState,
)
from service.store.reminders import load_ids_to_act_on, lock_connection, take_lock
from service.store.session import Store

BATCH = 500
ROLL_BATCH = 5000


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
    """Put the tasks whose turn it is into the outbox. Does nothing unless the connection is live.

    Counts `due`, `written` (intended), `moved`, `closed`, `skipped`, `waiting` and `fields`. The CRM is asked about
    the accounts once a batch, outside any transaction. Running it again changes nothing.
    """
    counts: Counter[str] = Counter()
    with store.begin() as tx:
        connection = lock_connection(tx, connection_id)
        if connection.state != ConnectionState.LIVE:
            return counts
    counts["due"] = _mark_all_due(store, connection_id, today=today, now=now)
    while True:
        with store.begin() as tx:
            released = _release(tx, connection, knowledge, today=today, now=now)
        after, found = 0, Counter[str](released=released)
        while ids := _ids_after(store, connection_id, after, today=today, limit=batch_size):
            after = ids[-1]
            found += _advance_batch(store, connector, connection_id, ids, knowledge, today, now, is_planned)
        counts += found
        if not found["skipped"]:
            return counts  # a skipped step leaves its turn, or its room in the week, to another within the same run


def advance_announced(
    store: Store,
    connector: Connector,
    connection: ConnectionRow,
    *,
    knowledge: Knowledge,
    activity: Mapping[str, AccountActivity],
    today: date,
    now: datetime,
) -> Counter[str]:
    """The same for what a person is told of first, whether or not the connection is live yet, each batch in a unit of
    work of its own; `activity` covers every account. No field is written: the caller does, once all is decided."""
    counts: Counter[str] = Counter(due=_mark_all_due(store, connection.id, today=today, now=now))
    while True:
        after, found = 0, Counter[str]()
        while ids := _ids_after(store, connection.id, after, today=today, limit=BATCH):
            after = ids[-1]
            with store.begin() as tx:
                take_lock(tx, connection.id)
                desk = load_desk(tx, connection, ids, today=today)
                cases = load_cases(tx, {row.episode_id for row in desk.reminders.values()})
                admission = load_admission(tx, connection)
                decided = Decisions(connection, desk, cases, admission, knowledge, activity, connector, today, now)
                for group in desk.groups:
                    decided.take(group)
                decided.episodes.clear()
                found += decided.save(tx, is_planned=True)
        counts += found
        if not found["skipped"]:
            return counts
        with store.begin() as tx:
            take_lock(tx, connection.id)
            counts["released"] += _release(tx, connection, knowledge, today=today, now=now)


def _release(tx: Session, connection: ConnectionRow, knowledge: Knowledge, *, today: date, now: datetime) -> int:
    """Let the backlog's turn of this week come, and place it; how many came."""
    released = release_due(tx, connection, today=today, now=now)
    place(tx, connection, released, today=today, now=now, is_working_day=knowledge.is_working_day)
    return len(released)


def _ids_after(store: Store, connection_id: int, after: int, *, today: date, limit: int) -> list[int]:
    with store.read() as tx:
        return load_ids_to_act_on(tx, connection_id, today=today, limit=limit, after=after)


def _mark_all_due(store: Store, connection_id: int, *, today: date, now: datetime) -> int:
    total = 0
    while True:
        with store.begin() as tx:
            take_lock(tx, connection_id)
            helping = mark_due(tx, connection_id, today=today, now=now)
        total += helping
        if not helping:
            return total


def mark_due(tx: Session, connection_id: int, *, today: date, now: datetime) -> int:
    """Scheduled and snoozed reminders whose day has come are due, some thousands at a time. Uses ix_reminders_due."""
    for state in (ReminderState.SCHEDULED, ReminderState.SNOOZED):
        mine = (ReminderRow.connection_id == connection_id, ReminderRow.state == state, ReminderRow.due_on <= today)
        ids = tx.scalars(select(ReminderRow.id).where(*mine).limit(ROLL_BATCH)).all()
        if ids:
            whys = dict.fromkeys(ids, "Its day has come.")
            return len(move(tx, connection_id, whys, ReminderState.DUE, who="rekindle", now=now))
    return 0


def _advance_batch(
    store: Store,
    connector: Connector,
    connection_id: int,
    ids: Sequence[int],
    knowledge: Knowledge,
    today: date,
    now: datetime,
    is_planned: bool,
) -> Counter[str]:
    with store.read() as tx:
        connection = tx.get_one(ConnectionRow, connection_id)
        accounts = _accounts_to_write(load_desk(tx, connection, ids, today=today)) if connection.account_sense else []
    activity = {one.account_id: one for one in connector.account_activity(accounts)} if accounts else {}
    with store.begin() as tx:
        connection = lock_connection(tx, connection_id)
        if connection.state != ConnectionState.LIVE:
            return Counter()
        desk = load_desk(tx, connection, ids, today=today)
        cases = load_cases(tx, {row.episode_id for row in desk.reminders.values()})
        admission = load_admission(tx, connection)
        decided = Decisions(connection, desk, cases, admission, knowledge, activity, connector, today, now)
        for group in desk.groups:
            if not connection.account_sense or group.account_id in {None, *accounts} or group.choice.write is None:
                decided.take(group)
        return decided.save(tx, is_planned=is_planned)


def _accounts_to_write(desk: Desk) -> list[str]:
    return sorted({group.account_id for group in desk.groups if group.account_id and group.choice.write is not None})
