"""Our tasks that are as we left them are deleted; what a person did to the others is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from connectors.base import Connector, TaskState
from mappings.model import DealKey
from service.golive.report import Touched
from service.reminders.edits import IN_WORDS, edits
from service.reminders.standing import task_ref
from service.store.models import (
    ConnectionRow,
    DealRow,
    OutboxKind,
    OutboxRow,
    ReminderRow,
    TaskRefRow,
    TaskRefState,
)
from service.store.outbox import UNFINISHED, Intent, save_intents
from service.store.session import Store

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """A task of ours on record, and its deal."""

    row: TaskRefRow
    deal_row_id: int
    deal: DealKey


def load_tasks(store: Store, connection_id: int, *, since: datetime | None, after: int) -> list[Ours]:
    """The next tasks of ours behind `after` that are on record and on no way of being taken back."""
    is_pending = exists().where(
        OutboxRow.reminder_id == TaskRefRow.reminder_id,
        OutboxRow.is_undo,
        OutboxRow.state.in_(UNFINISHED),
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
            Ours(row=row, deal_row_id=deal_row_id, deal=DealKey(account_id, deal_id))
            for row, deal_row_id, account_id, deal_id in tx.execute(statement)
        ]


def sort_tasks(connector: Connector, refs: Sequence[Ours]) -> tuple[list[Ours], list[Touched]]:
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


def _states(connector: Connector, refs: Sequence[Ours]) -> Mapping[str, TaskState]:
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


def _touched(one: Ours, what: str) -> dict[str, str | None]:
    return {"deal_id": one.deal.deal_id, "task_id": one.row.crm_task_id, "what": what}


def take_back_tasks(
    store: Store,
    connector: Connector,
    connection_id: int,
    *,
    since: datetime | None,
    now: datetime,
) -> list[Touched]:
    """Put into the outbox that tasks we wrote (since then, or ever) are deleted; what people did to the others."""
    after, found = 0, list[Touched]()
    while refs := load_tasks(store, connection_id, since=since, after=after):
        after = refs[-1].row.id
        ours, touched = sort_tasks(connector, refs)
        found += touched
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
    return found
