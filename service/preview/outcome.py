"""What the preview says of one deal, as JSON Lines fix it."""

from __future__ import annotations

from typing import Any

from mappings.model import Classification, Fact, FollowUpPlan, LostDeal, Step
from mappings.values import value_type


@value_type(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One deal with its meaning and its plan."""

    deal: LostDeal
    classification: Classification
    plan: FollowUpPlan


def outcome_json(one: Outcome) -> dict[str, Any]:
    """The object out. Dates are those before spreading over a rep's days."""
    underlying, stated = one.classification.underlying, one.classification.stated
    return {
        "id": one.deal.key.deal_id,
        "category": underlying.category,
        "sub_reason": underlying.sub_reason,
        "secondary": underlying.secondary,
        "confidence": round(underlying.confidence, 3),
        "finality": underlying.finality,
        "needs_review": one.classification.needs_review,
        "alternatives": list(one.classification.alternatives),
        "stated": {"category": stated.category, "sub_reason": stated.sub_reason},
        "facts": [_fact(fact) for fact in one.classification.facts],
        "follow_ups": [_step(step) for step in one.plan.steps],
        "later": [_step(step) for step in one.plan.later],
        "why_none": one.plan.why_none,
        "dropped": list(one.plan.dropped),
        "evidence": [
            {"rule": mark.rule, "text": mark.text, "field": mark.field, "start": mark.start, "end": mark.end}
            for mark in underlying.evidence
        ],
    }


def outcome_line(one: Outcome) -> str:
    """The outcome on one line for people."""
    verdict = one.classification.underlying
    step = one.plan.steps[0] if one.plan.steps else None
    meaning = f"{verdict.category}.{verdict.sub_reason}" if verdict.sub_reason else str(verdict.category)
    return (
        f"{one.deal.key.deal_id}  {meaning}  {step.due_on if step else '-'}  {step.why if step else one.plan.why_none}"
    )


def _fact(fact: Fact) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": fact.kind, "on": fact.on, "text": fact.text, "field": fact.field}
    for name in ("fiscal_year_start_month", "term_months", "notice_days"):
        if (said := getattr(fact, name)) is not None:
            found[name] = said
    return found


def _step(step: Step) -> dict[str, Any]:
    return {
        "due_on": step.due_on,
        "computed_on": step.computed_on,
        "anchor": step.anchor,
        "purpose": step.purpose,
        "provisional": step.provisional,
        "deadline_on": step.deadline_on,
        "merged": list(step.merged),
        "why": step.why,
    }
