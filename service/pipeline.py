"""The line, on one screen: reads from a CRM become losses, meanings, plans and reminders.

Sync, webhooks, `reclassify` and the demo all go through here. Running it twice on the same input changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from connectors.base import DealState as ReadDeal
from mappings.deciding.said import Said, hear
from mappings.model import Classification, FollowUpPlan, LostDeal
from service.losses.ahead import Ahead, meanings_of
from service.losses.arrivals import Arrivals, Loss, LostArrival, sort_arrivals
from service.losses.carried import carry_over
from service.losses.endings import Ending, endings, unseen_endings
from service.losses.notes import as_kept, as_read
from service.losses.rules import Rules
from service.losses.save import save_losses, save_meaning
from service.losses.scope import scope_from
from service.losses.stated_days import with_persons_dates
from service.reminders.apply import apply_plans, end_reminders
from service.reminders.planned import Planned
from service.store import deals as store
from service.store.debriefs import load_said
from service.store.models import ConnectionRow
from service.store.previews import publishing
from service.store.reminders import lock_connection, wake_accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestCounts:
    """What a batch of reads came to."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    reopened: int = 0
    won: int = 0
    deleted: int = 0
    planned: int = 0
    excluded: int = 0

    def __add__(self, other: IngestCounts) -> IngestCounts:
        """The counts of both."""
        return IngestCounts(
            **{field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """What every step of one `ingest` needs."""

    tx: Session
    connection: ConnectionRow
    rules: Rules
    today: date
    now: datetime
    run_id: int | None
    is_planned: bool
    read_at: datetime | None
    ahead: Ahead | None


def ingest(
    tx: Session,
    connection: ConnectionRow,
    deals: Sequence[ReadDeal],
    rules: Rules,
    *,
    today: date,
    now: datetime,
    run_id: int | None = None,
    is_planned: bool = False,
    read_at: datetime | None = None,
    ahead: Ahead | None = None,
) -> IngestCounts:
    """The one door in. Takes a batch as read, stores what changed, and puts the reminders in line with it.

    `is_planned` says that a person asked for the whole of it, so that the brake does not count what it brings.
    `read_at` is when the read began: nothing that was read later is overwritten. `ahead` is what the losses were taken
    to mean before.
    """
    connection = lock_connection(tx, connection.id)
    batch = _Batch(
        tx=tx, connection=connection, rules=rules, today=today, now=now, run_id=run_id, is_planned=is_planned,
        read_at=read_at, ahead=ahead,
    )  # fmt: skip
    known = store.load_known(tx, connection.id, [deal.key.deal_id for deal in deals])
    arrivals = _arrivals(batch, deals, known)
    _end_episodes(batch, unseen_endings(arrivals, today))
    planned = _take_losses(batch, arrivals.lost)
    _end_episodes(batch, endings(arrivals, today))
    if run_id is not None and known:
        store.mark_seen(tx, connection.id, list(known), run_id)  # a new deal's row says so itself
    return _counts(len(deals), arrivals, planned)


def replan(
    tx: Session,
    connection: ConnectionRow,
    stored: Sequence[tuple[LostDeal, store.KnownDeal]],
    rules: Rules,
    *,
    today: date,
    now: datetime,
    keep_day: bool = True,
) -> int:
    """Re-enter at the classification from stored deals, with no CRM read; how many were planned.

    With `keep_day` a plan is made again with the `today` it was first made with; go-live plans with its own day.
    """
    connection = lock_connection(tx, connection.id)
    running = [
        (deal, known, (known.id, known.episode_id, known.episode_number))
        for deal, known in stored
        if known.episode_id is not None
    ]
    meanings = rules.apply_all(
        [(deal, known.plan_made_on if keep_day and known.plan_made_on else today) for deal, known, _ in running],
        connection.name,
    )
    planned = [_planned(deal, meaning, ids) for (deal, _, ids), meaning in zip(running, meanings, strict=True)]
    planned = _heard(tx, planned, rules)
    save_meaning(tx, planned, rules)
    apply_plans(tx, connection, planned, knowledge=rules.knowledge, today=today, now=now, is_planned=True)
    return len(planned)


def _arrivals(batch: _Batch, deals: Sequence[ReadDeal], known: dict[str, store.KnownDeal]) -> Arrivals:
    """What each of the deals is to us: a loss, an ending, or nothing new."""
    tx, connection, rules = batch.tx, batch.connection, batch.rules
    told = carry_over(tx, connection, [as_read(connection.notes, deal) for deal in deals], known)
    return sort_arrivals(
        with_persons_dates(tx, connection, told, known),
        known,
        scope=scope_from(connection.scope_in_force),
        mapping_version=rules.mapping_set.version,
        policy_version=rules.policy.version,
        is_publishing=publishing(tx) is not None,
        read_at=batch.read_at,
    )


def _take_losses(batch: _Batch, arrivals: Sequence[LostArrival]) -> int:
    """Save the lost deals, and plan those in scope; how many were planned."""
    tx, connection, rules, today, now = batch.tx, batch.connection, batch.rules, batch.today, batch.now
    in_scope = [one for one in arrivals if one.excluded_by is None]
    applied = meanings_of([(one.deal, _plan_day(one, today)) for one in in_scope], rules, connection.name, batch.ahead)
    meanings = {one.deal.key.deal_id: meaning for one, meaning in zip(in_scope, applied, strict=True)}
    kept = {one.deal.key.deal_id: _kept(connection, one.deal, meanings.get(one.deal.key.deal_id)) for one in arrivals}
    saved = save_losses(tx, connection, arrivals, kept, now=now, run_id=batch.run_id, read_at=batch.read_at)
    planned = [_planned(one.deal, meanings[one.deal.key.deal_id], saved[one.deal.key.deal_id]) for one in in_scope]
    planned = _heard(tx, planned, rules)
    save_meaning(tx, planned, rules)
    everything = [*planned, *_left_out(arrivals, saved, rules, today)]
    apply_plans(
        tx, connection, everything, knowledge=rules.knowledge, today=today, now=now, is_planned=batch.is_planned
    )
    wake_accounts(tx, connection.id, _accounts_left(arrivals), today=today)
    return len(planned)


def _accounts_left(arrivals: Sequence[LostArrival]) -> set[str]:
    """The accounts from which deals were moved away: what waited there behind their tasks has its turn."""
    before = {one.deal.key.deal_id: one.known.account_key for one in arrivals if one.known}
    moved = [one.deal for one in arrivals if before.get(one.deal.key.deal_id) not in {None, one.deal.account.id}]
    return {key for deal in moved if (key := before[deal.key.deal_id])}


def _heard(tx: Session, planned: Sequence[Planned], rules: Rules) -> list[Planned]:
    """The same, with what people said of some of the losses in force."""
    said = load_said(tx, [one.episode_id for one in planned])
    return [_hear(one, said[one.episode_id], rules) if one.episode_id in said else one for one in planned]


def _hear(one: Planned, said: Said, rules: Rules) -> Planned:
    classification = hear(one.classification, said)
    plan = rules.replan(one.deal, classification, one.plan.made_on)
    return replace(one, classification=classification, plan=plan)


def _left_out(
    arrivals: Sequence[LostArrival], saved: dict[str, tuple[int, int, int]], rules: Rules, today: date
) -> list[Planned]:
    """Known deals that are out of scope now: an empty plan takes their reminders back, and may bring them again."""
    return [
        _planned(
            one.deal,
            (
                rules.apply(one.deal, today)[0],
                FollowUpPlan(why_none=f"The deal is out of scope: {one.excluded_by}.", made_on=today),
            ),
            saved[one.deal.key.deal_id],
        )
        for one in arrivals
        if one.excluded_by and one.known
    ]


def _planned(deal: LostDeal, meaning: tuple[Classification, FollowUpPlan], ids: tuple[int, int, int]) -> Planned:
    deal_id, episode_id, number = ids
    classification, plan = meaning
    return Planned(
        deal_row_id=deal_id,
        episode_id=episode_id,
        episode=number,
        deal=deal,
        classification=classification,
        plan=plan,
    )


def _kept(connection: ConnectionRow, deal: LostDeal, meaning: tuple[Classification, FollowUpPlan] | None) -> LostDeal:
    return as_kept(connection.notes, deal, meaning[0] if meaning else None)


def _plan_day(one: LostArrival, today: date) -> date:
    """Time passing makes no plan: the same episode is planned again with the day it was first planned on."""
    if one.loss is Loss.CHANGED and one.known and one.known.plan_made_on:
        return one.known.plan_made_on
    return today


def _end_episodes(batch: _Batch, ended: Sequence[Ending]) -> None:
    """The deal's new state, the episode's end, and the end of its reminders."""
    tx, connection, today, now = batch.tx, batch.connection, batch.today, batch.now
    store.update_deals(
        tx,
        [
            {
                "id": end.known.id,
                "state": end.state,
                "merged_into": end.merged_into,
                "modified_at": end.modified_at,
                "read_at": batch.read_at,
                "changed_at": now,
            }
            for end in ended
        ],
    )
    running = [end for end in ended if end.known.is_episode_running]
    store.update_episodes(
        tx,
        [{"id": end.known.episode_id, "ended_as": end.ended_as, "ended_on": end.ended_on} for end in running],
    )
    for how, why in dict.fromkeys((end.ended_as, end.why) for end in running):
        same = [end.known.episode_id for end in running if (end.ended_as, end.why) == (how, why)]
        end_reminders(tx, connection, [one for one in same if one is not None], how=how, why=why, today=today, now=now)


def _counts(read: int, arrivals: Arrivals, planned: int) -> IngestCounts:
    losses = [one.loss for one in arrivals.lost]
    return IngestCounts(
        read=read,
        new=losses.count(Loss.NEW),
        changed=len(losses) - losses.count(Loss.NEW),
        unchanged=len(arrivals.unchanged),
        reopened=len(arrivals.reopened) + sum(one.is_unseen_reopening for one in arrivals.lost),
        won=len(arrivals.won),
        deleted=len(arrivals.gone),
        planned=planned,
        excluded=sum(one.excluded_by is not None for one in arrivals.lost),
    )
