"""The two middle arrows of the line, under the published documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from mappings.classify import classify, read_ahead
from mappings.compose import compose_task
from mappings.contact_law import contact_law
from mappings.documents.mapping_set import MappingSet
from mappings.documents.policy import Policy
from mappings.model import Classification, FollowUpPlan, LostDeal
from mappings.plan import plan, working_day_check
from mappings.task_text import TaskText
from service.reminders.knowledge import Knowledge, TaskStory

_TOGETHER = 128  # deals: the more of them, the more of what was read for the first has left the processor's cache


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
        self, deals: Iterable[tuple[LostDeal, date]], connection: str | None = None
    ) -> Iterator[tuple[Classification, FollowUpPlan]]:
        """As `apply` for each deal and its day, but the notes of some deals are read together."""
        rest = iter(deals)
        while some := list(islice(rest, _TOGETHER)):
            read_ahead([deal for deal, _ in some])
            for deal, today in some:
                yield self.apply(deal, today, connection)

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
            law=lambda country: contact_law(country, self.policy.contact_laws),
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
            contact_note=story.contact_note,
        )
