"""Classification -> FollowUpPlan: when to come back to a lost deal, and why on that day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from mappings.calendars import business_days
from mappings.documents.policy import Policy
from mappings.model import Account, Classification, FollowUpPlan, LostDeal, Step, Verdict
from mappings.taxonomy import Category, Finality
from mappings.timing.known import Known, contract_end, gather, notice_days
from mappings.timing.left_out import left_out as alternatives
from mappings.timing.rules import drafts_of
from mappings.timing.settle import settle


def plan(deal: LostDeal, classification: Classification, policy: Policy, today: date) -> FollowUpPlan:
    """The follow-ups of one loss, as the policy says, for somebody who asks `today`.

    A plan knows no other deals: room in a rep's day is found later. Equal arguments give equal plans.
    """
    if why_none := _final_no(deal, classification.underlying):
        return FollowUpPlan(why_none=why_none, made_on=today, policy_version=policy.version)
    known = gather(deal, classification, policy, today)
    steps, later, dropped = settle(known, drafts_of(known))
    return FollowUpPlan(
        steps=tuple(steps),
        later=tuple(later),
        why_none=None if steps else _nothing_to_do(known, later, dropped),
        dropped=tuple(dropped),
        made_on=today,
        policy_version=policy.version,
    )


def left_out(deal: LostDeal, classification: Classification, policy: Policy, today: date) -> tuple[str, ...]:
    """What `plan` looked at and left out beside its `dropped`: steps too early to take, rules that others go before."""
    if _final_no(deal, classification.underlying):
        return ()
    return alternatives(gather(deal, classification, policy, today))


def missed_deadline(deal: LostDeal, classification: Classification, policy: Policy, today: date) -> date | None:
    """The last useful day of the contract end they stated, if it has passed since the loss, else None."""
    known = gather(deal, classification, policy, today)
    end = contract_end(known)
    if end is None:
        return None
    deadline = end.on - timedelta(notice_days(known))
    return deadline if known.lost_on <= deadline < today else None


def working_day_check(policy: Policy) -> Callable[[date, Account], bool]:
    """Whether a person can act on a day in an account's country: no weekend, no holiday, no blackout."""
    return lambda day, account: business_days(account.country, policy.blackout).is_fit(day)


def _final_no(deal: LostDeal, verdict: Verdict) -> str | None:
    """Rule 1: who is never to be come back to, and why."""
    if deal.do_not_contact:
        return "They asked not to be contacted."
    if verdict.sub_reason == "company_closed" and verdict.category is Category.NEED:
        return "The company closed; there is nobody to come back to."
    if verdict.finality is Finality.NEVER:
        return "They gave a definitive no."
    if verdict.category is Category.NOT_A_REJECTION:
        return "The record is not a refusal by a prospect, so there is nothing to come back to."
    return None


def _nothing_to_do(known: Known, later: list[Step], dropped: list[str]) -> str:
    if later:
        return f"The first follow-up lies more than {known.timing.horizon_months} months ahead."
    if dropped:
        return " ".join(dropped)
    if known.category is Category.UNKNOWN:
        return (
            f"No reason is known, and the loss is more than {known.timing.ask_reason_within_days} days old: "
            "too late to ask for it."
        )
    if known.in_review:
        return "What the loss means is not sure enough to act on, and no date was stated; a person has to look at it."
    return "The policy has no follow-up for such a loss."
