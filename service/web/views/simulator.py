"""The simulator: one deal, stored or typed, on a timeline with its why, in force and in the draft."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request

from mappings.model import LostDeal
from service.errors import UsageFault
from service.mapping_sets.kinds import Kind
from service.mapping_sets.simulate import Found, Simulation, find_lost_deals, simulate, stored_deal, typed_deal
from service.people.roles import Right
from service.web.charts import timeline
from service.web.editing import summary_of
from service.web.filters import today
from service.web.who import product, requires

LONGEST = 20_000
MOST_FOUND = 8
TYPED = ("reason", "notes", "lost_on", "country", "industry", "competitor", "contract_end", "month", "public")


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/timing/simulator", "timing_simulator", simulator)


@requires(Right.EDIT_MAPPINGS)
def simulator() -> str:
    """A deal's plan, under what is in force and under the drafts."""
    app, words = product(), request.args.get("q", "").strip()[:200]
    found: list[Found] = []
    result: Simulation | None = None
    fault = ""
    with app.reading() as tx:
        summary = summary_of(tx, Kind.POLICY)
        if words:
            found = find_lost_deals(tx, words, limit=MOST_FOUND)
        row_id = request.args.get("deal", type=int)
        stored = stored_deal(tx, row_id) if row_id and row_id < 2**31 else None
        try:
            if stored is not None:
                deal, connection = stored
                result = simulate(app, tx, deal, today=app.today(connection), connection=connection.name)
            elif (typed := _typed()) is not None:
                result = simulate(app, tx, typed, today=today())
        except UsageFault as wrong:
            fault = str(wrong)
    shown = [("in force", result.published)] if result else []
    if result and result.draft:
        shown.append(("in the draft", result.draft))
    return render_template(
        "simulator.html",
        summary=summary,
        kind=Kind.POLICY,
        words=words,
        found=found,
        result=result,
        shown=[
            (name, one, timeline(result.deal.lost_on, result.today, one.plan.steps) if result else "")
            for name, one in shown
        ],
        fault=fault,
        typed={name: request.args.get(name, "") for name in TYPED},
        row_id=row_id if stored else None,
    )


def _typed() -> LostDeal | None:
    """The deal of the form; None where nothing was typed."""
    given = {name: request.args.get(name, "").strip()[:LONGEST] for name in TYPED}
    if not given["reason"] and not given["notes"]:
        return None
    month = given["month"]
    return typed_deal(
        reason=given["reason"][:1000],
        notes=given["notes"],
        lost_on=min(_day(given["lost_on"]) or today(), today()),
        account="Your deal",
        country=given["country"].upper()[:2] or None,
        industry=given["industry"] or None,
        competitor=given["competitor"] or None,
        contract_end=_day(given["contract_end"]),
        fiscal_year_start_month=int(month) if month.isdecimal() and 1 <= int(month) <= 12 else None,
        public_sector=True if given["public"] else None,
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise UsageFault(f"“{text}” is no day.", remedy="Write it as 2026-11-23.") from error
    if not 1990 <= found.year <= 2100:
        raise UsageFault(f"{text} is too far away.", remedy="Choose a day between 1990 and 2100.")
    return found
