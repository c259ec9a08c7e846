"""What going live put into the outbox: the deal fields, and the counts that are announced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from service.golive.report import GoLiveReport
from service.reminders.desk import load_cases
from service.reminders.fields import DealFacts, save_field_intents
from service.reminders.states import STANDING
from service.store.events import Event, save_events
from service.store.models import (
    ClassificationRow,
    ConnectionRow,
    OutboxKind,
    OutboxRow,
    OutboxState,
    OwnerRow,
    ReminderRow,
    ReminderState,
)

CHUNK = 500


def write_fields(tx: Session, connection: ConnectionRow, episode_ids: Sequence[int], *, now: datetime) -> None:
    """Intend the deal fields of everything that went live, follow-up or not."""
    for start in range(0, len(episode_ids), CHUNK):
        chunk = episode_ids[start : start + CHUNK]
        days = tx.execute(
            select(ReminderRow.episode_id, ReminderRow.due_on)
            .where(ReminderRow.episode_id.in_(chunk), ReminderRow.state.in_(STANDING))
            .order_by(ReminderRow.due_on.desc())
        )
        next_on = {row.episode_id: row.due_on for row in days}
        facts = [
            DealFacts(
                deal_row_id=case.deal_row_id,
                deal=case.deal,
                classification=case.classification,
                next_on=next_on.get(case.episode_id),
            )
            for case in load_cases(tx, chunk).values()
        ]
        save_field_intents(tx, connection, facts, now=now, is_planned=True)


def announce(tx: Session, connection: ConnectionRow, report: GoLiveReport, *, after_row: int, now: datetime) -> None:
    """Count what was put into the outbox after that row, and say so in an event."""
    rows = tx.execute(_planned_writes(connection.id, after_row)).all()
    tasks = [row for row in rows if row.kind in {OutboxKind.CREATE_TASK, OutboxKind.REOPEN_TASK}]
    report.tasks = len(tasks)
    report.deals = len({row.deal_id for row in tasks})
    report.fields = sum(row.kind == OutboxKind.WRITE_FIELDS for row in rows)
    report.by_month.update(f"{row.due_on:%Y-%m}" for row in tasks)
    report.by_owner.update(row.email or row.owner_id or "nobody" for row in tasks)
    report.by_category.update(row.category or "unknown" for row in tasks)
    report.backlog = tx.scalar(_backlog(connection.id)) or 0
    why = f"{report.tasks} tasks and {report.fields} deals' fields are to be written."
    said = Event(entity="connection", entity_id=connection.id, from_state=None, to_state="announced", why=why)
    save_events(tx, connection.id, [said], who="admin", now=now)


def _planned_writes(connection_id: int, after_row: int) -> Select[str, date, int, str, str | None, str]:
    return (
        select(
            OutboxRow.kind,
            ReminderRow.due_on,
            ReminderRow.deal_id,
            OwnerRow.email,
            ReminderRow.owner_id,
            ClassificationRow.category,
        )
        .outerjoin(ReminderRow, ReminderRow.id == OutboxRow.reminder_id)
        .outerjoin(ClassificationRow, ClassificationRow.episode_id == ReminderRow.episode_id)
        .outerjoin(
            OwnerRow,
            (OwnerRow.connection_id == OutboxRow.connection_id) & (OwnerRow.owner_id == ReminderRow.owner_id),
        )
        .where(
            OutboxRow.connection_id == connection_id,
            OutboxRow.id > after_row,
            OutboxRow.state == OutboxState.READY,
            OutboxRow.is_planned,
        )
    )


def _backlog(connection_id: int) -> Select[int]:
    return select(func.count()).where(
        ReminderRow.connection_id == connection_id,
        ReminderRow.is_backlog,
        ReminderRow.state == ReminderState.HELD,
    )
