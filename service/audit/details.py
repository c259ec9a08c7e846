"""What stands beside the audit's counts: how losses move, whose they are, and how the follow-ups stand."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from service.audit import breakdown, follow_ups, trend
from service.audit.lens import Lens


def audit_details(tx: Session, lens: Lens, today: date) -> dict[str, Any]:
    """Each by its name; the values are those of the modules that count them."""
    refusals = trend.refusals(tx, lens)
    return {
        "before": sum(trend.refusals(tx, lens.before).values()),
        "refusals": sum(refusals.values()),
        "pareto": trend.pareto(tx, lens),
        "owners": breakdown.by_owner(tx, lens),
        "competitors": breakdown.by_competitor(tx, lens),
        "industries": breakdown.by_industry(tx, lens),
        "countries": breakdown.by_country(tx, lens),
        "amounts": breakdown.by_amount(tx, lens),
        "standing": follow_ups.standing(tx, lens, today),
        "deadlines": follow_ups.near_deadlines(tx, lens, today),
        "health": follow_ups.step_health(tx, lens),
        "unknown": follow_ups.without_plan(tx, lens),
    }
