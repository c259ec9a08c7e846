"""The look right before a task is changed by its CRM id: what a person did to it in the meantime wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select, update

from connectors.base import (
    CloseTask,
    Connector,
    FieldChange,
    ReopenTask,
    TaskState,
    TaskStatus,
    UpdateTask,
)
from service.outbox.build import Claimed
from service.outbox.outcomes import Answer
from service.reminders.edits import edits
from service.reminders.standing import task_ref
from service.store.models import OutboxRow, OutboxState, TaskRefRow
from service.store.reminders import lock_connection
from service.store.session import Store


@dataclass(slots=True, kw_only=True)
class Look:
    """What a look found: changes to send, changes that had happened already, and how many a person overruled."""

    kept: list[Claimed]
    already: list[Answer] = field(default_factory=list)
    dropped: int = 0


def look_at_tasks(
    store: Store, connector: Connector, connection_id: int, claimed: Sequence[Claimed], *, now: datetime
) -> Look:
    """What is left to be sent of these changes. One call a batch."""
    ref_ids = [
        one.ref_id for one in claimed if one.ref_id and isinstance(one.change, UpdateTask | CloseTask | ReopenTask)
    ]
    if not ref_ids:
        return Look(kept=list(claimed))
    with store.read() as tx:
        rows = {row.id: row for row in tx.scalars(select(TaskRefRow).where(TaskRefRow.id.in_(ref_ids)))}
    deals = {one.ref_id: one.deal for one in claimed}
    refs = [task_ref(row, deals[row.id]) for row in rows.values()]
    states = {state.task_id: state for state in connector.changed_tasks(None, refs)}
    found, dropped = Look(kept=[]), []
    for one in claimed:
        row = rows.get(one.ref_id or 0)
        state = states.get(row.crm_task_id) if row is not None else None
        left = one if row is None or state is None else _what_is_left(one, row, state)
        if left is None:
            dropped.append(one.row_id)
        elif row is not None and state is not None and state.snapshot is not None and _is_closed_already(one, state):
            ref = replace(task_ref(row, one.deal), snapshot=state.snapshot)
            found.already.append(Answer(claimed=one, outcome=ref))
        else:
            found.kept.append(left)
    found.dropped = len(dropped)
    if dropped:
        with store.begin() as tx:
            lock_connection(tx, connection_id)
            tx.execute(
                update(OutboxRow)
                .where(OutboxRow.id.in_(dropped), OutboxRow.state == OutboxState.WRITING)
                .values(state=OutboxState.DISCARDED, done_at=now, lease_until=None, error="A person changed the task."),
                execution_options={"synchronize_session": False},
            )
    return found


def _is_closed_already(one: Claimed, state: TaskState) -> bool:
    """A close whose answer was lost: sent again it would put its note on the task twice."""
    return isinstance(one.change, CloseTask) and state.status == TaskStatus.COMPLETED


def _what_is_left(one: Claimed, row: TaskRefRow, state: TaskState) -> Claimed | None:
    """The change without what a person decided; None where nothing is left of it."""
    change = one.change
    if isinstance(change, FieldChange) or state.status == TaskStatus.DELETED:
        return None
    if isinstance(change, ReopenTask):
        return one
    # At the first try what is in flight was not sent yet: nothing there can be ours by it.
    theirs = edits(state, row.written, row.in_flight if one.attempt > 1 else None)
    if isinstance(change, CloseTask):
        return None if "status" in theirs else one
    if not isinstance(change, UpdateTask) or state.status == TaskStatus.COMPLETED:
        return None
    text = None if {"subject", "body"} & {*theirs, *row.touched} else change.text
    due_on = None if "due_on" in theirs else change.due_on
    owner_id = None if "owner_id" in theirs else change.owner_id
    if text is None and due_on is None and owner_id is None:
        return None
    return replace(one, change=replace(change, text=text, due_on=due_on, owner_id=owner_id))
