"""The queue, as people and scripts see it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ScalarSelect, Select, and_, func, select
from sqlalchemy.orm import Session

from service.reminders.words import why_in_force
from service.store.models import (
    ConnectionRow,
    DealRow,
    EpisodeRow,
    OwnerRow,
    ReminderRow,
    ReminderState,
    TaskRefRow,
    TaskRefState,
)

_TAKEN_BACK = (TaskRefState.CLOSED, TaskRefState.UNDONE)


def list_reminders(
    tx: Session,
    *,
    connection_id: int | None = None,
    states: Collection[ReminderState] | None = None,
    deal_id: str | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """The objects of `reminders list --json`, by due day. `deal_id` is the CRM's.

    `task_id` is that of the reminder's task, live or ended by a person; not one that we closed or took back ourselves.
    """
    statement = _by_due_day().limit(limit)
    if connection_id is not None:
        statement = statement.where(ReminderRow.connection_id == connection_id)
    if states is not None:
        statement = statement.where(ReminderRow.state.in_(list(states)))
    if deal_id is not None:
        statement = statement.where(DealRow.crm_deal_id == deal_id)
    return [
        {
            "id": row.id,
            "connection": connection,
            "deal_id": crm_deal_id,
            "account": account,
            "owner": email or row.owner_id,
            "episode": episode,
            "purpose": row.purpose,
            "due_on": row.due_on.isoformat(),
            "state": row.state,
            "rule": row.rule,
            "task_id": task_id,
            "why": why_in_force(row),
        }
        for row, connection, crm_deal_id, account, episode, email, task_id in tx.execute(statement)
    ]


def _by_due_day() -> Select[ReminderRow, str, str, str, int, str, str]:
    """Reminders, each with what its line tells beside it."""
    is_owner = and_(OwnerRow.connection_id == ReminderRow.connection_id, OwnerRow.owner_id == ReminderRow.owner_id)
    return (
        select(
            ReminderRow,
            ConnectionRow.name,
            DealRow.crm_deal_id,
            DealRow.account_name,
            EpisodeRow.number,
            OwnerRow.email,
            TaskRefRow.crm_task_id,
        )
        .join(ConnectionRow, ConnectionRow.id == ReminderRow.connection_id)
        .join(DealRow, DealRow.id == ReminderRow.deal_id)
        .join(EpisodeRow, EpisodeRow.id == ReminderRow.episode_id)
        .outerjoin(OwnerRow, is_owner)
        .outerjoin(TaskRefRow, TaskRefRow.id == _latest_task())
        .order_by(ReminderRow.due_on, DealRow.account_name, DealRow.name, ReminderRow.id)
    )


def _latest_task() -> ScalarSelect[int]:
    """Of each reminder: its last task. By the index on task_refs.reminder_id."""
    return (
        select(func.max(TaskRefRow.id))
        .where(TaskRefRow.reminder_id == ReminderRow.id, TaskRefRow.state.not_in(_TAKEN_BACK))
        .correlate(ReminderRow)
        .scalar_subquery()
    )
