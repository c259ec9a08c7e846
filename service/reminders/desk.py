"""What lies on the desk when the next tasks are chosen: the accounts concerned, with all their reminders."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from operator import itemgetter

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from mappings.documents.policy_values import Writing
from mappings.model import Classification, FollowUpPlan, LostDeal
from service.reminders.choose import LASTING, Candidate, Choice, Rank, choose, next_step
from service.reminders.mornings import Mornings
from service.reminders.queued import Queued, load_queued
from service.store.among import among
from service.store.codec import from_json
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
    reminders: Sequence[Queued]
    choice: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the choices rest on. Two that are equal give the same choices."""

    rows: tuple[Queued, ...]
    touched: Mapping[int, bool]
    pending: Mapping[int, str]
    is_shared: bool
    ahead: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a batch of decisions needs."""

    basis: Basis
    groups: tuple[Group, ...]
    reminders: dict[int, Queued]
    refs: Mapping[int, TaskRefRow]
    closed: Collection[int]
    """Those to be written whose task of before is closed, and is opened again."""

    @property
    def deals_to_write(self) -> dict[int, str | None]:
        """The deals that shall get a task as things stand, each with its account."""
        return {
            self.reminders[one.choice.write].deal_id: one.account_id
            for one in self.groups
            if one.choice.write is not None
        }


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
    before: Desk | None = None,
) -> Desk:
    """The accounts of these reminders, and which task each of them shall have.

    What was sensed away once is looked at again so many quiet days before its day. `before` is the same desk as it was
    seen before the CRM was asked: where nothing has happened since, its choices stand.
    """
    rows = load_queued(tx, connection, reminder_ids)
    reminders = {row.id: row for row in rows}
    refs = load_task_refs(tx, reminders)
    basis = Basis(
        rows=rows,
        touched={id_: bool(ref.touched) for id_, ref in refs.items()},
        pending=load_pending_creates(tx, reminders),
        is_shared=connection.one_task_per_account,
        ahead=days_ahead(connection, writing),
    )
    if before is not None and before.basis == basis:
        groups = before.groups
    else:
        groups = _arranged(basis, mornings, today=today, quiet_days=writing.active_within_days)
    to_write = [one.choice.write for one in groups if one.choice.write is not None]
    closed = load_task_refs(tx, to_write, (TaskRefState.CLOSED,))
    return Desk(basis=basis, groups=groups, reminders=reminders, refs=refs, closed=frozenset(closed))


def _arranged(basis: Basis, mornings: Mornings, *, today: date, quiet_days: int) -> tuple[Group, ...]:
    """The reminders by those that share a task, and whose turn it is; a backlog leaves oldest first."""
    tasked = {*basis.touched, *(id_ for id_, state in basis.pending.items() if state != OutboxState.DEAD)}
    members: dict[str | int, list[Queued]] = {}
    for row in basis.rows:
        key = row.account_key if basis.is_shared and row.account_key else row.episode_id
        members.setdefault(key, []).append(row)
    found: list[tuple[date, Group]] = []
    for rows in members.values():
        ranks = {row.episode_id: rank_of(row.amount, row.deal_name, row.lost_on) for row in rows if len(rows) > 1}
        choice = choose_task(rows, tasked, basis.touched, mornings, today, basis.ahead, quiet_days, ranks)
        # Where nothing is to be written, the order is of no account.
        day = next((row.due_on for row in rows if row.id == choice.write), date.max)
        found.append((day, Group(account_id=rows[0].account_key, reminders=rows, choice=choice)))
    return tuple(group for _, group in sorted(found, key=itemgetter(0)))


def choose_task(
    members: Sequence[Queued] | Sequence[ReminderRow],
    tasked: Collection[int],
    touched: Mapping[int, bool],
    mornings: Mornings,
    today: date,
    ahead: int | None,
    quiet_days: int,
    ranks: Mapping[int, Rank],
) -> Choice:
    """Which task an account (or an episode) shall have; `tasked` have theirs, or it is on its way.

    `touched` tells of each task that stands whether a person changed it.
    """
    lasting = [_candidate(row, tasked, touched, ranks) for row in members if row.state in LASTING]
    episodes: dict[int, list[Candidate]] = {}
    for one in lasting:
        episodes.setdefault(one.episode_id, []).append(one)
    nexts = [found for steps in episodes.values() if (found := next_step(steps, today=today))]
    cautious = {row.episode_id for row in members if row.state == ReminderState.SKIPPED and row.rule in SENSED}
    # What was sensed once is not sensed for the step after until that one comes near: it would skip them all at once.
    ready = [
        one
        for one in nexts
        if one.has_task or one.episode_id not in cautious or one.due_on <= today + timedelta(days=quiet_days)
    ]
    owners = {row.id: row.owner_id for row in members}
    standing = [one for one in lasting if one.has_task]
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
    row: Queued | ReminderRow, tasked: Collection[int], touched: Mapping[int, bool], ranks: Mapping[int, Rank]
) -> Candidate:
    return Candidate(
        id=row.id,
        episode_id=row.episode_id,
        position=row.position,
        due_on=row.due_on,
        state=row.state,
        has_task=row.id in tasked,
        is_persons=row.is_pinned or touched.get(row.id, False),
        rank=ranks.get(row.episode_id),
    )


def load_cases(tx: Session, episode_ids: Collection[int]) -> dict[int, Case]:
    """The values of these episodes, decoded, by episode."""
    records = (cast(one.record, Text).label(one.__tablename__) for one in (DealRow, ClassificationRow, PlanRow))
    rows = tx.execute(
        select(EpisodeRow.id, EpisodeRow.deal_id, *records)
        .join(DealRow, DealRow.id == EpisodeRow.deal_id)
        .join(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id)
        .join(PlanRow, PlanRow.episode_id == EpisodeRow.id)
        .where(among(EpisodeRow.id, episode_ids))
    ).all()
    opted_out = load_opted_out(tx, {row[1] for row in rows})
    cases = {}
    for episode_id, deal_row_id, *its_records in rows:
        deal_record, classification_record, plan_record = its_records
        deal = from_json(deal_record, LostDeal)
        cases[episode_id] = Case(
            episode_id=episode_id,
            deal_row_id=deal_row_id,
            deal=deal,
            classification=from_json(classification_record, Classification),
            plan=from_json(plan_record, FollowUpPlan),
            has_opted_out=deal.do_not_contact or deal_row_id in opted_out,
        )
    return cases
