"""What the deals of a batch say, what they were taken to mean, and the reminders around them. Each takes a batch."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from mappings.diff import Words
from mappings.model import Classification, FollowUpPlan, LostDeal
from service.store.among import among
from service.store.codec import from_json
from service.store.models import ClassificationRow, DealRow, EpisodeRow, PlanRow, ReminderRow


def load_deals(tx: Session, deal_ids: Collection[int]) -> dict[int, LostDeal]:
    """These deals as stored, by row id."""
    rows = tx.execute(select(DealRow.id, cast(DealRow.record, Text)).where(among(DealRow.id, deal_ids)))
    return {row[0]: from_json(row[1], LostDeal) for row in rows}


def load_words(tx: Session, deal_ids: Collection[int]) -> dict[int, Words]:
    """What these deals say, by row id: a fifth of their records, as JSON is parsed."""
    rows = tx.execute(select(DealRow.id, cast(DealRow.record, Text)).where(among(DealRow.id, deal_ids)))
    return {row[0]: from_json(row[1], Words) for row in rows}


def load_meanings(tx: Session, episode_ids: Collection[int]) -> dict[int, tuple[Classification, FollowUpPlan]]:
    """The classification and the plan of these episodes, by episode."""
    rows = tx.execute(
        select(
            ClassificationRow.episode_id,
            cast(ClassificationRow.record, Text).label("meaning"),
            cast(PlanRow.record, Text).label("plan"),
        )
        .join(PlanRow, PlanRow.episode_id == ClassificationRow.episode_id)
        .where(among(ClassificationRow.episode_id, episode_ids))
    )
    return {row[0]: (from_json(row[1], Classification), from_json(row[2], FollowUpPlan)) for row in rows}


def load_neighbours(
    tx: Session, connection_id: int, episode_ids: Collection[int], account_keys: Collection[str]
) -> list[tuple[ReminderRow, str | None, str]]:
    """All reminders of these episodes and accounts that belong to running episodes, with account and CRM deal id.

    Two steps, because no database follows an index for "this episode or that account".
    """
    wanted = set(episode_ids)
    if account_keys:
        near = select(EpisodeRow.id).join(DealRow, DealRow.id == EpisodeRow.deal_id)
        in_account = DealRow.connection_id == connection_id, DealRow.account_key.in_(account_keys)
        wanted.update(tx.scalars(near.where(*in_account, EpisodeRow.ended_as.is_(None))))
    query = (
        select(ReminderRow, DealRow.account_key, DealRow.crm_deal_id)
        .join(DealRow, DealRow.id == ReminderRow.deal_id)
        .where(ReminderRow.episode_id.in_(wanted))
        .order_by(ReminderRow.episode_id, ReminderRow.position, ReminderRow.id)
    )
    return [(row, account, deal) for row, account, deal in tx.execute(query)]
