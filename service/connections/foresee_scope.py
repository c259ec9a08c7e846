"""What another scope would take and leave out of the deals that are stored: by count, before it is saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from service.losses.scope import scope_from
from service.store.scopes import kinds_of_deals


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeForeseen:
    """Lost deals inside then, and left out by rule; how many would come in and go out, with so many tasks in the CRM.

    `needs_reading`: which stages a deal reached is known only after the next complete read.
    """

    inside: int
    left_out: Mapping[str, int]
    entering: int
    leaving: int
    tasks_closed: int
    needs_reading: bool


def foresee_scope(tx: Session, connection_id: int, record: Mapping[str, Any]) -> ScopeForeseen:
    """See ScopeForeseen. `record` is a scope as it is stored."""
    scope = scope_from(record)
    left_out: Counter[str] = Counter()
    inside = entering = leaving = tasks = 0
    for kind in kinds_of_deals(tx, connection_id, least=scope.min_amount):
        attributes = {"record_type": kind.record_type, "pipeline": kind.pipeline, "type": kind.deal_type}
        rule = scope.rule_for(attributes, is_enough=kind.is_enough)
        if rule is None:
            inside += kind.deals
            entering += 0 if kind.is_inside else kind.deals
        else:
            left_out[rule] += kind.deals
            leaving += kind.deals if kind.is_inside else 0
            tasks += kind.tasks if kind.is_inside else 0
    return ScopeForeseen(
        inside=inside,
        left_out=dict(left_out),
        entering=entering,
        leaving=leaving,
        tasks_closed=tasks,
        needs_reading=scope.reached_stage is not None,
    )
