"""The changes that outbox rows stand for, made from what is known when they are claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from connectors.base import (
    CloseTask,
    CreateTask,
    DeleteTask,
    FieldChange,
    ReopenTask,
    TaskChange,
    TaskKey,
    UpdateTask,
)
from connectors.errors import ConnectorFault
from mappings.model import DealKey
from service.outbox.dead import give_up_unreadable
from service.store.codec import from_record
from service.store.models import (
    ConnectionRow,
    DealRow,
    OutboxKind,
    OutboxRow,
    ReminderRow,
    TaskRefRow,
    TaskRefState,
)
from service.store.reminders import load_task_refs

_FRESH = {"populate_existing": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A write that is this worker's until its lease runs out. `attempt` fences a late answer.

    `is_suspect`: the connector failed on a batch that held it, so it is sent alone. `ref_written` is what we last wrote
    of the task.
    """

    row_id: int
    kind: OutboxKind
    attempt: int
    reminder_id: int | None
    deal_row_id: int | None
    deal: DealKey
    payload: dict[str, Any]
    change: TaskChange | FieldChange
    ref_id: int | None = None
    ref_written: Mapping[str, Any] = field(default_factory=dict)
    is_undo: bool = False
    is_suspect: bool = False


def build(
    tx: Session, connection: ConnectionRow, row_ids: Sequence[int], *, now: datetime
) -> tuple[list[Claimed], list[int]]:
    """The changes these rows stand for, in order, and the rows that have nothing to change.

    A row that cannot be read is given up here, and is in neither.
    """
    rows = _rows(tx, row_ids)
    reminders = {row.reminder_id for row, _, _ in rows if row.reminder_id is not None}
    states = (TaskRefState.OPEN, TaskRefState.CLOSED)
    refs = load_task_refs(tx, reminders, states) if reminders else {}
    built: list[Claimed] = []
    hopeless: list[int] = []
    unreadable: dict[int, tuple[OutboxRow, Exception]] = {}
    for row, key, crm_deal_id in rows:
        deal = DealKey(connection.account_id, crm_deal_id or "")
        ref = refs.get(row.reminder_id or 0)
        try:
            change = _change(row, key or "", deal, ref)
        except Exception as error:  # noqa: BLE001 -- whatever it is, it must not keep the other rows back
            unreadable[row.id] = (row, error)
            continue
        if change is None:
            hopeless.append(row.id)
        else:
            built.append(_claimed(row, deal, change, ref))
    give_up_unreadable(tx, connection, unreadable, now=now)
    return built, hopeless


def _rows(tx: Session, row_ids: Sequence[int]) -> Sequence[Row[OutboxRow, str, str]]:
    """The rows, each with its reminder's key and its deal's id in the CRM, where it has them."""
    query = (
        select(OutboxRow, ReminderRow.key, DealRow.crm_deal_id)
        .outerjoin(ReminderRow, ReminderRow.id == OutboxRow.reminder_id)
        .outerjoin(DealRow, DealRow.id == func.coalesce(OutboxRow.deal_id, ReminderRow.deal_id))
        .where(OutboxRow.id.in_(row_ids))
        .order_by(OutboxRow.id)
    )
    return tx.execute(query, execution_options=_FRESH).all()


def _claimed(row: OutboxRow, deal: DealKey, change: TaskChange | FieldChange, ref: TaskRefRow | None) -> Claimed:
    return Claimed(
        row_id=row.id,
        kind=OutboxKind(row.kind),
        attempt=row.attempts,
        reminder_id=row.reminder_id,
        deal_row_id=row.deal_id,
        deal=deal,
        payload=row.payload,
        change=change,
        ref_id=ref.id if ref else None,
        ref_written=ref.written if ref else {},
        is_undo=row.is_undo,
        is_suspect=row.error_reason == ConnectorFault.reason,
    )


def _change(row: OutboxRow, key: str, deal: DealKey, ref: TaskRefRow | None) -> TaskChange | FieldChange | None:
    payload, task_key = row.payload, TaskKey(key=key, deal=deal)
    if row.kind == OutboxKind.WRITE_FIELDS:
        return FieldChange(deal=deal, values=payload["values"])
    if row.kind == OutboxKind.CREATE_TASK:
        change = from_record(payload["change"], CreateTask)
        owners = payload["owners"]
        return replace(change, key=task_key, owner_id=owners[0] if owners else None)
    if row.kind == OutboxKind.DELETE_TASK:
        return DeleteTask(key=task_key, task_id=payload["task_id"])
    if ref is None:
        return None
    if row.kind == OutboxKind.CLOSE_TASK:
        note = payload["note"]
        return CloseTask(key=task_key, task_id=ref.crm_task_id, note=note) if ref.state == TaskRefState.OPEN else None
    content = from_record(payload["change"], CreateTask)
    if row.kind == OutboxKind.REOPEN_TASK and ref.state == TaskRefState.CLOSED:
        return ReopenTask(key=task_key, task_id=ref.crm_task_id, text=content.text, due_on=content.due_on)
    if ref.state != TaskRefState.OPEN:
        return None
    return UpdateTask(
        key=task_key,
        task_id=ref.crm_task_id,
        text=content.text,
        due_on=content.due_on,
        owner_id=payload.get("owner_id"),
    )
