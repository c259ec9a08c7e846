"""Taking back what was written: our tasks and fields, where they are as we left them.

First the connection is put on hold. Then every deletion is an outbox row like any other write, so that a crash at
any line loses and doubles nothing, and running it again goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Text, and_, cast, exists, func, or_, select, update
from sqlalchemy.orm import Session

from connectors.base import Connector
from service.golive import unfinished
from service.golive.hold import hold
from service.golive.take_back_fields import load_fields, restore_fields, sort_fields
from service.golive.take_back_tasks import load_tasks, sort_tasks, take_back_tasks
from service.outbox.settings import OutboxSettings
from service.outbox.waiting import drain_patiently
from service.reminders.desk import SENSED
from service.reminders.sense import OPTED_OUT
from service.reminders.states import STANDING, move
from service.store.models import (
    ConnectionRow,
    EpisodeRow,
    FieldWriteRow,
    OutboxRow,
    OutboxState,
    ReminderRow,
    ReminderState,
    TaskRefRow,
    TaskRefState,
)
from service.store.outbox import ON_THE_WAY
from service.store.reminders import lock_connection
from service.store.session import Store

BATCH = 500
_PLAIN = {"synchronize_session": False}


@dataclass(slots=True, kw_only=True)
class UndoReport:
    """What was taken back, and what a person touched since, which stays. `unsettled` writes were lost on their way
    and cannot be looked for yet: run it again later."""

    connection: str
    tasks_deleted: int = 0
    fields_restored: int = 0
    unsettled: int = 0
    failed: int = 0
    touched: list[dict[str, str | None]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object of `undo --json`."""
        return {
            "connection": self.connection,
            "tasks_deleted": self.tasks_deleted,
            "fields_restored": self.fields_restored,
            "unsettled": self.unsettled,
            "failed": self.failed,
            "touched": self.touched,
        }


def preview_undo(store: Store, connector: Connector, connection_id: int, *, since: datetime | None) -> UndoReport:
    """What `undo` would take back and what it would leave. Changes nothing."""
    with store.read() as tx:
        connection = tx.get_one(ConnectionRow, connection_id)
    report = UndoReport(connection=connection.name)
    after = 0
    while refs := load_tasks(store, connection_id, since=since, after=after):
        after = refs[-1].row.id
        ours, theirs = sort_tasks(connector, refs)
        report.tasks_deleted += len(ours)
        report.touched += theirs
    after = 0
    while writes := load_fields(store, connection_id, since=since, after=after):
        after = writes[-1].row.deal_id
        mine, theirs = sort_fields(connector, writes)
        report.fields_restored += len(mine)
        report.touched += theirs
    return report


def is_there_to_undo(tx: Session, connection_id: int) -> bool:
    """Whether anything of ours stands in the CRM that no person is known to have touched. Asks the store alone."""
    task = exists().where(
        TaskRefRow.connection_id == connection_id,
        TaskRefRow.state.in_((TaskRefState.OPEN, TaskRefState.CLOSED)),
        cast(TaskRefRow.touched, Text) == "[]",
    )
    field = exists().where(FieldWriteRow.connection_id == connection_id, FieldWriteRow.undone_at.is_(None))
    return bool(tx.scalar(select(or_(task, field))))


def undo(
    store: Store,
    connector: Connector,
    connection_id: int,
    *,
    since: datetime | None,
    clock: Callable[[], datetime],
    settings: OutboxSettings,
    sleep: Callable[[float], None] = lambda _: None,
) -> UndoReport:
    """Take back what was written since then (None: everything). Safe to run again after a crash; reports what was
    taken back since the call began, the rest of an interrupted one included."""
    now = clock()
    hold(store, connection_id, who="undo", why="Everything written is being taken back.", now=now)
    with store.begin() as tx:
        connection = lock_connection(tx, connection_id)
        _discard_unsent(tx, connection_id, now=now)
        first_done = _count_done(tx, connection_id)
    # What was on its way is looked for first: an adopted task is then taken back with the others.
    drain_patiently(store, connector, connection_id, clock=clock, sleep=sleep, settings=settings)
    with store.begin() as tx:
        lock_connection(tx, connection_id)
        _discard_unsent(tx, connection_id, now=now)
    report = UndoReport(connection=connection.name)
    report.touched += take_back_tasks(store, connector, connection_id, since=since, now=now)
    report.touched += restore_fields(store, connector, connection_id, since=since, now=now)
    drain_patiently(store, connector, connection_id, clock=clock, sleep=sleep, settings=settings)
    with store.begin() as tx:
        lock_connection(tx, connection_id)
        _hold_reminders(tx, connection_id, now=now)
        if (connection := tx.get_one(ConnectionRow, connection_id)).going_live:
            unfinished.end(tx, connection)
        done = _count_done(tx, connection_id)
        report.unsettled = _count(tx, connection_id, OutboxRow.state.in_(ON_THE_WAY))
        report.failed = _count(tx, connection_id, OutboxRow.state == OutboxState.DEAD, OutboxRow.is_undo)
    report.tasks_deleted = done[0] - first_done[0]
    report.fields_restored = done[1] - first_done[1]
    return report


def _discard_unsent(tx: Session, connection_id: int, *, now: datetime) -> None:
    tx.execute(
        update(OutboxRow)
        .where(
            OutboxRow.connection_id == connection_id,
            OutboxRow.state.in_((OutboxState.READY, OutboxState.DEAD)),
            OutboxRow.is_undo.is_(False),
        )
        .values(state=OutboxState.DISCARDED, done_at=now, error="Undone before it was written."),
        execution_options=_PLAIN,
    )


def _hold_reminders(tx: Session, connection_id: int, *, now: datetime) -> None:
    """Reminders without a task of ours go back to held, under the same keys; so do those that sensing skipped."""
    has_task = exists().where(TaskRefRow.reminder_id == ReminderRow.id, TaskRefRow.state == TaskRefState.OPEN)
    is_on_the_way = exists().where(
        OutboxRow.reminder_id == ReminderRow.id, OutboxRow.state.in_(ON_THE_WAY), OutboxRow.is_undo.is_(False)
    )
    standing = (*STANDING, ReminderState.FAILED)
    was_sensed = and_(ReminderRow.state == ReminderState.SKIPPED, ReminderRow.rule.in_((*SENSED, OPTED_OUT)))
    while True:
        ids = tx.scalars(
            select(ReminderRow.id)
            .join(EpisodeRow, EpisodeRow.id == ReminderRow.episode_id)
            .where(
                ReminderRow.connection_id == connection_id,
                or_(ReminderRow.state.in_(standing), was_sensed),
                EpisodeRow.ended_as.is_(None),
                ~has_task,
                ~is_on_the_way,
            )
            .limit(5000)
        ).all()
        if not ids:
            return
        whys = dict.fromkeys(ids, "Undone; held until the connection goes live again.")
        move(
            tx,
            connection_id,
            whys,
            ReminderState.HELD,
            who="undo",
            now=now,
            rule="undone",
            act_on=None,
            is_placed=False,
            is_pinned=False,
        )


def _count(tx: Session, connection_id: int, *where: Any) -> int:
    return tx.scalar(select(func.count()).where(OutboxRow.connection_id == connection_id, *where)) or 0


def _count_done(tx: Session, connection_id: int) -> tuple[int, int]:
    """Tasks taken back so far, and fields."""
    tasks = tx.scalar(
        select(func.count()).where(TaskRefRow.connection_id == connection_id, TaskRefRow.state == TaskRefState.UNDONE)
    )
    fields = tx.scalar(
        select(func.count()).where(FieldWriteRow.connection_id == connection_id, FieldWriteRow.undone_at.is_not(None))
    )
    return tasks or 0, fields or 0
