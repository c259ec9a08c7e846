"""The look right before a task is changed by its CRM id: what a person did to it in the meantime wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update

from connectors.base import (
    CloseTask,
    Connector,
    FieldChange,
    ReopenTask,
    TaskKey,
    TaskRef,
    TaskSnapshot,
    TaskState,
    TaskStatus,
    UpdateTask,
)
from mappings.model import DealKey
from service.outbox.build import Claimed
from service.reminders.edits import edits
from service.store.models import OutboxRow, OutboxState, TaskRefRow
from service.store.session import Store


def look_at_tasks(
    store: Store, connector: Connector, claimed: Sequence[Claimed], *, now: datetime
) -> tuple[list[Claimed], int]:
    """The changes still to be sent, and how many were dropped because a person decided otherwise. One call a batch."""
    ref_ids = [
        one.ref_id for one in claimed if one.ref_id and isinstance(one.change, UpdateTask | CloseTask | ReopenTask)
    ]
    if not ref_ids:
        return list(claimed), 0
    with store.read() as tx:
        rows = {row.id: row for row in tx.scalars(select(TaskRefRow).where(TaskRefRow.id.in_(ref_ids)))}
    deals = {one.ref_id: one.deal for one in claimed}
    refs = [task_ref(row, deals[row.id]) for row in rows.values()]
    states = {state.task_id: state for state in connector.changed_tasks(None, refs)}
    kept, dropped = [], []
    for one in claimed:
        row = rows.get(one.ref_id or 0)
        state = states.get(row.crm_task_id) if row is not None else None
        left = one if row is None or state is None else _what_is_left(one, row, state)
        if left is None:
            dropped.append(one.row_id)
        else:
            kept.append(left)
    if dropped:
        with store.begin() as tx:
            tx.execute(
                update(OutboxRow)
                .where(OutboxRow.id.in_(dropped), OutboxRow.state == OutboxState.WRITING)
                .values(state=OutboxState.DISCARDED, done_at=now, lease_until=None, error="A person changed the task."),
                execution_options={"synchronize_session": False},
            )
    return kept, len(dropped)


def _what_is_left(one: Claimed, row: TaskRefRow, state: TaskState) -> Claimed | None:
    """The change without what a person decided; None where nothing is left of it."""
    change = one.change
    if isinstance(change, FieldChange) or state.status == TaskStatus.DELETED:
        return None
    if isinstance(change, ReopenTask):
        return one
    theirs = edits(state, row.written, row.in_flight)
    if isinstance(change, CloseTask):
        return None if "status" in theirs else one
    if not isinstance(change, UpdateTask) or state.status == TaskStatus.COMPLETED:
        return None
    text = None if {"subject", "body"} & set(theirs) else change.text
    due_on = None if "due_on" in theirs else change.due_on
    if text is None and due_on is None:
        return None
    return replace(one, change=replace(change, text=text, due_on=due_on))


def task_ref(row: TaskRefRow, deal: DealKey) -> TaskRef:
    """A task on record, as connectors take it."""
    written: Mapping[str, str | None] = row.written
    due_on = written.get("due_on")
    snapshot = TaskSnapshot(
        subject=written.get("subject") or "",
        body=written.get("body") or "",
        due_on=datetime.fromisoformat(due_on).date() if due_on else None,
        owner_id=written.get("owner_id"),
        status=TaskStatus(written.get("status") or TaskStatus.OPEN),
    )
    return TaskRef(
        key=TaskKey(key=row.key, deal=deal), task_id=row.crm_task_id, snapshot=snapshot, created_at=row.created_at
    )
