"""What lies on the desk when the next tasks are chosen: the accounts concerned, with all their reminders."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mappings.documents.policy import Writing
from mappings.model import Classification, FollowUpPlan, LostDeal
from service.reminders.choose import LASTING, Candidate, Choice, Rank, choose, next_step
from service.reminders.mornings import Mornings
from service.store.among import among
from service.store.codec import from_record
from service.store.consents import load_opted_out
from service.store.models import (
    ClassificationRow,
    ConnectionRow,
    DealRow,
    EpisodeRow,
    OutboxState,
    PlanRow,
    ReminderRow,
    ReminderState,
    TaskRefRow,
    TaskRefState,
)
from service.store.outbox import load_pending_creates
from service.store.reminders import load_task_refs
from service.store.session import locked

SENSED = ("open_deal", "won_since")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One lasting episode with its values, decoded."""

    episode_id: int
    deal_row_id: int
    deal: LostDeal
    classification: Classification
    plan: FollowUpPlan
    has_opted_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The reminders among which one task at a time may stand: an account's, or an episode's."""

    account_id: str | None
    reminders: tuple[ReminderRow, ...]
    choice: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a batch of decisions needs."""

    groups: tuple[Group, ...]
    reminders: Mapping[int, ReminderRow]
    deal_names: Mapping[int, str]
    refs: Mapping[int, TaskRefRow]
    closed: Mapping[int, TaskRefRow]
    pending: Mapping[int, str]


def days_ahead(connection: ConnectionRow, writing: Writing) -> int | None:
    """How many days before its day a task is written; None: when it is planned. The connection's setting goes first."""
    own = connection.write_ahead_days
    return writing.write_ahead_days if own is None else own


def load_desk(
    tx: Session,
    connection: ConnectionRow,
    reminder_ids: Collection[int],
    mornings: Mornings,
    *,
    today: date,
    writing: Writing,
) -> Desk:
    """The accounts of these reminders, and which task each of them shall have.

    What was sensed away once is looked at again so many quiet days before its day.
    """
    rows = _load_rows(tx, connection, reminder_ids, ReminderRow)
    reminders = {row[0].id: row[0] for row in rows}
    groups, refs, pending = _grouped(
        tx, connection, [(row[0], row) for row in rows], mornings, today=today, writing=writing
    )
    return Desk(
        groups=tuple(sorted(groups, key=lambda group: _day_of(group, reminders))),  # a backlog leaves oldest first
        reminders=reminders,
        deal_names={row[0].id: row.name for row in rows},
        refs=refs,
        closed=load_task_refs(tx, reminders, (TaskRefState.CLOSED,)),
        pending=pending,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Writable:
    """A deal that shall get a task as things stand, and its account."""

    account_id: str | None
    deal_row_id: int


def deals_to_write(
    tx: Session,
    connection: ConnectionRow,
    reminder_ids: Collection[int],
    mornings: Mornings,
    *,
    today: date,
    writing: Writing,
) -> list[Writable]:
    """The deals among these that shall get a task, as things stand: the CRM is asked about them beforehand.

    Reads what the choice hangs on and no more: whole reminders cost as much as deciding about them.
    """
    rows = _load_rows(tx, connection, reminder_ids, *_CHOSEN_BY)
    groups, _, _ = _grouped(tx, connection, [(row, row) for row in rows], mornings, today=today, writing=writing)
    deals = {row.id: row.deal_id for row in rows}
    return [
        Writable(account_id=group.account_id, deal_row_id=deals[group.choice.write])
        for group in groups
        if group.choice.write is not None
    ]


def _grouped(
    tx: Session,
    connection: ConnectionRow,
    found: Sequence[tuple[Any, Any]],
    mornings: Mornings,
    *,
    today: date,
    writing: Writing,
) -> tuple[list[Group], dict[int, TaskRefRow], dict[int, str]]:
    """Reminders, each with what is known of its deal, by those that share a task; their tasks, and their first writes
    under way."""
    ids = [row.id for row, _ in found]
    refs, pending = load_task_refs(tx, ids), load_pending_creates(tx, ids)
    tasked = set(refs) | {id_ for id_, state in pending.items() if state != OutboxState.DEAD}
    is_shared, members = connection.one_task_per_account, dict[Any, list[ReminderRow]]()
    for row, deal in found:
        key = deal.account_key if is_shared and deal.account_key else ("episode", row.episode_id)
        members.setdefault(key, []).append(row)
    accounts = {row.episode_id: deal.account_key for row, deal in found}
    ranks = {row.episode_id: rank_of(deal.amount, deal.name, deal.lost_on) for row, deal in found}
    ahead = days_ahead(connection, writing)
    groups = [
        Group(
            account_id=accounts[rows[0].episode_id],
            reminders=tuple(rows),
            choice=choose_task(rows, tasked, refs, mornings, today, ahead, writing.active_within_days, ranks),
        )
        for rows in members.values()
    ]
    return groups, refs, pending


def _day_of(group: Group, reminders: Mapping[int, ReminderRow]) -> date:
    """The day of the task to be written; where there is none, the order is of no account."""
    chosen = group.choice.write
    return reminders[chosen].due_on if chosen is not None else date.max


_CHOSEN_BY = (
    ReminderRow.id, ReminderRow.episode_id, ReminderRow.position, ReminderRow.due_on, ReminderRow.state,
    ReminderRow.rule, ReminderRow.owner_id, ReminderRow.is_pinned, ReminderRow.deal_id,
)  # fmt: skip


def _load_rows(tx: Session, connection: ConnectionRow, reminder_ids: Collection[int], *what: Any) -> Sequence[Any]:
    """`what` of the lasting reminders that share a task with these, each with `account_key`, `name`, `amount` and
    `lost_on` of its deal."""
    # By deals, in two steps: one condition that is either the episode's or the account's answers to no index.
    deal_ids = _deals_concerned(tx, connection, reminder_ids)
    statement = (
        select(*what, DealRow.account_key, DealRow.name, DealRow.amount, EpisodeRow.lost_on)
        .select_from(ReminderRow)
        .join(DealRow, DealRow.id == ReminderRow.deal_id)
        .join(EpisodeRow, EpisodeRow.id == ReminderRow.episode_id)
        .where(among(ReminderRow.deal_id, deal_ids), EpisodeRow.ended_as.is_(None))
        .order_by(ReminderRow.episode_id, ReminderRow.position)
    )
    return tx.execute(locked(tx, statement, of=ReminderRow), execution_options={"populate_existing": True}).all()


def _deals_concerned(tx: Session, connection: ConnectionRow, reminder_ids: Collection[int]) -> set[int]:
    """The deals of these reminders, and all deals of their accounts where those share a task. Uses ix_deals_account."""
    found = tx.execute(
        select(ReminderRow.deal_id, DealRow.account_key)
        .join(DealRow, DealRow.id == ReminderRow.deal_id)
        .where(among(ReminderRow.id, reminder_ids))
    ).all()
    deal_ids = {row.deal_id for row in found}
    accounts = {row.account_key for row in found if row.account_key}
    if connection.one_task_per_account and accounts:
        theirs = among(DealRow.account_key, accounts)
        deal_ids.update(tx.scalars(select(DealRow.id).where(DealRow.connection_id == connection.id, theirs)))
    return deal_ids


def choose_task(
    members: Sequence[ReminderRow],
    tasked: set[int],
    refs: Mapping[int, TaskRefRow],
    mornings: Mornings,
    today: date,
    ahead: int | None,
    quiet_days: int,
    ranks: Mapping[int, Rank],
) -> Choice:
    """Which task an account (or an episode) shall have; `tasked` have theirs, or it is on its way."""
    episodes: dict[int, list[ReminderRow]] = {}
    for row in members:
        episodes.setdefault(row.episode_id, []).append(row)
    nexts = []
    for rows in episodes.values():
        lasting = [_candidate(row, tasked, refs, ranks) for row in rows if row.state in LASTING]
        if found := next_step(lasting, today=today):
            nexts.append(found)
    cautious = {row.episode_id for row in members if row.state == ReminderState.SKIPPED and row.rule in SENSED}
    # What was sensed once is not sensed for the step after until that one comes near: it would skip them all at once.
    ready = [
        one
        for one in nexts
        if one.has_task or one.episode_id not in cautious or one.due_on <= today + timedelta(days=quiet_days)
    ]
    standing = [_candidate(row, tasked, refs, ranks) for row in members if row.state in LASTING and row.id in tasked]
    owners = {row.id: row.owner_id for row in members}
    choice = choose(ready, standing, today=today, ahead=ahead, begun=lambda one: mornings.of(owners[one.id]))
    if choice.look_on is None and len(ready) < len(nexts) and choice.write is None:
        later = min(one.due_on for one in nexts if one not in ready) - timedelta(days=quiet_days)
        return Choice(keep=choice.keep, close=choice.close, waiting=choice.waiting, look_on=later)
    return choice


def load_ranks(tx: Session, episode_ids: Collection[int]) -> dict[int, Rank]:
    """Which of two episodes comes first on one day: the larger deal's, then by the deals' names and days of loss."""
    rows = tx.execute(
        select(EpisodeRow.id, DealRow.amount, DealRow.name, EpisodeRow.lost_on)
        .join(DealRow, DealRow.id == EpisodeRow.deal_id)
        .where(among(EpisodeRow.id, episode_ids))
    )
    return {id_: rank_of(amount, name, lost_on) for id_, amount, name, lost_on in rows}


def rank_of(amount: Decimal | None, name: str, lost_on: date) -> Rank:
    """The smaller goes first."""
    return -(amount or Decimal(0)), name, lost_on


def _candidate(
    row: ReminderRow, tasked: set[int], refs: Mapping[int, TaskRefRow], ranks: Mapping[int, Rank]
) -> Candidate:
    ref = refs.get(row.id)
    return Candidate(
        id=row.id,
        episode_id=row.episode_id,
        position=row.position,
        due_on=row.due_on,
        state=row.state,
        has_task=row.id in tasked,
        is_persons=row.is_pinned or bool(ref and ref.touched),
        rank=ranks.get(row.episode_id),
    )


def load_cases(tx: Session, episode_ids: Collection[int]) -> dict[int, Case]:
    """The values of these episodes, decoded, by episode."""
    rows = tx.execute(
        select(EpisodeRow.id, EpisodeRow.deal_id, DealRow.record, ClassificationRow.record, PlanRow.record)
        .join(DealRow, DealRow.id == EpisodeRow.deal_id)
        .join(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id)
        .join(PlanRow, PlanRow.episode_id == EpisodeRow.id)
        .where(among(EpisodeRow.id, episode_ids))
    ).all()
    opted_out = load_opted_out(tx, {row[1] for row in rows})
    cases = {}
    for episode_id, deal_row_id, deal_record, classification_record, plan_record in rows:
        deal = from_record(deal_record, LostDeal)
        cases[episode_id] = Case(
            episode_id=episode_id,
            deal_row_id=deal_row_id,
            deal=deal,
            classification=from_record(classification_record, Classification),
            plan=from_record(plan_record, FollowUpPlan),
            has_opted_out=deal.do_not_contact or deal_row_id in opted_out,
        )
    return cases
