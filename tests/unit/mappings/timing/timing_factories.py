"""Lost deals, what they were taken to mean, and plans made of them, for tests about when to come back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from mappings.documents.policy import Policy, parse_policy, shipped_policy
from mappings.model import (
    Account,
    Classification,
    DealKey,
    Fact,
    FactKind,
    FollowUpPlan,
    LostDeal,
    Money,
    Note,
    Step,
    Verdict,
)
from mappings.plan import plan
from mappings.taxonomy import Category, Finality

ACCOUNT_FIELDS = ("country", "region", "industry", "public_sector", "fiscal_year_start_month")


def day(iso: str) -> date:
    return date.fromisoformat(iso)


def lost_deal(lost_on: str = "2026-10-02", *, account: str = "Contoso", **fields: Any) -> LostDeal:
    """A deal lost on a day; account fields are given by their own names, dates as ISO text."""
    of_account = {name: fields.pop(name) for name in ACCOUNT_FIELDS if name in fields}
    for name in ("contract_end", "stated_follow_up"):
        if isinstance(fields.get(name), str):
            fields[name] = day(fields[name])
    if isinstance(note := fields.pop("note", None), str):
        fields["notes"] = (Note(field="notes", text=note),)
    if isinstance(amount := fields.pop("amount", None), int):
        fields["amount"] = Money(amount=Decimal(amount), currency="EUR")
    return LostDeal(
        key=DealKey("00D000000000001", "006000000000001"),
        name="A deal",
        lost_on=day(lost_on),
        account=Account(id="001", name=account, **of_account),
        **fields,
    )


def meant(
    category: str,
    *facts: Fact,
    finality: Finality = Finality.OPEN,
    needs_review: bool = False,
    stated: str | None = None,
) -> Classification:
    """What a loss was taken to mean: `budget`, or `budget.frozen`."""
    underlying = _verdict(category, finality)
    return Classification(
        stated=_verdict(stated, finality) if stated else underlying,
        underlying=underlying,
        facts=facts,
        needs_review=needs_review,
    )


def _verdict(words: str, finality: Finality) -> Verdict:
    category, _, sub_reason = words.partition(".")
    return Verdict(category=Category(category), sub_reason=sub_reason or None, confidence=0.9, finality=finality)


def revisit(on: str | None, text: str = "") -> Fact:
    return Fact(kind=FactKind.REVISIT, on=day(on) if on else None, text=text)


def contract_end(on: str | None, **said: Any) -> Fact:
    return Fact(kind=FactKind.CONTRACT_END, on=day(on) if on else None, **said)


def budget_cycle(on: str | None = None, **said: Any) -> Fact:
    return Fact(kind=FactKind.BUDGET_CYCLE, on=day(on) if on else None, **said)


def planned(
    deal: LostDeal, classification: Classification, today: str, *, policy: Policy | str | None = None
) -> FollowUpPlan:
    """The plan by the shipped policy, or by one with the given changes."""
    chosen = parse_policy(policy) if isinstance(policy, str) else policy or shipped_policy()
    return plan(deal, classification, chosen, day(today))


def computed(made: FollowUpPlan) -> list[tuple[str, str]]:
    """Purpose and computed day of each step."""
    return [(step.purpose.value, step.computed_on.isoformat()) for step in made.steps]


def due(made: FollowUpPlan) -> list[tuple[str, str]]:
    """Purpose and due day of each step."""
    return [(step.purpose.value, step.due_on.isoformat()) for step in made.steps]


def only(made: FollowUpPlan) -> Step:
    """The plan's one step."""
    (step,) = made.steps
    return step
