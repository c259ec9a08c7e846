"""Steps beyond two years enter the queue as they come near enough. Time alone brings them; no plan is made anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from mappings.model import Classification, FollowUpPlan, LostDeal
from service.bootstrap import App
from service.reminders.apply import apply_plans
from service.reminders.planned import Planned
from service.reminders.reconcile import within_horizon
from service.store.among import among
from service.store.apart import note_failed, take_apart
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
    while ids := _with_later(app, connection, after):

        def failed(episode_id: int, error: Exception) -> None:
            with app.store.read() as tx:
                deal_row_id = tx.get_one(EpisodeRow, episode_id).deal_id
            note_failed(app.store, connection.id, deal_row_id, error, now=app.now())

        take_apart(ids, partial(_enter, app, connection, today), failed)
        after = ids[-1]
    with app.store.begin() as tx:
        lock_connection(tx, connection.id).later_entered_on = today
        tx.flush()


def _with_later(app: App, connection: ConnectionRow, after: int) -> list[int]:
    """A batch of running episodes whose plans have later steps. By the primary key of plans, once a day."""
    with app.store.read() as tx:
        query = _running(select(PlanRow.episode_id)).where(
            PlanRow.episode_id > after, DealRow.connection_id == connection.id, _count_later(tx) > 0
        )
        return list(tx.scalars(query.order_by(PlanRow.episode_id).limit(BATCH)))


def _enter(app: App, connection: ConnectionRow, today: date, episode_ids: Sequence[int]) -> None:
    """Queue what these plans have more within the horizon than reminders."""
    with app.store.begin() as tx:
        held = lock_connection(tx, connection.id)
        rows = tx.execute(
            _running(select(EpisodeRow, DealRow.record, ClassificationRow.record, PlanRow.record))
            .join(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id)
            .where(among(PlanRow.episode_id, episode_ids))
            .order_by(PlanRow.episode_id)
        ).all()
        planned = [_planned(episode, *records) for episode, *records in rows]
        entered = _entered(tx, [one.episode_id for one in planned])
        near = [
            one
            for one in planned
            if any(
                (one.episode_id, str(step.purpose), step.ordinal) not in entered
                for step in within_horizon(one.plan, today=today)
            )
        ]
        apply_plans(tx, held, near, knowledge=app.rules(tx).knowledge, today=today, now=app.now())


def _running(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.join_from(PlanRow, EpisodeRow, EpisodeRow.id == PlanRow.episode_id)
        .join(DealRow, DealRow.id == EpisodeRow.deal_id)
        .where(DealRow.excluded_by.is_(None), EpisodeRow.ended_as.is_(None))
    )


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
            among(ReminderRow.episode_id, episode_ids)
        )
    )
    return {(row.episode_id, row.purpose, row.ordinal) for row in rows}
