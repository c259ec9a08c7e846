"""Lost deals: the list, as a table too, and what several of them mean, said at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from service import debriefs
from service.audit.export import table_parts
from service.audit.follow_ups import no_plan
from service.bootstrap import App
from service.deeds.deals import decide_many
from service.errors import UsageFault
from service.people.roles import Right
from service.store.deals import has_deals
from service.store.models import ClassificationRow
from service.store.queue_pages import colleagues
from service.store.stated_values import stating_value, words_of_value
from service.store.stories import PAGE, deal_lines
from service.web.csv_export import csv_answer
from service.web.filters import chosen, is_nobody, lens_of_request, link
from service.web.views.deal import meaning_typed, refuse_strangers
from service.web.who import person, product, requires

EXPORTED_AT_ONCE = 1000
SPAN_NAMES = {"4w": "4 weeks", "13w": "13 weeks", "26w": "6 months", "52w": "a year", "156w": "3 years"}
EXPORTED = (
    "connection", "account", "name", "owner", "amount", "currency", "state", "lost_on", "category", "sub_reason",
    "needs_review", "next_on",
)  # fmt: skip


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/deals", "deals", deals)
    site.add_url_rule("/deals.csv", "deals_csv", deals_csv)
    site.add_url_rule("/deals/assign", "deals_assign", assign, methods=["POST"])


@requires(Right.SEE_ALL, Right.SEE_OWN)
def deals() -> str | BaseResponse:
    """The deals that the filters leave; all of them where no period is given."""
    words, page = request.args.get("q", ""), max(1, request.args.get("page", 1, type=int))
    app = product()
    with app.reading() as tx:
        meanings = debriefs.sub_reasons_of(app, tx)
    with app.store.read() as tx:
        lines, total = deal_lines(tx, _conditions(tx), words=words, page=page)
        stated = _stated_words(tx)
        is_read = bool(lines) or has_deals(tx)
        people = {one.owner_id: one.name or one.email for one in colleagues(tx)} if person().may(Right.SEE_ALL) else {}
    return render_template(
        "deals.html",
        meanings=meanings,
        lines=lines,
        total=total,
        page=page,
        pages=-(-total // PAGE),
        link=link,
        chosen=chosen(),
        words=words,
        is_read=is_read,
        is_nobody=is_nobody(),
        people=people,
        spans=SPAN_NAMES,
        stated=stated,
    )


@requires(Right.SEE_ALL, Right.SEE_OWN)
def deals_csv() -> Response:
    """The deals that the filters leave, for a spreadsheet: all of them, sent as they are read."""
    with product().store.read() as tx:
        conditions = _conditions(tx)
    pages = _pages(product(), conditions, request.args.get("q", ""))
    return csv_answer("deals.csv", table_parts(EXPORTED, pages))


def _pages(app: App, conditions: list[ColumnElement[bool]], words: str) -> Iterator[Iterator[tuple[object, ...]]]:
    """The lines, a thousand at a time: nobody's reading keeps the database for longer than that takes."""
    after = (date.max, 0)
    while True:
        with app.store.read() as tx:
            lines, _ = deal_lines(tx, conditions, words=words, size=EXPORTED_AT_ONCE, after=after)
        yield (tuple(getattr(line, name) for name in EXPORTED) for line in lines)
        if len(lines) < EXPORTED_AT_ONCE:
            return
        after = lines[-1].lost_on, lines[-1].id


def _conditions(tx: Session) -> list[ColumnElement[bool]]:
    lens = lens_of_request()
    conditions = lens.conditions()
    if "from" in request.args or "span" in request.args:
        conditions.append(lens.in_period())
    if request.args.get("review"):
        conditions.append(ClassificationRow.needs_review.is_(True))
    if request.args.get("plan") == "none":
        conditions.append(no_plan())
    if category := request.args.get("not_category"):
        conditions.append(ClassificationRow.category != category)
    if value := _stated_value():
        conditions.append(stating_value(tx, *value))
    return conditions


def _stated_value() -> tuple[int, int] | None:
    """The connection and the key of a stated reason, as the page of the reasons links to its deals."""
    connection, value = request.args.get("connection_id", type=int), request.args.get("stated", type=int)
    return (connection, value) if connection and value is not None and abs(value) < 2**63 else None


def _stated_words(tx: Session) -> str:
    value = _stated_value()
    return "; ".join(words for _, words in words_of_value(tx, *value)) if value else ""


@requires(Right.WORK_ALL, Right.WORK_OWN)
def assign() -> BaseResponse:
    """Say what several losses mean, with one reason for all; those that cannot be are named."""
    chosen = [int(text) for text in request.form.getlist("id") if text.isdecimal() and len(text) < 10][:PAGE]
    if not chosen:
        raise UsageFault("No deal was chosen.", remedy="Tick the ones you mean, then use the button.")
    category, sub_reason = meaning_typed()
    for deal_row_id in chosen:
        refuse_strangers(deal_row_id)
    why, me = request.form.get("why", ""), person().email
    done, faults = decide_many(product(), chosen, category=category, sub_reason=sub_reason, why=why, who=me)
    if not done:
        raise UsageFault(faults[0], remedy="Nothing was changed.")
    flash(f"{done} decided; their follow-ups are planned anew.")
    for says in faults:
        flash(f"Not done: {says}")
    back = request.form.get("back", "")
    return redirect(back if back.startswith("/deals?") else url_for("site.deals"), code=303)
