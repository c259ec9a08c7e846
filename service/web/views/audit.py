"""The audit: why deals are lost, what moved, what is due, what came back."""

from __future__ import annotations

from flask import Blueprint, g, render_template
from werkzeug.wrappers import Response as BaseResponse

from service.audit import trend
from service.audit.details import audit_details
from service.audit.export import audit_csv as audit_export
from service.audit.findings import MINIMUM
from service.audit.follow_ups import Week
from service.audit.names import CHARTED_NAMES
from service.audit.report import audit as audit_losses
from service.audit.suggestions import suggestions
from service.people.roles import Right
from service.store.connections import all_connections
from service.web import charts
from service.web.csv_export import csv_answer
from service.web.filters import SPANS, chosen, lens_of_request, link, today
from service.web.who import product, requires

ORDER = (
    "competitor", "budget", "timing", "need", "value_perception", "authority", "no_decision", "unresponsive",
    "not_a_rejection", "unknown",
)  # fmt: skip


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
        content = {
            "audit": found,
            "minimum": MINIMUM,
            "charted_names": CHARTED_NAMES,
            "week": Week(day),
            "step_advice": suggestions(tx)["often_deleted"],
            **audit_details(tx, lens, day),
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
        legend=[(name, CHARTED_NAMES[name]) for name in names],
        spans=SPANS,
        link=link,
        chosen=chosen(),
    )


@requires(Right.SEE_ALL, Right.SEE_OWN)
def audit_csv() -> BaseResponse:
    """Categories and sub-reasons of the period, for a spreadsheet; no cell of it can be a formula."""
    with product().store.read() as tx:
        found = audit_losses(tx, lens_of_request())
    return csv_answer("audit.csv", audit_export(found))
