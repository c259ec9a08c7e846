"""The simulator: what the published documents and the drafts make of one deal, stored or typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from mappings.compose import compose_task
from mappings.model import Account, Classification, DealKey, FollowUpPlan, LostDeal, Note, StatedReason
from mappings.plan import left_out
from mappings.task_text import TaskText
from service.bootstrap import App
from service.losses.rules import Rules
from service.mapping_sets.drafts import open_draft
from service.mapping_sets.kinds import Kind, mapping_set_of, policy_of
from service.store.codec import from_record
from service.store.models import ClassificationRow, ConnectionRow, DealRow, EpisodeRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """A deal under one set of rules. `tasks` stand beside the steps: the words a rep would read.

    `left_out` is what was looked at and not planned, in sentences, what the plan itself dropped included.
    """

    classification: Classification
    plan: FollowUpPlan
    tasks: tuple[TaskText, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A deal as it is planned now and as the drafts would plan it; `draft` is None where that is the same."""

    deal: LostDeal
    today: date
    published: Simulated
    draft: Simulated | None


def simulate(app: App, tx: Session, deal: LostDeal, *, today: date, connection: str | None = None) -> Simulation:
    """What is in force, and the drafts, over one deal. Dates are those before they are spread over a rep's days."""
    base = app.rules(tx)
    drafted = Rules(
        mapping_set=mapping_set_of(open_draft(tx, Kind.MAPPINGS).text),
        policy=policy_of(open_draft(tx, Kind.POLICY).text),
    )
    published, draft = (_simulated(rules, deal, today, connection) for rules in (base, drafted))
    return Simulation(deal=deal, today=today, published=published, draft=None if _agree(published, draft) else draft)


@dataclass(frozen=True, slots=True)
class Found:
    """A stored lost deal that a search found."""

    id: int
    name: str
    account: str
    lost_on: date
    category: str
    sub_reason: str | None


def find_lost_deals(tx: Session, words: str, *, limit: int) -> list[Found]:
    """Some lost deals in whose or whose account's name every word stands. Stops at `limit`, so none is sorted."""
    matching = [
        or_(DealRow.name.icontains(word, autoescape=True), DealRow.account_name.icontains(word, autoescape=True))
        for word in words.split()[:8]
    ]
    query = (
        select(
            DealRow.id,
            DealRow.name,
            DealRow.account_name,
            EpisodeRow.lost_on,
            ClassificationRow.category,
            ClassificationRow.sub_reason,
        )
        .join(EpisodeRow, (EpisodeRow.deal_id == DealRow.id) & EpisodeRow.ended_as.is_(None))
        .join(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id)
        .where(DealRow.state == "lost", *matching)
        .limit(limit)
    )
    return [Found(*row) for row in tx.execute(query)]


def stored_deal(tx: Session, deal_row_id: int) -> tuple[LostDeal, ConnectionRow] | None:
    """A stored deal with its connection, or None."""
    row = tx.get(DealRow, deal_row_id)
    if row is None or not row.record:
        return None
    return from_record(row.record, LostDeal), tx.get_one(ConnectionRow, row.connection_id)


def typed_deal(
    *,
    reason: str,
    notes: str,
    lost_on: date,
    account: str = "",
    country: str | None = None,
    industry: str | None = None,
    competitor: str | None = None,
    contract_end: date | None = None,
    fiscal_year_start_month: int | None = None,
    public_sector: bool | None = None,
) -> LostDeal:
    """A deal that exists nowhere."""
    return LostDeal(
        key=DealKey("simulator", "typed"),
        name=account,
        lost_on=lost_on,
        account=Account(
            name=account,
            country=country,
            industry=industry,
            public_sector=public_sector,
            fiscal_year_start_month=fiscal_year_start_month,
        ),
        stated_reasons=(StatedReason(field="reason", value=reason),) if reason.strip() else (),
        notes=(Note(field="notes", text=notes),) if notes.strip() else (),
        competitor=competitor,
        contract_end=contract_end,
    )


def _simulated(rules: Rules, deal: LostDeal, today: date, connection: str | None) -> Simulated:
    found, plan = rules.apply(deal, today, connection)
    tasks = (compose_task(deal, found, plan, step, rules.policy, deal_url="") for step in plan.steps)
    others = (*plan.dropped, *left_out(deal, found, rules.policy, today))
    return Simulated(classification=found, plan=plan, tasks=tuple(tasks), left_out=others)


def _agree(one: Simulated, other: Simulated) -> bool:
    return _told(one) == _told(other)


def _told(one: Simulated) -> Mapping[str, object]:
    verdict, plan = one.classification.underlying, one.plan
    return {
        "verdict": (verdict.category, verdict.sub_reason, verdict.finality, one.classification.needs_review),
        "plan": (plan.steps, plan.later, one.left_out, plan.why_none),
        "tasks": one.tasks,
    }
