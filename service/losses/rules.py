"""The two middle arrows of the line, under the published documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mappings.classify import classify
from mappings.documents.mapping_set import MappingSet
from mappings.documents.policy import Policy
from mappings.plan import plan

from mappings.model import Classification, FollowUpPlan, LostDeal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The published documents that decide what losses mean, and when to come back."""

    mapping_set: MappingSet
    policy: Policy

    def apply(self, deal: LostDeal, today: date) -> tuple[Classification, FollowUpPlan]:
        """What the loss means, and the follow-ups that come of it."""
        classification = classify(deal, self.mapping_set)
        return classification, plan(deal, classification, self.policy, today)
