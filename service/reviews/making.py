"""Making the review of a week: once, when the week is over, and then never again."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from service.audit.lens import iso_week
from service.bootstrap import App
from service.clock import today_in, zone_named
from service.errors import UsageFault
from service.people.roles import RIGHTS, Right, Role
from service.reviews.compose import compose
from service.store import reviews as stored
from service.store.models import MessageState, ReviewLetterRow, UserRow

MAKING_HOUR, READING_HOUR = 6, 8
"""On Monday: made at six where the team lives, sent at eight where the reader does."""
A_WEEK = timedelta(days=7)


def week_of(day: date) -> str:
    """The ISO week of a day, as YYYY-Www."""
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def last_week(now: datetime, zone: str) -> str:
    """The latest week that is over in that zone."""
    return week_of(today_in(zone, now) - A_WEEK)


def due_week(tx: Session, now: datetime) -> str | None:
    """The week whose review is to be made now: the latest that is over, from six on Monday on, if it has none.

    A CRM that was connected since then has no part in it: its reasons were not looked at by anybody yet.
    """
    zone = stored.installation_zone(tx)
    today = today_in(zone, now)
    monday = today - timedelta(days=today.weekday())
    six = datetime.combine(monday, time(MAKING_HOUR), tzinfo=zone_named(zone))
    if now < six or not stored.was_read_by(tx, six):
        return None
    week = last_week(now, zone)
    return week if stored.review_of(tx, week) is None else None


def make_due_review(app: App) -> str | None:
    """Make the review that is due, if one is; its week."""
    with app.store.read() as tx:
        week = due_week(tx, app.now())
    if week is not None:
        make_review(app, week)
    return week


def make_review(app: App, week: str) -> bool:
    """Make a week's review; False where it is there already, which then stands. Raises UsageFault.

    That of the latest week is sent to those who want it; it was news once.
    """
    now = app.now()
    with app.store.read() as tx:
        zone = stored.installation_zone(tx)
        today = today_in(zone, now)
        period = iso_week(week)
        week = week_of(period.start)
        if period.end >= today:
            raise UsageFault(f"{week} is not over.", remedy="Its review is made on the Monday after.")
        if stored.review_of(tx, week) is not None:
            return False
        content = compose(tx, week, today=today)
    with app.store.begin() as tx:
        is_new = stored.keep_review(tx, week, zone=zone, made_at=now, content=content)
        if is_new and week == last_week(now, zone):
            _address(tx, week, zone=zone, monday=period.end + timedelta(days=1), now=now)
    return is_new


def may_read(user: UserRow) -> bool:
    """Whether a person sees every deal, as the review does."""
    return user.is_active and Right.SEE_ALL in RIGHTS[Role(user.role)]


def _address(tx: Session, week: str, *, zone: str, monday: date, now: datetime) -> None:
    """A letter for each who wants one, for eight o'clock where they are; at once where that is over."""
    rows = []
    for user in stored.readers(tx):
        if may_read(user):
            eight = datetime.combine(monday, time(READING_HOUR), tzinfo=zone_named(user.zone or zone))
            common = {"week": week, "user_id": user.id, "channel": user.review, "state": MessageState.READY}
            rows.append({**common, "attempts": 0, "next_try_at": max(now, eight), "created_at": now})
    if rows:
        tx.execute(insert(ReviewLetterRow), rows)
