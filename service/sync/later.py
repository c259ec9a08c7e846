"""Steps beyond two years enter the queue as they come near enough. Time alone brings them; no plan is made anew."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from mappings.model import Classification, FollowUpPlan, LostDeal
from service.bootstrap import App
from service.reminders.apply import Planned, apply_plans
from service.reminders.reconcile import within_horizon
from service.store.codec import from_record
from service.store.models import ClassificationRow, ConnectionRow, DealRow, EpisodeRow, PlanRow, ReminderRow
from service.store.reminders import lock_connection

BATCH = 1000


def enter_later(app: App, connection: ConnectionRow) -> None:
    """Bring the steps into the queue that have come within the horizon; a batch of plans at a time.

    A scheduler's job, and each sync's for installations without one: once a day does it, whoever comes first.
    """
    today = app.today(connection)
    with app.store.read() as tx:
        if tx.get_one(ConnectionRow, connection.id).later_entered_on == today:
            return
    after = 0
    while after >= 0:
        with app.store.begin() as tx:
            held = lock_connection(tx, connection.id)
            after, planned = _come_near(tx, app, held, after)
            knowledge = app.rules(tx).knowledge
            apply_plans(tx, held, planned, knowledge=knowledge, today=today, now=app.now())
            if after < 0:
                held.later_entered_on = today
                tx.flush()


def _come_near(tx: Session, app: App, connection: ConnectionRow, after: int) -> tuple[int, list[Planned]]:
    """The plans of a batch that have more steps within the horizon than reminders; and where it ended, -1 at the end.

    By the primary key of plans, once a day.
    """
    rows = tx.execute(
        select(EpisodeRow, DealRow.record, ClassificationRow.record, PlanRow.record)
        .join(DealRow, DealRow.id == EpisodeRow.deal_id)
        .join(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id)
        .join(PlanRow, PlanRow.episode_id == EpisodeRow.id)
        .where(
            PlanRow.episode_id > after,
            DealRow.connection_id == connection.id,
            DealRow.excluded_by.is_(None),
            EpisodeRow.ended_as.is_(None),
            _count_later(tx) > 0,
        )
        .order_by(PlanRow.episode_id)
        .limit(BATCH)
    ).all()
    planned = [_planned(episode, *records) for episode, *records in rows]
    today = app.today(connection)
    entered = _entered(tx, [one.episode_id for one in planned])
    near = [
        one
        for one in planned
        if any(
            (one.episode_id, str(step.purpose), step.ordinal) not in entered
            for step in within_horizon(one.plan, today=today)
        )
    ]
    return (rows[-1][0].id if len(rows) == BATCH else -1), near


def _count_later(tx: Session) -> ColumnElement[int]:
    later = PlanRow.record["later"]
    is_postgresql = tx.get_bind().dialect.name == "postgresql"
    return func.jsonb_array_length(later) if is_postgresql else func.json_array_length(later)


def _planned(
    episode: EpisodeRow, deal: dict[str, Any], classification: dict[str, Any], plan: dict[str, Any]
) -> Planned:
    return Planned(
        deal_row_id=episode.deal_id,
        episode_id=episode.id,
        episode=episode.number,
        deal=from_record(deal, LostDeal),
        classification=from_record(classification, Classification),
        plan=from_record(plan, FollowUpPlan),
    )


def _entered(tx: Session, episode_ids: list[int]) -> set[tuple[int, str, int]]:
    rows = tx.execute(
        select(ReminderRow.episode_id, ReminderRow.purpose, ReminderRow.ordinal).where(
            ReminderRow.episode_id.in_(episode_ids)
        )
    )
    return {(row.episode_id, row.purpose, row.ordinal) for row in rows}
