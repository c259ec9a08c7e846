"""What a whole export comes to: reasons before and after, the next follow-ups, deadlines missed, tasks by owner."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from mappings.documents.policy import Policy
from mappings.model import FactKind, Money, Step
from mappings.timing.known import contract_end, gather, notice_days
from service.preview.outcome import Outcome

NEXT = 10
UNSTATED = "(no reason)"


@dataclass(slots=True)
class Summary:
    """Counted as the deals pass by; memory grows with the distinct reasons, owners and months, not with the deals."""

    deals: int = 0
    errors: int = 0
    needs_review: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[tuple[str, str]] = field(default_factory=Counter)
    becomes: dict[str, Counter[str]] = field(default_factory=dict)
    no_plan: Counter[str] = field(default_factory=Counter)
    tasks: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: int = 0
    missed_amounts: dict[str, Decimal] = field(default_factory=dict)
    _next: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)

    def add(self, one: Outcome, policy: Policy, today: date) -> None:
        """Count one deal."""
        self.deals += 1
        self.needs_review += one.classification.needs_review
        verdict = one.classification.underlying
        stated = "; ".join(reason.words for reason in one.deal.stated_reasons)[:80] or UNSTATED
        self.before[stated] += 1
        self.after[verdict.category, verdict.sub_reason or ""] += 1
        self.becomes.setdefault(stated, Counter())[verdict.category] += 1
        self._add_steps(one)
        self._add_missed(one, policy, today)

    def merge(self, behind: Summary) -> None:
        """Count the deals of another summary, which stand behind those of this one."""
        for steps_on, number, row in behind._next:
            self._keep_next((steps_on, number - self.deals, row))
        for count in ("deals", "errors", "needs_review", "missed"):
            setattr(self, count, getattr(self, count) + getattr(behind, count))
        for counter in ("before", "after", "no_plan", "tasks"):
            getattr(self, counter).update(getattr(behind, counter))
        for stated, becomes in behind.becomes.items():
            self.becomes.setdefault(stated, Counter()).update(becomes)
        for currency, amount in behind.missed_amounts.items():
            self.missed_amounts[currency] = self.missed_amounts.get(currency, Decimal(0)) + amount

    def as_json(self) -> dict[str, Any]:
        """The summary as one object."""
        return {
            "deals": self.deals,
            "errors": self.errors,
            "needs_review": self.needs_review,
            "reasons_before": [
                {"reason": reason, "deals": count, "becomes": dict(self.becomes[reason].most_common())}
                for reason, count in self.before.most_common(15)
            ],
            "distinct_reasons": len(self.before),
            "reasons_after": [
                {"category": category, "sub_reason": sub_reason, "deals": count}
                for (category, sub_reason), count in self.after.most_common()
            ],
            "next_follow_ups": self.next_follow_ups,
            "deadlines_missed": {
                "deals": self.missed,
                "amounts": {k: float(v) for k, v in self.missed_amounts.items()},
            },
            "no_plan": dict(self.no_plan.most_common()),
            "tasks": [
                {"owner": owner, "month": month, "tasks": count} for (owner, month), count in sorted(self.tasks.items())
            ],
        }

    @property
    def next_follow_ups(self) -> list[dict[str, Any]]:
        """The earliest steps of all, the first due first."""
        return [row for _, _, row in sorted(self._next, key=lambda entry: (-entry[0], -entry[1]))]

    def _add_steps(self, one: Outcome) -> None:
        if one.plan.why_none and not one.plan.steps:
            self.no_plan[_without_name(one.plan.why_none, one.deal.account.name)] += 1
        for step in one.plan.steps:
            self.tasks[one.deal.owner_id or "(no owner)", step.due_on.isoformat()[:7]] += 1
            place = -step.due_on.toordinal(), -self.deals
            if len(self._next) < NEXT or place > self._next[0][:2]:
                self._keep_next((*place, _row(one, step)))

    def _keep_next(self, entry: tuple[int, int, dict[str, Any]]) -> None:
        """Among the first ones due, if it belongs there; of one day the deal that came first."""
        if len(self._next) < NEXT:
            heapq.heappush(self._next, entry)
        elif entry[:2] > self._next[0][:2]:
            heapq.heapreplace(self._next, entry)

    def _add_missed(self, one: Outcome, policy: Policy, today: date) -> None:
        """A stated contract end whose last day for notice fell after the loss and is past now: nobody was there."""
        if not any(fact.kind is FactKind.CONTRACT_END and fact.on for fact in one.classification.facts):
            return
        known = gather(one.deal, one.classification, policy, today)
        end = contract_end(known)
        if end is None:
            return
        last_day = end.on.toordinal() - notice_days(known)
        if one.deal.lost_on.toordinal() <= last_day < today.toordinal():
            self.missed += 1
            self._add_amount(one.deal.amount)

    def _add_amount(self, money: Money | None) -> None:
        if money is not None:
            currency = money.currency or ""
            self.missed_amounts[currency] = self.missed_amounts.get(currency, Decimal(0)) + money.amount


def _row(one: Outcome, step: Step) -> dict[str, Any]:
    return {
        "id": one.deal.key.deal_id,
        "account": one.deal.account.name or one.deal.name,
        "due_on": step.due_on,
        "why": step.why,
    }


def _without_name(why: str, account: str) -> str:
    """The reason alone, so that deals without a plan count together."""
    return why.replace(f"{account}: ", "", 1) if account else why
