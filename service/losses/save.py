"""Saving losses: rows of deals and episodes, what each was taken to mean, and the plan made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from mappings.model import LostDeal
from service.losses.arrivals import Loss, LostArrival
from service.losses.carried import told_notes
from service.losses.rules import Rules
from service.reminders.planned import Planned
from service.store import deals as store
from service.store.codec import reason_key
from service.store.models import ConnectionRow, DealState
from service.store.models.deals import AMOUNT_LIMIT, ISO_LETTERS


def save_losses(
    tx: Session,
    connection: ConnectionRow,
    arrivals: Sequence[LostArrival],
    kept: Mapping[str, LostDeal],
    *,
    now: datetime,
    run_id: int | None,
    read_at: datetime | None = None,
) -> dict[str, tuple[int, int, int]]:
    """Save the deals and their episodes: deal row id, episode row id and episode number by the CRM's deal id.

    `kept` holds each deal as it may be stored, by the same id.
    """
    read = {"connection_id": connection.id, "changed_at": now, "read_at": read_at, "seen_in_run": run_id}
    rows = {one.deal.key.deal_id: {**read, **_deal_row(one, kept[one.deal.key.deal_id])} for one in arrivals}
    deal_ids = _save_deals(tx, arrivals, rows)
    _save_contacts(tx, arrivals, deal_ids)
    episodes = _save_episodes(tx, arrivals, deal_ids)
    return {deal_id: (row_id, *episodes[deal_id]) for deal_id, row_id in deal_ids.items()}


def save_meaning(tx: Session, planned: Sequence[Planned], rules: Rules) -> None:
    """Save what each episode was taken to mean, and its plan."""
    store.save_classifications(tx, [_classification_row(one, rules) for one in planned])
    store.save_plans(tx, [_plan_row(one, rules) for one in planned])


def _save_deals(tx: Session, arrivals: Sequence[LostArrival], rows: Mapping[str, dict[str, Any]]) -> dict[str, int]:
    new = [one.deal.key.deal_id for one in arrivals if one.known is None]
    old = {one.deal.key.deal_id: one.known.id for one in arrivals if one.known is not None}
    ids = dict(zip(new, store.insert_deals(tx, [rows[deal_id] for deal_id in new]), strict=True))
    store.update_deals(tx, [{"id": row_id, **rows[deal_id]} for deal_id, row_id in old.items()])
    return ids | old


def _save_contacts(tx: Session, arrivals: Sequence[LostArrival], deal_ids: Mapping[str, int]) -> None:
    rows = [
        {
            "deal_id": deal_ids[one.deal.key.deal_id],
            "contact_id": one.deal.contact_id,
            "has_opted_out": one.deal.do_not_contact,
        }
        for one in arrivals
        if one.deal.contact_id
    ]
    store.save_contacts(tx, rows, of_known=[one.known.id for one in arrivals if one.known])


def _save_episodes(
    tx: Session, arrivals: Sequence[LostArrival], deal_ids: dict[str, int]
) -> dict[str, tuple[int, int]]:
    """Episode row id and number by the CRM's deal id."""
    begun = [one for one in arrivals if one.loss is not Loss.CHANGED]
    rows: list[dict[str, Any]] = [
        {
            "deal_id": deal_ids[one.deal.key.deal_id],
            "number": (one.known.episode_number if one.known else 0) + 1,
            "lost_on": one.deal.lost_on,
        }
        for one in begun
    ]
    ids = store.insert_episodes(tx, rows)
    episodes = {
        one.deal.key.deal_id: (row_id, row["number"]) for one, row_id, row in zip(begun, ids, rows, strict=True)
    }
    for one in arrivals:
        if one.loss is Loss.CHANGED and one.known and one.known.episode_id:
            episodes[one.deal.key.deal_id] = (one.known.episode_id, one.known.episode_number)
    changed = [one for one in arrivals if one.loss is Loss.CHANGED]
    store.update_episodes(
        tx, [{"id": episodes[one.deal.key.deal_id][0], "lost_on": one.deal.lost_on} for one in changed]
    )
    return episodes


def _deal_row(one: LostArrival, kept: LostDeal) -> dict[str, Any]:
    deal = one.deal
    return {
        "crm_deal_id": deal.key.deal_id,
        "state": DealState.LOST,
        "name": deal.name,
        "account_key": deal.account.id,
        "account_name": deal.account.name,
        "owner_id": deal.owner_id,
        "amount": _amount(deal),
        "currency": _currency(deal),
        "lost_on": deal.lost_on,
        "stated_follow_up": deal.stated_follow_up,
        "close_month": deal.close_date.isoformat()[:7] if deal.close_date else "",
        "excluded_by": one.excluded_by,
        "merged_into": None,
        "fingerprint": one.fingerprint,
        "reason_key": reason_key(deal),
        "competitor": kept.competitor,
        "country": kept.account.country,
        "industry": kept.account.industry,
        "record_type": kept.record_type,
        "pipeline": kept.pipeline,
        "deal_type": kept.deal_type,
        "record": kept,
        "modified_at": deal.modified_at,
        "has_told": bool(told_notes(kept)),
    }


def _amount(deal: LostDeal) -> Decimal | None:
    """The amount to rank and sum by. One too long for the column is a slip of the keyboard: it stands in `record`."""
    amount = deal.amount.amount if deal.amount else None
    return amount if amount is not None and abs(amount) < AMOUNT_LIMIT else None


def _currency(deal: LostDeal) -> str | None:
    currency = deal.amount.currency if deal.amount else None
    return currency if currency and len(currency) == ISO_LETTERS else None


def _classification_row(one: Planned, rules: Rules) -> dict[str, Any]:
    underlying, stated = one.classification.underlying, one.classification.stated
    return {
        "episode_id": one.episode_id,
        "category": underlying.category,
        "sub_reason": underlying.sub_reason,
        "stated_category": stated.category,
        "stated_sub_reason": stated.sub_reason,
        "confidence": underlying.confidence,
        "finality": underlying.finality,
        "needs_review": one.classification.needs_review,
        "competitor": one.classification.competitor,
        "mapping_version": rules.mapping_set.version,
        "record": one.classification,
    }


def _plan_row(one: Planned, rules: Rules) -> dict[str, Any]:
    return {
        "episode_id": one.episode_id,
        "made_on": one.plan.made_on,
        "policy_version": rules.policy.version,
        "why_none": one.plan.why_none,
        "record": one.plan,
    }
