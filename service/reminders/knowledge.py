"""What reminders are given from outside: the calendar, and the words of a task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from mappings.contact_law import ContactLaw, contact_law
from mappings.documents.policy import shipped_policy
from mappings.documents.policy_values import Spread, Writing
from mappings.model import Classification, FollowUpPlan, LostDeal, Step
from mappings.task_text import TaskText
from service.reminders.spread import IsWorkingDay


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStory:
    """Everything a task's text rests on. `step` has the day in force and the why with what moved it.

    `waiting` names the other deals of the account whose follow-ups wait for this one; `contact_note` the ways to the
    person that are left, where some are not.
    """

    deal: LostDeal
    classification: Classification
    plan: FollowUpPlan
    step: Step
    waiting: tuple[str, ...]
    deal_url: str
    today: date
    contact_note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """The pure functions that reminders call, and the policy's numbers; the composition root chooses them."""

    compose: Callable[[TaskStory], TaskText]
    is_working_day: IsWorkingDay
    room: Spread = field(default_factory=lambda: shipped_policy().spread)
    writing: Writing = field(default_factory=lambda: shipped_policy().writing)
    law: Callable[[str | None], ContactLaw] = contact_law
