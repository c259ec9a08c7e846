"""What reminders are made of: an episode with its meaning and its plan."""

from __future__ import annotations

from dataclasses import dataclass

from mappings.model import Classification, FollowUpPlan, LostDeal


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An episode with the plan just made of it."""

    deal_row_id: int
    episode_id: int
    episode: int
    deal: LostDeal
    classification: Classification
    plan: FollowUpPlan
