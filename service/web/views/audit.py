"""The audit: why deals are lost, what moved, what is due, what came back."""

from __future__ import annotations

import csv
import io

from flask import Blueprint, Response, g, render_template
from werkzeug.wrappers import Response as BaseResponse

from service.audit import breakdown, follow_ups, trend
from service.audit.findings import MINIMUM
from service.audit.report import audit as audit_losses
from service.audit.suggestions import suggestions
from service.people.roles import Right
from service.store.connections import all_connections
from service.web import charts, present
from service.web.filters import SPANS, chosen, lens_of_request, link, today
from service.web.who import product, requires

ORDER = (
    "competitor", "budget", "timing", "need", "value_perception", "authority", "no_decision", "unresponsive",
    "not_a_rejection", "unknown",
)  # fmt: skip
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/", "audit", audit)
    site.add_url_rule("/audit.csv", "audit_csv", audit_csv)


@requires(Right.SEE_ALL, Right.SEE_OWN)
def audit() -> str | BaseResponse:
    """The one page a manager reads."""
    lens = lens_of_request()
    day = today()
    with product().store.read() as tx:
        found = audit_losses(tx, lens)
        weeks = trend.weeks(tx, lens)
        refusals = trend.refusals(tx, lens)
        content = {
            "audit": found,
            "minimum": MINIMUM,
            "step_advice": suggestions(tx)["often_deleted"],
            "before": sum(trend.refusals(tx, lens.before).values()),
            "refusals": sum(refusals.values()),
            "pareto": trend.pareto(refusals),
            "owners": breakdown.by_owner(tx, lens),
            "competitors": breakdown.by_competitor(tx, lens),
            "industries": breakdown.by_industry(tx, lens),
            "countries": breakdown.by_country(tx, lens),
            "amounts": breakdown.by_amount(tx, lens),
            "standing": follow_ups.standing(tx, lens, day),
            "deadlines": follow_ups.near_deadlines(tx, lens, day),
            "health": follow_ups.step_health(tx, lens),
            "unknown": follow_ups.without_plan(tx, lens),
            "connections": all_connections(tx),
        }
    shown = [(g.reader.weekday(week.monday), week.counts) for week in weeks]
    chart = charts.stacked_weeks(shown, ORDER, title="Deals lost by week and category")
    names = [name for name in ORDER if any(week.counts.get(name) for week in weeks)]
    return render_template(
        "audit.html",
        **content,
        lens=lens,
        chart=chart,
        legend=[(name, present.CATEGORY_NAMES[name]) for name in names],
        spans=SPANS,
        link=link,
        chosen=chosen(),
    )


@requires(Right.SEE_ALL, Right.SEE_OWN)
def audit_csv() -> BaseResponse:
    """Categories and sub-reasons of the period, for a spreadsheet; no cell of it can be a formula."""
    with product().store.read() as tx:
        found = audit_losses(tx, lens_of_request())
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("category", "sub_reason", "deals", "amount"))
    for row in found["by_category"]:
        writer.writerow([formula_safe(row[name]) for name in ("category", "sub_reason", "deals", "amount")])
    headers = {"Content-Disposition": "attachment; filename=audit.csv"}
    return Response("\ufeff" + text.getvalue(), mimetype="text/csv", headers=headers)


def formula_safe(value: object) -> object:
    """A cell no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
