"""What a deal's card shows, and the two things a person does there: done, and later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.cards.caller import Asker, Stranger
from service.clock import today_in
from service.errors import NothingSuch, UsageFault
from service.messages.links import Link, use_up
from service.people.roles import Person
from service.reminders.actions import Action, PastDayError, decide
from service.reminders.states import STANDING
from service.reminders.words import why_in_force
from service.store.models import (
    ClassificationRow,
    ConnectionRow,
    DealRow,
    EpisodeRow,
    PlanRow,
    ReminderRow,
    ReminderState,
)

SHOWN = (*STANDING, ReminderState.HELD)
NOT_THERE = "Rekindle has no lost deal here that you may see."


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """The next follow-up. `is_held`: it waits for an admin, and nothing can be done about it yet."""

    reminder_id: int
    purpose: str
    due_on: date
    why: str
    is_held: bool
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DealCard:
    """One deal as its card shows it. `why_none` says why nothing comes; `today` is the day in the account's zone."""

    deal_row_id: int
    state: str
    category: str | None
    sub_reason: str | None
    needs_review: bool
    next: FollowUp | None
    why_none: str | None
    may_work: bool
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a person does at a card. `request` is the card's own word for this one click."""

    reminder_id: int
    action: Action
    request: str
    until: date | None = None


def show_card(tx: Session, asker: Asker, crm_deal_id: str, *, now: datetime) -> DealCard:
    """The deal's card. Raises Stranger, or NothingSuch where there is no such deal for this person."""
    me = asker.person(tx)
    return _card(tx, _deal_for(tx, asker, me, crm_deal_id), me, now=now)


def act_at_card(tx: Session, asker: Asker, crm_deal_id: str, deed: Deed, *, now: datetime) -> tuple[DealCard, bool]:
    """The card after the deed, and whether it changed anything: a click counts once, however often it arrives.

    Raises Stranger for whom the deal is not theirs to work, NothingSuch, or UsageFault for a day that is over.
    """
    me = asker.person(tx)
    deal = _deal_for(tx, asker, me, crm_deal_id)
    if not me.may_work(deal.connection_id, deal.owner_id):
        raise Stranger("You may look at this deal, not work on it.", remedy="Ask its owner, or an admin for the right.")
    reminder = tx.get(ReminderRow, deed.reminder_id)
    if reminder is None or reminder.deal_id != deal.id:
        raise NothingSuch("That follow-up is not one of this deal.", remedy="Load the page again.")
    changed: frozenset[int] = frozenset()
    click = f"card {asker.connection_id} {me.user_id} {deed.request}"
    used = Link(reminder_id=reminder.id, message_id=0, until=now)
    if use_up(tx, click, used, deed.action, now=now):
        try:
            changed = decide(tx, [reminder.id], deed.action, who=me.email, now=now, until=deed.until)
        except PastDayError as error:
            raise UsageFault(str(error), remedy="Choose a later day.") from error
        tx.flush()
        tx.expire_all()
    return _card(tx, tx.get_one(DealRow, deal.id), me, now=now), bool(changed)


def _deal_for(tx: Session, asker: Asker, me: Person, crm_deal_id: str) -> DealRow:
    """The deal, for whoever may see it; to others it is not there. Uses uq_deals_connection_id_crm_deal_id."""
    deal = tx.scalar(
        select(DealRow).where(DealRow.connection_id == asker.connection_id, DealRow.crm_deal_id == crm_deal_id)
    )
    if deal is None or not me.may_see(deal.connection_id, deal.owner_id):
        raise NothingSuch(NOT_THERE)
    return deal


def _card(tx: Session, deal: DealRow, me: Person, *, now: datetime) -> DealCard:
    zone = tx.get_one(ConnectionRow, deal.connection_id).zone
    latest = tx.scalar(
        select(EpisodeRow.id).where(EpisodeRow.deal_id == deal.id).order_by(EpisodeRow.number.desc()).limit(1)
    )
    found = tx.get(ClassificationRow, latest) if latest is not None else None
    plan = tx.get(PlanRow, latest) if latest is not None else None
    reminder = tx.scalars(
        select(ReminderRow)
        .where(ReminderRow.episode_id == latest, ReminderRow.state.in_(SHOWN))
        .order_by(ReminderRow.due_on, ReminderRow.position)
        .limit(1)
    ).first()
    return DealCard(
        deal_row_id=deal.id,
        state=deal.state,
        category=found.category if found else None,
        sub_reason=found.sub_reason if found else None,
        needs_review=found.needs_review if found else False,
        next=_follow_up(reminder) if reminder else None,
        why_none=plan.why_none if plan else None,
        may_work=me.may_work(deal.connection_id, deal.owner_id),
        today=today_in(zone, now),
    )


def _follow_up(row: ReminderRow) -> FollowUp:
    return FollowUp(
        reminder_id=row.id,
        purpose=row.purpose,
        due_on=row.due_on,
        why=why_in_force(row),
        is_held=row.state == ReminderState.HELD,
        provisional=row.provisional,
    )
