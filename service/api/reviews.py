"""The calls about the weekly reviews, who gets them, and what the audit's findings suggest."""

from __future__ import annotations

from typing import Any

from flask import abort
from sqlalchemy.orm import Session

from service.api import review_schemas as schemas
from service.api.routes import EDIT, PEOPLE, RUN, WORK, Routes
from service.api.who import person, product
from service.audit.suggestions import SHIPPED, suggestions, write_suggestion
from service.deeds.reviews import make_missing
from service.people.roles import Right
from service.people.users import find_user
from service.reviews.wishes import wish_for_review
from service.store import reviews as stored
from service.store.models import ReviewRow, UserRow

calls = Routes("reviews", "The weekly reviews, who gets them, and what the audit's findings suggest.")
ALL = (Right.SEE_ALL,)


@calls.call("GET", "/reviews", ALL, gives=schemas.ReviewLinePart(many=True))
def reviews() -> Any:
    """The weeks that have one, the latest first."""
    with product().store.read() as tx:
        return stored.all_reviews(tx)


@calls.call("GET", "/reviews/<week>", ALL, gives=schemas.ReviewPart, also=(404,))
def review(week: str) -> Any:
    """One week's, as it was made: it never changes."""
    with product().store.read() as tx:
        return _known(tx, week)


@calls.call("POST", "/reviews", RUN, takes=schemas.WeekBody, gives=schemas.ReviewPart, status=201)
def make(body: dict[str, Any]) -> Any:
    """Make the review of a week that has none; one that is there stands."""
    app = product()
    week = make_missing(app, body["week"], who=person().email)
    with app.store.read() as tx:
        return _known(tx, week)


@calls.call("GET", "/me/review", (), gives=schemas.WishPart)
def my_wish() -> Any:
    """Whether and how the token's person gets the weekly review."""
    with product().store.read() as tx:
        return _wish(find_user(tx, person().email))


@calls.call("PUT", "/me/review", WORK, takes=schemas.WishBody, gives=schemas.WishPart)
def wish(body: dict[str, Any]) -> Any:
    """Get it by e-mail, by Slack, or not; it is for those who see every deal."""
    return _set(body, person().email)


@calls.call("PUT", "/people/<email>/review", PEOPLE, takes=schemas.WishBody, gives=schemas.WishPart, also=(404,))
def wish_for(body: dict[str, Any], email: str) -> Any:
    """The same for somebody else."""
    return _set(body, email)


@calls.call("GET", "/findings", EDIT, gives=schemas.AdvicePart(many=True))
def advice() -> Any:
    """What each kind of finding suggests: the text in force, and the shipped one."""
    with product().store.read() as tx:
        texts = suggestions(tx)
    return [{"topic": topic, "text": texts[topic], "shipped": shipped} for topic, shipped in SHIPPED.items()]


@calls.call("PUT", "/findings/<topic>", EDIT, takes=schemas.AdviceBody, gives=schemas.AdvicePart, also=(404,))
def write(body: dict[str, Any], topic: str) -> Any:
    """Put a text in force; an empty one brings back what was shipped. Reviews that were made stay as they are."""
    if topic not in SHIPPED:
        abort(404, f"There is no finding {topic!r}; there are: {', '.join(SHIPPED)}.")
    app = product()
    with app.store.begin() as tx:
        write_suggestion(tx, topic, body["text"], who=person().email, now=app.now())
        tx.flush()
        return {"topic": topic, "text": suggestions(tx)[topic], "shipped": SHIPPED[topic]}


def _known(tx: Session, week: str) -> ReviewRow:
    found = stored.review_of(tx, week)
    if found is None:
        abort(404, "There is no review of that week.")
    return found


def _wish(user: UserRow) -> dict[str, Any]:
    return {"way": user.review, "slack_set": bool(user.review_slack)}


def _set(body: dict[str, Any], email: str) -> dict[str, Any]:
    app = product()
    with app.store.begin() as tx:
        user = find_user(tx, email)
        wish_for_review(app, tx, user, way=body["way"], slack_url=body["slack_url"], who=person().email)
        return _wish(user)
