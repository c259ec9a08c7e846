"""The weekly reviews: each as it was made, those there are, and making one that is missing."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from service.audit.names import CHARTED_NAMES
from service.deeds.reviews import make_missing
from service.people.roles import Right
from service.reviews.making import last_week
from service.store import reviews as stored
from service.store.models import ReviewRow
from service.web import charts
from service.web.views.audit import ORDER
from service.web.who import person, product, requires
from service.web.words import present


def add_to(site: Blueprint) -> None:
    """The routes."""
    site.add_url_rule("/reviews", "reviews", reviews)
    site.add_url_rule("/reviews/<week>", "review", review)
    site.add_url_rule("/reviews/make", "reviews_make", make, methods=["POST"])


@requires(Right.SEE_ALL)
def reviews() -> str:
    """The weeks, the latest first."""
    app = product()
    with app.store.read() as tx:
        rows = stored.all_reviews(tx)
        missing = last_week(app.now(), stored.installation_zone(tx))
        zone, is_read = stored.installation_zone(tx), stored.was_read_by(tx, app.now())
    is_missing = is_read and all(row.week != missing for row in rows)
    return render_template("reviews.html", rows=rows, missing=missing if is_missing else None, zone=zone)


@requires(Right.SEE_ALL)
def review(week: str) -> str:
    """One week's, from what was kept of it alone."""
    with product().store.read() as tx:
        row = stored.review_of(tx, week)
        weeks = [one.week for one in stored.all_reviews(tx)]
    if row is None:
        abort(404)
    place = weeks.index(week) if week in weeks else 0
    later, earlier = weeks[:place][-1:], weeks[place + 1 : place + 2]
    content = row.content
    names = [name for name in ORDER if any(one["counts"].get(name) for one in content["weeks"])]
    return render_template(
        "review.html",
        row=row,
        one=content,
        chart=_chart(row),
        legend=[(name, CHARTED_NAMES[name]) for name in names],
        later=later[0] if later else None,
        earlier=earlier[0] if earlier else None,
    )


@requires(Right.RUN_CONNECTIONS)
def make() -> BaseResponse:
    """Make the review of a week that has none."""
    week = make_missing(product(), request.form.get("week", ""), who=person().email)
    flash("Made, and kept as it is now.")
    return redirect(url_for("site.review", week=week), code=303)


def _chart(row: ReviewRow) -> Markup:
    reader = present.Reader(locale=None, zone=row.zone, now=row.made_at)  # a page that never changes
    weeks = [(reader.weekday(date.fromisoformat(one["monday"])), one["counts"]) for one in row.content["weeks"]]
    return charts.stacked_weeks(weeks, ORDER, title="Deals lost by week and category")
