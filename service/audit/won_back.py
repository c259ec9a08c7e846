"""The wins list: deals that were lost and then won, each with its story."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.audit.lens import Lens
from service.store.losses import COMPETITOR
from service.store.models import ClassificationRow, ConnectionRow, DealRow, EpisodeRow, ReminderRow, ReminderState

NAMES = (
    "connection", "deal_id", "deal_row_id", "deal", "account", "lost_on", "won_on", "amount", "currency", "category",
    "sub_reason", "competitor",
)  # fmt: skip


def won_back(tx: Session, lens: Lens) -> list[dict[str, Any]]:
    """Deals won in the period after a loss: what the loss had been taken to mean, and what was done until then."""
    query = (
        select(
            ConnectionRow.name,
            DealRow.crm_deal_id,
            DealRow.id,
            DealRow.name,
            DealRow.account_name,
            EpisodeRow.lost_on,
            EpisodeRow.ended_on,
            DealRow.amount,
            DealRow.currency,
            ClassificationRow.category,
            ClassificationRow.sub_reason,
            COMPETITOR,
            EpisodeRow.id.label("episode_id"),
        )
        .select_from(ConnectionRow)
        .join(DealRow, DealRow.connection_id == ConnectionRow.id)
        .join(EpisodeRow, EpisodeRow.deal_id == DealRow.id)
        .outerjoin(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id)
        .where(
            EpisodeRow.ended_as == "won",
            EpisodeRow.ended_on.between(lens.period.start, lens.period.end),
            *lens.conditions(),
        )
        .order_by(EpisodeRow.ended_on, DealRow.account_name)
    )
    rows = [(int(row.episode_id), dict(zip(NAMES, row, strict=False))) for row in tx.execute(query)]
    steps = _steps_done(tx, [episode_id for episode_id, _ in rows])
    return [
        {**one, "follow_ups_done": len(steps[episode_id]), "story": story_of(one, steps[episode_id])}
        for episode_id, one in rows
    ]


def story_of(one: Mapping[str, Any], done: Sequence[tuple[str, date]]) -> str:
    """How it came back, in words. Pure. `done` are (purpose, day) of the follow-ups that were done."""
    meaning = (one["sub_reason"] or one["category"] or "a reason nobody knows").replace("_", " ")
    chosen = f" ({one['competitor']})" if one["competitor"] and one["category"] == "competitor" else ""
    parts = [f"Lost as {meaning}{chosen}."]
    if done:
        purpose, on = done[-1]
        count = "One follow-up was" if len(done) == 1 else f"{len(done)} follow-ups were"
        last = "" if len(done) == 1 else "the last "
        parts.append(f"{count} done, {last}“{purpose.replace('_', ' ')}” due on {on.isoformat()}.")
    else:
        parts.append("No follow-up of ours was done.")
    if one["lost_on"] and one["won_on"]:
        days = (one["won_on"] - one["lost_on"]).days
        parts.append(f"Won {days} {'day' if days == 1 else 'days'} after the loss.")
    return " ".join(parts)


def _steps_done(tx: Session, episode_ids: Sequence[int]) -> defaultdict[int, list[tuple[str, date]]]:
    steps: defaultdict[int, list[tuple[str, date]]] = defaultdict(list)
    query = (
        select(ReminderRow.episode_id, ReminderRow.purpose, ReminderRow.due_on)
        .where(ReminderRow.episode_id.in_(episode_ids), ReminderRow.state == ReminderState.DONE)
        .order_by(ReminderRow.due_on)
    )
    for episode_id, purpose, due_on in tx.execute(query):
        steps[episode_id].append((purpose, due_on))
    return steps
