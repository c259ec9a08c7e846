"""Reading our tasks back: a rep's own edits win."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectors.base import Connector, TaskState, TaskStatus, Watermark
from mappings.model import DealKey
from service.reminders.choose import LASTING
from service.reminders.edits import added_words, edits, their_values
from service.reminders.reconcile import STOPPED
from service.reminders.standing import close_tasks, forget_unsent, task_ref
from service.reminders.states import move
from service.reminders.words import day_in_words
from service.store.among import among
from service.store.apart import note_failed, take_apart
from service.store.models import ConnectionRow, DealRow, ReminderRow, ReminderState, TaskRefRow, TaskRefState
from service.store.reminders import load_reminders, lock_connection, wake_ended, wake_episodes
from service.store.session import Store

BATCH = 1000
WHO = "rep"

Told = Callable[[Session, ConnectionRow, Mapping[int, str]], int]
"""Takes what reps wrote about deals, by row id; gives how many were planned anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    ref: TaskRefRow
    reminder: ReminderRow
    state: TaskState
    theirs: tuple[str, ...]


def read_back(
    store: Store,
    connector: Connector,
    connection_id: int,
    *,
    since: Watermark | None,
    today: date,
    now: datetime,
    batch_size: int = BATCH,
    told: Told | None = None,
) -> Counter[str]:
    """Take over what people did to our open tasks since then (None: look at all of them). Writes nothing to the CRM.

    What a rep wrote into a task that is completed now is given to `told`, in the same unit of work.
    Counts `done`, `cancelled`, `snoozed`, `reassigned` and `edited`. Reading the same again changes nothing.
    """
    counts: Counter[str] = Counter()
    after = 0
    while True:
        with store.read() as tx:
            refs = _open_refs(tx, connection_id, after=after, limit=batch_size)
        if not refs:
            return counts
        after = refs[-1][0].id
        states = list(connector.changed_tasks(since, [task_ref(row, deal) for row, deal, _ in refs]))

        def take(some: Sequence[TaskState]) -> Counter[str]:
            with store.begin() as tx:
                return _take_over(tx, connection_id, some, today=today, now=now, told=told)

        if states:
            deals = {row.crm_task_id: deal_row_id for row, _, deal_row_id in refs}

            def failed(state: TaskState, error: Exception, deals: Mapping[str, int] = deals) -> None:
                note_failed(store, connection_id, deals[state.task_id], error, now=now)

            counts += sum(take_apart(states, take, failed), Counter())


def _open_refs(tx: Session, connection_id: int, *, after: int, limit: int) -> list[tuple[TaskRefRow, DealKey, int]]:
    """Open tasks, each with its deal's key and row id."""
    rows = tx.execute(
        select(TaskRefRow, ConnectionRow.account_id, DealRow.crm_deal_id, DealRow.id)
        .join(ReminderRow, ReminderRow.id == TaskRefRow.reminder_id)
        .join(DealRow, DealRow.id == ReminderRow.deal_id)
        .join(ConnectionRow, ConnectionRow.id == TaskRefRow.connection_id)
        .where(
            TaskRefRow.connection_id == connection_id,
            TaskRefRow.state == TaskRefState.OPEN,
            TaskRefRow.id > after,
        )
        .order_by(TaskRefRow.id)
        .limit(limit)
    )
    return [(row, DealKey(account_id, deal_id), row_id) for row, account_id, deal_id, row_id in rows]


def _take_over(
    tx: Session,
    connection_id: int,
    states: Sequence[TaskState],
    *,
    today: date,
    now: datetime,
    told: Told | None,
) -> Counter[str]:
    connection = lock_connection(tx, connection_id)
    reads = _load_reads(tx, connection_id, states)
    counts: Counter[str] = Counter()
    _end(tx, connection, reads, today=today, now=now, counts=counts)
    standing = [one for one in reads if "status" not in one.theirs and one.state.snapshot is not None]
    _snooze(tx, connection_id, standing, today=today, now=now, counts=counts)
    for one in standing:
        snapshot = one.state.snapshot
        if "owner_id" in one.theirs and snapshot and snapshot.owner_id and one.reminder.owner_id != snapshot.owner_id:
            counts["reassigned"] += 1
            tx.execute(
                update(ReminderRow).where(ReminderRow.id == one.reminder.id).values(owner_id=snapshot.owner_id),
                execution_options={"synchronize_session": False},
            )
    _save_touched(tx, reads, counts)
    words = _words_told(reads)
    if told is not None and words:
        counts["told"] += told(tx, connection, words)
    return counts


def _words_told(reads: Sequence[_Read]) -> dict[int, str]:
    """What reps added to tasks that they completed, by deal row id."""
    words: dict[int, list[str]] = {}
    for one in reads:
        is_told = one.state.status == TaskStatus.COMPLETED and "body" in one.theirs
        if is_told and one.state.snapshot is not None:
            added = added_words(one.state.snapshot.body, one.ref.written.get("body") or "")
            words.setdefault(one.reminder.deal_id, []).extend([added] if added else [])
    return {deal_id: "\n".join(found) for deal_id, found in words.items() if found}


def _load_reads(tx: Session, connection_id: int, states: Sequence[TaskState]) -> list[_Read]:
    by_id = {state.task_id: state for state in states}
    rows = tx.execute(
        select(TaskRefRow, ReminderRow)
        .join(ReminderRow, ReminderRow.id == TaskRefRow.reminder_id)
        .where(
            TaskRefRow.connection_id == connection_id,
            among(TaskRefRow.crm_task_id, by_id),
            TaskRefRow.state == TaskRefState.OPEN,
        )
        .order_by(TaskRefRow.id)
        .with_for_update(),
        execution_options={"populate_existing": True},
    ).all()
    reads = []
    for ref, reminder in rows:
        state = by_id[ref.crm_task_id]
        theirs = edits(state, ref.written, ref.in_flight)
        if theirs or ref.seen:  # a person may have taken a change back
            reads.append(_Read(ref=ref, reminder=reminder, state=state, theirs=theirs))
    return reads


def _end(
    tx: Session,
    connection: ConnectionRow,
    reads: Sequence[_Read],
    *,
    today: date,
    now: datetime,
    counts: Counter[str],
) -> None:
    ended = [one for one in reads if "status" in one.theirs]
    deleted = [one for one in ended if one.state.status == TaskStatus.DELETED]
    completed = [one for one in ended if one.state.status == TaskStatus.COMPLETED]
    if not ended:
        return
    _set_refs(tx, deleted, TaskRefState.DELETED, now=now)
    _set_refs(tx, completed, TaskRefState.COMPLETED, now=now)
    whys = {one.reminder.id: "The task was completed in the CRM." for one in completed}
    done = move(tx, connection.id, whys, ReminderState.DONE, who=WHO, now=now, rule=None, act_on=None)
    whys = {one.reminder.id: "The task was deleted in the CRM." for one in deleted}
    whys |= _stopped(tx, deleted, whys)
    gone = move(tx, connection.id, whys, ReminderState.CANCELLED, who=WHO, now=now, rule=STOPPED, act_on=None)
    forget_unsent(tx, done | gone, why="A person ended the follow-up.", now=now)
    # A later step may have its task already, where the one before was done here and the CRM could not be told yet.
    close_tasks(tx, connection, {id_: whys[id_] for id_ in gone}, now=now, is_planned=True)
    wake_ended(tx, connection.id, done | gone, today=today)
    counts["done"] += len(done)
    counts["cancelled"] += len(gone)


def _stopped(tx: Session, deleted: Sequence[_Read], known: dict[int, str]) -> dict[int, str]:
    """The task says "delete it and we stop": the rest of that loss's follow-ups end with it."""
    rest = load_reminders(tx, {one.reminder.episode_id for one in deleted})
    why = "The task before it was deleted in the CRM: we stop."
    return {row.id: why for row in rest if row.id not in known and row.state in LASTING}


def _snooze(
    tx: Session,
    connection_id: int,
    standing: Sequence[_Read],
    *,
    today: date,
    now: datetime,
    counts: Counter[str],
) -> None:
    by_day: dict[date, list[_Read]] = {}
    for one in standing:
        day = one.state.snapshot.due_on if one.state.snapshot else None
        is_known = one.reminder.is_pinned and one.reminder.due_on == day
        if "due_on" in one.theirs and day is not None and not is_known:
            by_day.setdefault(day, []).append(one)
    for day, reads in by_day.items():
        why = f"The task was moved to {day_in_words(day)} in the CRM."
        whys = {one.reminder.id: why for one in reads}
        moved = move(
            tx, connection_id, whys, ReminderState.SNOOZED, who=WHO, now=now, rule=None, due_on=day, is_pinned=True
        )
        forget_unsent(tx, moved, why="A person moved the task.", now=now)
        wake_episodes(tx, {one.reminder.episode_id for one in reads}, today=today)
        counts["snoozed"] += len(moved)


def _set_refs(tx: Session, reads: Sequence[_Read], state: TaskRefState, *, now: datetime) -> None:
    if reads:
        tx.execute(
            update(TaskRefRow)
            .where(among(TaskRefRow.id, [one.ref.id for one in reads]))
            .values(state=state, ended_at=now, in_flight=None),
            execution_options={"synchronize_session": False},
        )


def _save_touched(tx: Session, reads: Sequence[_Read], counts: Counter[str]) -> None:
    rows: list[dict[str, Any]] = []
    for one in reads:
        touched, seen = sorted({*one.ref.touched, *one.theirs}), their_values(one.state, one.theirs)
        is_new = touched != sorted(one.ref.touched)
        if is_new or seen != one.ref.seen:
            rows.append({"id": one.ref.id, "touched": touched, "seen": seen})
            counts["edited"] += is_new
    if rows:
        tx.execute(update(TaskRefRow), rows)
