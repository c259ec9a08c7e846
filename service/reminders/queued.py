"""Reminders as they lie in the queue, each with what its turn hangs on of its deal.

A batch reads all reminders of the accounts it is about, as plain rows: mapped objects took as long as all deciding.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from service.store.among import among
from service.store.bulk import table_of
from service.store.models import ConnectionRow, DealRow, EpisodeRow, ReminderRow
from service.store.session import locked


class Queued(NamedTuple):
    """A reminder of a loss that lasts; the columns of `ReminderRow` first, then those of its deal and its loss."""

    id: int
    deal_id: int
    episode_id: int
    key: str
    purpose: str
    ordinal: int
    position: int
    state: str
    computed_on: date
    planned_on: date
    due_on: date
    deadline_on: date | None
    anchor: str
    provisional: bool
    is_placed: bool
    placed_at: datetime | None
    placed_days: dict[str, Any] | None
    is_announced: bool
    is_pinned: bool
    owner_id: str | None
    given_to: str | None
    rule: str | None
    why: str
    account_key: str | None
    deal_name: str
    amount: Decimal | None
    lost_on: date


OF_DEAL = ("account_key", "deal_name", "amount", "lost_on")


def load_queued(tx: Session, connection: ConnectionRow, reminder_ids: Collection[int]) -> tuple[Queued, ...]:
    """The reminders that share a task with these, in the order of their plans; locked unless the unit only reads."""
    # By deals, in two steps: one condition that is either the episode's or the account's answers to no index.
    deal_ids = _deals_concerned(tx, connection, reminder_ids)
    reminders, deals, episodes = table_of(ReminderRow), table_of(DealRow), table_of(EpisodeRow)
    own = [reminders.c[name] for name in Queued._fields if name not in OF_DEAL]
    statement = (
        select(*own, deals.c.account_key, deals.c.name, deals.c.amount, episodes.c.lost_on)
        .select_from(reminders)
        .join(deals, deals.c.id == reminders.c.deal_id)
        .join(episodes, episodes.c.id == reminders.c.episode_id)
        .where(among(reminders.c.deal_id, deal_ids), episodes.c.ended_as.is_(None))
        .order_by(reminders.c.episode_id, reminders.c.position)
    )
    return tuple(map(Queued._make, tx.execute(locked(tx, statement, of=ReminderRow))))


def _deals_concerned(tx: Session, connection: ConnectionRow, reminder_ids: Collection[int]) -> set[int]:
    """The deals of these reminders, and all deals of their accounts where those share a task. Uses ix_deals_account."""
    reminders, here = table_of(ReminderRow).c, table_of(DealRow)
    if not connection.one_task_per_account:
        return set(tx.scalars(select(reminders.deal_id).where(among(reminders.id, reminder_ids))))
    there = here.alias("there")
    is_shared = and_(there.c.connection_id == connection.id, there.c.account_key == here.c.account_key)
    found = tx.execute(
        select(reminders.deal_id, there.c.id)
        .join(here, here.c.id == reminders.deal_id)
        .outerjoin(there, and_(is_shared, here.c.account_key != ""))
        .where(among(reminders.id, reminder_ids))
    )
    return {id_ for row in found for id_ in row if id_ is not None}
