"""Taking back what was written: our tasks and fields, where they are as we left them.

First the connection is put on hold. Then every deletion is an outbox row like any other write, so that a crash at
any line loses and doubles nothing, and running it again goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from connectors.base import Connector, TaskState
from mappings.model import DealKey, LostDeal
from service.golive.hold import hold
from service.outbox.settings import OutboxSettings
from service.outbox.writer import drain
from service.reminders.edits import IN_WORDS, edits
from service.reminders.standing import task_ref
from service.reminders.states import STANDING, move
from service.store.models import (
    ConnectionRow,
    DealRow,
    FieldWriteRow,
    OutboxKind,
    OutboxRow,
    OutboxState,
    ReminderRow,
    ReminderState,
    TaskRefRow,
    TaskRefState,
)
from service.store.outbox import Intent, save_intents
from service.store.session import Store

BATCH = 500
_PLAIN = {"synchronize_session": False}
_ON_THE_WAY = (OutboxState.READY, OutboxState.WRITING, OutboxState.UNCLEAR)


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
    while refs := _load_refs(store, connection_id, since=since, after=after):
        after = refs[-1].row.id
        ours, theirs = _sort(connector, refs)
        report.tasks_deleted += len(ours)
        report.touched += theirs
    after = 0
    while writes := _load_fields(store, connection_id, since=since, after=after):
        after = writes[-1].row.deal_id
        mine, theirs = _sort_fields(connector, writes)
        report.fields_restored += len(mine)
        report.touched += theirs
    return report


def undo(
    store: Store,
    connector: Connector,
    connection_id: int,
    *,
    since: datetime | None,
    clock: Callable[[], datetime],
    settings: OutboxSettings,
) -> UndoReport:
    """Take back what was written since then (None: everything). Safe to run again after a crash; reports what was
    taken back since the call began, the rest of an interrupted one included."""
    now = clock()
    hold(store, connection_id, who="undo", why="Everything written is being taken back.", now=now)
    with store.begin() as tx:
        connection = tx.get_one(ConnectionRow, connection_id)
        _discard_unsent(tx, connection_id, now=now)
        first_done = _count_done(tx, connection_id)
    # What was on its way is looked for first: an adopted task is then taken back with the others.
    drain(store, connector, connection_id, clock=clock, settings=settings)
    with store.begin() as tx:
        _discard_unsent(tx, connection_id, now=now)
    report = UndoReport(connection=connection.name)
    _take_back_tasks(store, connector, connection_id, since=since, now=now, report=report)
    _restore_fields(store, connector, connection_id, since=since, now=now, report=report)
    drain(store, connector, connection_id, clock=clock, settings=settings)
    with store.begin() as tx:
        _hold_reminders(tx, connection_id, now=now)
        done = _count_done(tx, connection_id)
        report.unsettled = _count(tx, connection_id, OutboxRow.state.in_(_ON_THE_WAY))
        report.failed = _count(tx, connection_id, OutboxRow.state == OutboxState.DEAD, OutboxRow.is_undo)
    report.tasks_deleted = done[0] - first_done[0]
    report.fields_restored = done[1] - first_done[1]
    return report


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ref:
    row: TaskRefRow
    deal_row_id: int
    deal: DealKey


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    row: FieldWriteRow
    deal: DealKey


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


def _load_refs(store: Store, connection_id: int, *, since: datetime | None, after: int) -> list[_Ref]:
    is_pending = exists().where(
        OutboxRow.reminder_id == TaskRefRow.reminder_id,
        OutboxRow.is_undo,
        OutboxRow.state.in_((*_ON_THE_WAY, OutboxState.DEAD)),
    )
    statement = (
        select(TaskRefRow, DealRow.id, ConnectionRow.account_id, DealRow.crm_deal_id)
        .join(ReminderRow, ReminderRow.id == TaskRefRow.reminder_id)
        .join(DealRow, DealRow.id == ReminderRow.deal_id)
        .join(ConnectionRow, ConnectionRow.id == TaskRefRow.connection_id)
        .where(
            TaskRefRow.connection_id == connection_id,
            TaskRefRow.state != TaskRefState.UNDONE,
            TaskRefRow.id > after,
            ~is_pending,
        )
        .order_by(TaskRefRow.id)
        .limit(BATCH)
    )
    if since is not None:
        statement = statement.where(TaskRefRow.created_at >= since)
    with store.read() as tx:
        return [
            _Ref(row=row, deal_row_id=deal_row_id, deal=DealKey(account_id, deal_id))
            for row, deal_row_id, account_id, deal_id in tx.execute(statement)
        ]


def _sort(connector: Connector, refs: Sequence[_Ref]) -> tuple[list[_Ref], list[dict[str, str | None]]]:
    """Tasks that are as we left them, and what a person did to the others."""
    standing = [one for one in refs if one.row.state in {TaskRefState.OPEN, TaskRefState.CLOSED}]
    states = _states(connector, standing)
    ours, touched = [], []
    for one in refs:
        if one.row.state not in {TaskRefState.OPEN, TaskRefState.CLOSED}:
            touched.append(_touched(one, "status"))
            continue
        state = states.get(one.row.crm_task_id)
        theirs = _changed(state, one.row)
        touched.extend(_touched(one, IN_WORDS[name]) for name in theirs)
        if not theirs:
            ours.append(one)
    return ours, touched


def _states(connector: Connector, refs: Sequence[_Ref]) -> Mapping[str, TaskState]:
    if not refs:
        return {}
    return {
        state.task_id: state for state in connector.changed_tasks(None, [task_ref(one.row, one.deal) for one in refs])
    }


def _changed(state: TaskState | None, row: TaskRefRow) -> tuple[str, ...]:
    if state is None:  # left out: unchanged
        return ()
    found = edits(state, row.written, row.in_flight)
    is_reopened = row.state == TaskRefState.CLOSED and str(state.status) != (row.written.get("status") or "completed")
    return ("status", *found) if is_reopened and "status" not in found else found


def _touched(one: _Ref, what: str) -> dict[str, str | None]:
    return {"deal_id": one.deal.deal_id, "task_id": one.row.crm_task_id, "what": what}


def _take_back_tasks(
    store: Store,
    connector: Connector,
    connection_id: int,
    *,
    since: datetime | None,
    now: datetime,
    report: UndoReport,
) -> None:
    after = 0
    while refs := _load_refs(store, connection_id, since=since, after=after):
        after = refs[-1].row.id
        ours, touched = _sort(connector, refs)
        report.touched += touched
        intents = [
            Intent(
                kind=OutboxKind.DELETE_TASK,
                reminder_id=one.row.reminder_id,
                deal_id=one.deal_row_id,
                payload={"task_id": one.row.crm_task_id},
            )
            for one in ours
        ]
        with store.begin() as tx:
            save_intents(tx, connection_id, intents, now=now, is_planned=True, is_undo=True)


def _load_fields(store: Store, connection_id: int, *, since: datetime | None, after: int) -> list[_Field]:
    statement = (
        select(FieldWriteRow, ConnectionRow.account_id, DealRow.crm_deal_id)
        .join(DealRow, DealRow.id == FieldWriteRow.deal_id)
        .join(ConnectionRow, ConnectionRow.id == FieldWriteRow.connection_id)
        .where(
            FieldWriteRow.connection_id == connection_id,
            FieldWriteRow.undone_at.is_(None),
            FieldWriteRow.is_in_flight.is_(False),
            FieldWriteRow.deal_id > after,
        )
        .order_by(FieldWriteRow.deal_id, FieldWriteRow.id)
    )
    if since is not None:
        statement = statement.where(FieldWriteRow.written_at >= since)
    with store.read() as tx:
        rows = tx.execute(statement.limit(BATCH)).all()
        # All fields of a deal are restored together.
        last = rows[-1][0].deal_id if len(rows) == BATCH else None
        kept = [row for row in rows if row[0].deal_id != last] or rows
        return [_Field(row=row, deal=DealKey(account_id, deal_id)) for row, account_id, deal_id in kept]


def _sort_fields(connector: Connector, writes: Sequence[_Field]) -> tuple[list[_Field], list[dict[str, str | None]]]:
    keys = list(dict.fromkeys(one.deal for one in writes))
    present = {state.key: state.outputs for state in connector.get_deals(keys) if isinstance(state, LostDeal)}
    ours, touched = [], []
    for one in writes:
        there = present.get(one.deal)
        if there is None:
            continue  # the deal is gone, or not lost any more: its fields are nobody's business now
        if (there.get(one.row.field) or None) == (one.row.written or None):
            ours.append(one)
        elif (there.get(one.row.field) or None) != (one.row.former or None):
            touched.append({"deal_id": one.deal.deal_id, "task_id": None, "what": f"field {one.row.field}"})
    return ours, touched


def _restore_fields(
    store: Store,
    connector: Connector,
    connection_id: int,
    *,
    since: datetime | None,
    now: datetime,
    report: UndoReport,
) -> None:
    after = 0
    while writes := _load_fields(store, connection_id, since=since, after=after):
        after = writes[-1].row.deal_id
        ours, touched = _sort_fields(connector, writes)
        report.touched += touched
        by_deal: dict[int, list[_Field]] = {}
        for one in ours:
            by_deal.setdefault(one.row.deal_id, []).append(one)
        intents = [
            Intent(
                kind=OutboxKind.WRITE_FIELDS,
                deal_id=deal_id,
                payload={
                    "deal": fields[0].deal.deal_id,
                    "values": {one.row.field: one.row.former for one in fields},
                    "seen": {one.row.field: one.row.written for one in fields},
                },
            )
            for deal_id, fields in by_deal.items()
        ]
        with store.begin() as tx:
            known = _pending_deals(tx, list(by_deal))
            fresh = [intent for intent in intents if intent.deal_id not in known]
            save_intents(tx, connection_id, fresh, now=now, is_planned=True, is_undo=True)


def _pending_deals(tx: Session, deal_ids: Sequence[int]) -> frozenset[int]:
    rows = tx.scalars(
        select(OutboxRow.deal_id).where(
            OutboxRow.deal_id.in_(deal_ids),
            OutboxRow.kind == OutboxKind.WRITE_FIELDS,
            OutboxRow.is_undo,
            OutboxRow.state.in_((*_ON_THE_WAY, OutboxState.DEAD)),
        )
    )
    return frozenset(id_ for id_ in rows if id_ is not None)


def _hold_reminders(tx: Session, connection_id: int, *, now: datetime) -> None:
    """Reminders without a task of ours go back to held, under the same keys."""
    has_task = exists().where(TaskRefRow.reminder_id == ReminderRow.id, TaskRefRow.state == TaskRefState.OPEN)
    is_on_the_way = exists().where(
        OutboxRow.reminder_id == ReminderRow.id, OutboxRow.state.in_(_ON_THE_WAY), OutboxRow.is_undo.is_(False)
    )
    standing = (*STANDING, ReminderState.FAILED)
    while True:
        ids = tx.scalars(
            select(ReminderRow.id)
            .where(
                ReminderRow.connection_id == connection_id, ReminderRow.state.in_(standing), ~has_task, ~is_on_the_way
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
