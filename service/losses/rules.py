"""The two middle arrows of the line, under the published documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mappings.classify import classify, read_ahead
from mappings.compose import compose_task
from mappings.documents.mapping_set import MappingSet
from mappings.documents.policy import Policy
from mappings.model import Classification, FollowUpPlan, LostDeal
from mappings.plan import plan, working_day_check
from mappings.task_text import TaskText
from service.reminders.knowledge import Knowledge, TaskStory

_TOGETHER = 250  # deals a step is done for at once: far fewer than the readings that are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The published documents that decide what losses mean, and when to come back."""

    mapping_set: MappingSet
    policy: Policy

    def apply(self, deal: LostDeal, today: date, connection: str | None = None) -> tuple[Classification, FollowUpPlan]:
        """What the loss means, and the follow-ups that come of it. Some rules are for one connection, by its name."""
        classification = classify(deal, self.mapping_set, connection)
        return classification, plan(deal, classification, self.policy, today)

    def apply_all(
        self, deals: Sequence[tuple[LostDeal, date]], connection: str | None = None
    ) -> list[tuple[Classification, FollowUpPlan]]:
        """As `apply` for each deal and its day, step by step: what one step needs stays in the processor's cache."""
        meanings: list[tuple[Classification, FollowUpPlan]] = []
        for start in range(0, len(deals), _TOGETHER):
            some = deals[start : start + _TOGETHER]
            read_ahead([deal for deal, _ in some])
            classified = [(deal, classify(deal, self.mapping_set, connection), today) for deal, today in some]
            meanings += [(found, plan(deal, found, self.policy, today)) for deal, found, today in classified]
        return meanings

    def replan(self, deal: LostDeal, classification: Classification, today: date) -> FollowUpPlan:
        """The follow-ups of a loss whose meaning stands."""
        return plan(deal, classification, self.policy, today)

    @property
    def knowledge(self) -> Knowledge:
        """What reminders need of the policy: its calendar, its words and its numbers."""
        return Knowledge(
            compose=self._compose,
            is_working_day=working_day_check(self.policy),
            room=self.policy.spread,
            writing=self.policy.writing,
        )

    def _compose(self, story: TaskStory) -> TaskText:
        return compose_task(
            story.deal,
            story.classification,
            story.plan,
            story.step,
            self.policy,
            deal_url=story.deal_url,
            other_waiting=story.waiting,
        )
