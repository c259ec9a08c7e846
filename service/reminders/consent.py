"""Sensing people's wish before a step: the opt-outs are read from the CRM again, one query a batch, and kept on record.

It is done before a task is written, and for a task that stands already on the day its step falls due.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypedDict

from sqlalchemy.orm import Session

from connectors.base import AccountActivity, Channel, DealConsent
from mappings.contact_law import ContactLaw, contact_note
from service.reminders.desk import Desk, Group
from service.reminders.due import mark_due
from service.reminders.gist import gist_of
from service.reminders.knowledge import Knowledge
from service.reminders.sense import OPTED_OUT, Skip
from service.reminders.standing import close_tasks
from service.reminders.states import move
from service.store.consents import AskedDeal, deals_with_tasks, load_asked, save_consents
from service.store.models import ConnectionRow, ReminderState
from service.store.reminders import load_task_refs, wake_ended


@dataclass(slots=True, kw_only=True)
class Told:
    """What the CRM has said so far: of accounts, and of who may be contacted, by the CRM's ids."""

    activity: dict[str, AccountActivity] = field(default_factory=dict)
    consent: dict[str, DealConsent] = field(default_factory=dict)


def deals_to_ask(tx: Session, to_write: Collection[int], due: Collection[int]) -> list[AskedDeal]:
    """These deals, for which a task may be written now, and those of the reminders whose standing task falls due."""
    wanted = {*to_write, *deals_with_tasks(tx, due).values()}
    return load_asked(tx, wanted) if wanted else []


def is_asked(desk: Desk, group: Group, asked: Collection[int]) -> bool:
    """Whether the CRM was asked about the deal that a task would be written for."""
    return group.choice.write is not None and desk.reminders[group.choice.write].deal_id in asked


def opted_out(consent: DealConsent | None, *, law: ContactLaw, lost_on: date, today: date) -> Skip | None:
    """The reason to write no task, with the fields that say so; an e-mail consent that ran out closes e-mail too."""
    if consent is None:
        return None
    until = law.email_until(lost_on)
    is_over = until is not None and until < today
    if not consent.is_closed and not (is_over and Channel.PHONE in consent.closed):
        return None
    named = ", ".join(_fields_set(consent))
    late = f" and their consent to e-mail ended on {until}" if until is not None and not consent.is_closed else ""
    return Skip(rule=OPTED_OUT, why=f"They asked not to be contacted: {named} said so on {today.isoformat()}{late}.")


def note_for(consent: DealConsent | None, *, law: ContactLaw, lost_on: date, today: date) -> str | None:
    """What the task says of the ways that are left."""
    closed = consent.closed if consent is not None else frozenset()
    return contact_note(closed, email_until=law.email_until(lost_on), today=today)


def save_readings(
    tx: Session, asked: Sequence[AskedDeal], consent: Mapping[str, DealConsent], knowledge: Knowledge, *, now: datetime
) -> None:
    """Keep what was read: who, which fields, when, and on what footing. What was not known replaces nothing."""
    rows: dict[tuple[int, str], dict[str, Any]] = {}  # a person may stand on a deal twice, in two roles
    for deal in asked:
        told = consent.get(deal.crm_deal_id)
        if told is None or not told.is_known:
            continue
        law = knowledge.law(deal.country)
        shared = {
            "deal_id": deal.row_id,
            "basis": law.basis,
            "email_until": law.email_until(deal.lost_on) if deal.lost_on else None,
            "read_at": now,
        }
        if told.own or not told.contacts:
            flags = {flag.field: flag.is_set for flag in told.own}
            rows[deal.row_id, ""] = {**shared, "contact_id": "", "flags": flags, "is_closed": any(flags.values())}
        for one in told.contacts:
            flags = {flag.field: flag.is_set for flag in one.flags}
            is_closed = one.is_closed
            rows[deal.row_id, one.contact_id] = {
                **shared,
                "contact_id": one.contact_id,
                "flags": flags,
                "is_closed": is_closed,
            }
    save_consents(tx, list(rows.values()))


def end_closed(
    tx: Session,
    connection: ConnectionRow,
    due: Collection[int],
    consent: Mapping[str, DealConsent],
    asked: Sequence[AskedDeal],
    knowledge: Knowledge,
    *,
    today: date,
    now: datetime,
) -> int:
    """End the steps that fall due with a task standing, where no way to the person is left since: the task closes with
    a note. How many did."""
    closed = {
        deal.row_id: skip.why
        for deal in asked
        if (skip := opted_out(consent.get(deal.crm_deal_id), **_footing(deal, knowledge, today)))
    }
    if not closed:
        return 0
    whys = {id_: closed[deal] for id_, deal in deals_with_tasks(tx, due).items() if deal in closed}
    mark_due(tx, connection.id, list(whys), now=now)
    ended = move(tx, connection.id, whys, ReminderState.SKIPPED, who="rekindle", now=now, rule=OPTED_OUT, act_on=None)
    # Planned: the brake on unplanned writes is no reason to leave such a task standing.
    close_tasks(tx, connection, {id_: whys[id_] for id_ in ended}, now=now, is_planned=True)
    wake_ended(tx, connection.id, ended, today=today)
    return len(ended)


def told_otherwise(
    tx: Session,
    due: Collection[int],
    consent: Mapping[str, DealConsent],
    asked: Sequence[AskedDeal],
    knowledge: Knowledge,
    *,
    today: date,
) -> list[int]:
    """Those that fall due whose standing task names other ways to the person than are left today."""
    notes = {
        deal.row_id: note_for(told, **_footing(deal, knowledge, today))
        for deal in asked
        if (told := consent.get(deal.crm_deal_id)) is not None and told.is_known
    }
    refs = load_task_refs(tx, due) if notes else {}
    deals = deals_with_tasks(tx, refs)
    return [id_ for id_, deal in deals.items() if deal in notes and gist_of(refs[id_]).get("note") != notes[deal]]


class Footing(TypedDict):
    """What a consent is judged by."""

    law: ContactLaw
    lost_on: date
    today: date


def _footing(deal: AskedDeal, knowledge: Knowledge, today: date) -> Footing:
    """Without the day of the loss no clock runs."""
    law = knowledge.law(deal.country)
    return {
        "law": law if deal.lost_on else replace(law, email_months=None),
        "lost_on": deal.lost_on or today,
        "today": today,
    }


def _fields_set(consent: DealConsent) -> list[str]:
    flags = [*consent.own, *(flag for one in consent.contacts for flag in one.flags)]
    return list(dict.fromkeys(flag.field for flag in flags if flag.is_set))
