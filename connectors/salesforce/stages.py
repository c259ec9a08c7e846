"""Stages of deals, and what their history tells: when a deal that is lost now was last not lost. Pure.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_opportunityhistory.htm
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from connectors.base import Stage
from connectors.salesforce.ids import long_id
from connectors.salesforce.values import Record, as_bool, as_instant, as_text

STAGE_FIELDS = ("ApiName", "MasterLabel", "IsClosed", "IsWon")
HISTORY_FIELDS = ("OpportunityId", "StageName", "CreatedDate")


def stage_of(row: Record) -> Stage:
    """A stage of the org's list."""
    label = as_text(row.get("MasterLabel")) or ""
    is_won = as_bool(row.get("IsWon"))
    return Stage(
        id=as_text(row.get("ApiName")) or label,
        label=label,
        is_lost=as_bool(row.get("IsClosed")) and not is_won,
        is_won=is_won,
    )


def only_lost_stage(stages: Sequence[Stage]) -> str | None:
    """The one lost stage, inactive ones counted too: a deal that enters it anew was not lost just before."""
    lost = {stage.id for stage in stages if stage.is_lost}
    return lost.pop() if len(lost) == 1 else None


def open_until(rows: Iterable[Record], stages: Sequence[Stage]) -> dict[str, datetime]:
    """By deal, when its history last shows it leaving a stage that is not lost. `rows` are oldest first."""
    others = {stage.id for stage in stages if not stage.is_lost}
    left: dict[str, datetime] = {}
    was_open: dict[str, bool] = defaultdict(bool)
    for row in rows:
        deal_id, entered = long_id(as_text(row.get("OpportunityId")) or ""), as_instant(row.get("CreatedDate"))
        if was_open[deal_id] and entered is not None:
            left[deal_id] = entered
        was_open[deal_id] = row.get("StageName") in others
    return left
