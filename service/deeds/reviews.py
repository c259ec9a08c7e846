"""Making the review of a week that has none."""

from __future__ import annotations

from service.audit.lens import iso_week
from service.bootstrap import App
from service.errors import UsageFault
from service.reviews.making import make_review
from service.store import reviews as stored
from service.store.people import record_action


def make_missing(app: App, week: str, *, who: str) -> str:
    """Make it, unless it is there; the week as reviews spell it. Raises UsageFault."""
    with app.store.read() as tx:
        if not stored.was_read_by(tx, app.now()):
            raise UsageFault("No CRM was read yet.", remedy="Connect one and sync it first.")
    if make_review(app, week):
        with app.store.begin() as tx:
            record_action(tx, who=who, what="review made", subject=week, now=app.now())
    year, number, _ = iso_week(week).start.isocalendar()
    return f"{year:04}-W{number:02}"
