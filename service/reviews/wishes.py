"""Whether and how a person wants the weekly review."""

from __future__ import annotations

from sqlalchemy.orm import Session

from service.bootstrap import App
from service.errors import UsageFault
from service.reviews.making import may_read
from service.security.addresses import refuse_private
from service.store.models import UserRow
from service.store.people import record_action

WAYS = ("off", "email", "slack")


def wish_for_review(app: App, tx: Session, user: UserRow, *, way: str, slack_url: str = "", who: str) -> None:
    """Set it. An empty `slack_url` keeps the one that is known. Raises UsageFault."""
    if way not in WAYS:
        raise UsageFault(f"{way!r} is no way to send a review.", remedy=f"It is {', '.join(WAYS)}.")
    if way != "off" and not may_read(user):
        raise UsageFault("The review is about every deal.", remedy="It is for those who see them all.")
    if slack_url:
        refuse_private(slack_url, is_allowed=app.settings.allow_private_addresses)
        user.review_slack = app.keyring.encrypt({"url": slack_url})
    if way == "slack" and not user.review_slack:
        raise UsageFault("Slack needs an incoming webhook.", remedy="Paste its address, as Slack shows it.")
    if user.review != way or slack_url:
        says = f"{user.review} to {way}" if user.review != way else "another incoming webhook"
        record_action(tx, who=who, what="weekly review", subject=user.email, says=says, now=app.now())
    user.review = way
    tx.add(user)
