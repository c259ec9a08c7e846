"""What a week's review says: the week itself, thirteen weeks beside it, and how the follow-ups stand. Plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func
from sqlalchemy.orm import Session

from service.audit import follow_ups, trend
from service.audit.lens import Lens, iso_week, last_weeks
from service.audit.report import audit
from service.audit.suggestions import suggestions
from service.reviews.lines import eight_lines

KEPT_DEADLINES, KEPT_WINS = 50, 50


def compose(tx: Session, week: str, *, today: date) -> dict[str, Any]:
    """The review of a week, as it stands today. Raises UsageFault for what is no week."""
    period = iso_week(week)
    lens, quarter = Lens(period=period), Lens(period=last_weeks(period.end))
    found, context = audit(tx, lens), audit(tx, quarter)
    deadlines = follow_ups.near_deadlines(tx, quarter, today, limit=KEPT_DEADLINES)
    health = follow_ups.step_health(tx, quarter)
    content = {
        "week": week,
        "from": period.start,
        "to": period.end,
        "as_of": today,
        "lost": found["lost"],
        "lost_before": tx.scalar(lens.before.losses(func.count())) or 0,
        "amount": found["amount"],
        "by_category": _charted(found["by_category"]),
        "weeks": [{"monday": one.monday, "counts": dict(one.counts)} for one in trend.weeks(tx, quarter)],
        "quarter": {
            "from": quarter.period.start,
            "lost": context["lost"],
            "by_category": _charted(context["by_category"]),
            "findings": context["findings"],
            "moves": context["moves"],
            "stated_vs_underlying": [
                one for one in context["stated_vs_underlying"] if one["stated"] != one["underlying"]
            ][:10],
        },
        "won_back": found["won_back"][:KEPT_WINS],
        "deadlines": deadlines,
        "standing": follow_ups.standing(tx, quarter, today),
        "unknown": follow_ups.without_plan(tx, quarter),
        "unwanted": [one for one in health if one.is_unwanted],
        "step_advice": suggestions(tx)["often_deleted"],
    }
    plain: dict[str, Any] = as_plain(content)
    return {**plain, "lines": list(eight_lines(plain))}


def as_plain(value: Any) -> Any:
    """Values that JSON keeps as they are: days as YYYY-MM-DD, amounts as text."""
    if is_dataclass(value) and not isinstance(value, type):
        return as_plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(name): as_plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _charted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By category, the largest first; `no_decision` apart from the other silences."""
    counts: dict[str, int] = {}
    for row in rows:
        name = trend.charted(row["category"], row["sub_reason"])
        counts[name] = counts.get(name, 0) + row["deals"]
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"category": name, "deals": deals} for name, deals in ranked]
