"""A pilot: `go-live --limit N` lets N tasks be written, so only deals that will bring one count against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from mappings.contact_law import ContactLaw
from mappings.model import FollowUpPlan
from service.reminders.consent import Told, opted_out
from service.reminders.desk import Case
from service.reminders.sense import OPTED_OUT, Skip, sense


@dataclass(slots=True, kw_only=True)
class Pilot:
    """The room that is left. `is_backlog` says whether all of a plan's steps are long overdue.

    What brings no task now stays held, with the rest of the book: it must not be written behind the pilot's back.
    """

    room: int
    today: date
    told: Told
    law: Callable[[str | None], ContactLaw]
    replan: Callable[[Case], FollowUpPlan]
    is_backlog: Callable[[Case, FollowUpPlan], bool]
    one_task_per_account: bool
    quiet_days: int
    _accounts: set[str] = field(default_factory=set)

    def rule_against(self, case: Case) -> str | None:
        """The rule that keeps this deal out of the pilot, or None; then it takes one place."""
        if self.room <= 0:
            return "limit"
        rule = self._no_task(case)
        if rule is None:
            self.room -= 1
            self._accounts.add(case.deal.account.id or "")
        return rule

    def _no_task(self, case: Case) -> str | None:
        account_id = case.deal.account.id
        plan = self.replan(case)
        if not plan.steps:
            return "no_follow_up"
        if self.is_backlog(case, plan):
            return "long_overdue"
        if self.one_task_per_account and account_id in self._accounts:
            return "same_account"
        key = case.deal.key.deal_id
        law, lost_on = self.law(case.deal.account.country), case.deal.lost_on
        if opted_out(self.told.consent.get(key), law=law, lost_on=lost_on, today=self.today):
            return OPTED_OUT
        verdict = sense(
            self.told.activity.get(account_id or ""),
            lost_on=case.deal.lost_on,
            own_deal_id=key,
            today=self.today,
            quiet_days=self.quiet_days,
        )
        if verdict is None:
            return None
        return verdict.rule if isinstance(verdict, Skip) else "active_account"
