"""Live examples for task texts: deals that exist nowhere, whose plans have a step of the purpose that is edited."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from mappings.classify import classify
from mappings.compose import compose_task
from mappings.documents.mapping_set import MappingSet
from mappings.documents.policy import Policy
from mappings.documents.policy_values import TaskTemplate
from mappings.model import FollowUpPlan, LostDeal, Purpose, Step
from mappings.plan import plan
from mappings.task_text import TaskText
from service.mapping_sets.simulate import typed_deal

_SAID = {
    "timing": "Not the right time, project moved to a later time",
    "need": "No need",
    "value_perception": "Does not see the return",
    "authority": "The board said no",
    "budget": "Too expensive",
    "competitor": "They build it themselves",
    "unresponsive": "Stopped answering",
    "unresponsive.no_decision": "No decision",
    "stated_date": "Call us back in {month}",
}
_OF_PURPOSE = {
    Purpose.RECONNECT: "Not the right time, project moved to a later time",
    Purpose.POSITION: "Lost to Zendesk",
    Purpose.BUSINESS_CASE: "Lost to Zendesk",
    Purpose.DECIDE: "Lost to Zendesk",
    Purpose.ASK_CONTRACT_END: "Lost to Zendesk",
    Purpose.GET_INTO_PLAN: "No budget",
    Purpose.MONEY_LANDED: "No budget",
    Purpose.LAST_OFFER: "Lost to Zendesk",
    Purpose.ASK_REASON: "Other",
}
_WITH_END = frozenset({Purpose.POSITION, Purpose.BUSINESS_CASE, Purpose.DECIDE})


def example_task(mapping_set: MappingSet, policy: Policy, task: TaskTemplate, *, today: date) -> TaskText | None:
    """What a rep would read, on a deal made up for it; None where the policy makes no such follow-up."""
    deal = _deal(task.purpose, task.when, today)
    found = classify(deal, mapping_set, None)
    made = plan(deal, found, policy, today)
    step = _step(made, task.purpose)
    if step is None:
        return None
    others = (one for one in policy.tasks if one.purpose is not task.purpose)
    saying = replace(policy, tasks=(*others, replace(task, when=None)))
    return compose_task(deal, found, made, step, saying, deal_url="")


def _deal(purpose: Purpose, when: str | None, today: date) -> LostDeal:
    month = (today.replace(day=1) + timedelta(days=200)).strftime("%B %Y")
    said = _SAID.get(when or "", _OF_PURPOSE[purpose]).format(month=month)
    return typed_deal(
        reason=said,
        notes="",
        lost_on=today - timedelta(days=1),
        account="Contoso",
        country="DE",
        contract_end=today + timedelta(days=400) if purpose in _WITH_END else None,
    )


def _step(made: FollowUpPlan, purpose: Purpose) -> Step | None:
    return next((one for one in (*made.steps, *made.later) if one.purpose is purpose), None)
