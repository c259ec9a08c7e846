"""Sending reviews: claimed, sent outside any transaction, each with its outcome."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from service import clock
from service.bootstrap import App
from service.messages.claim import Ways, claim, give_up_left, keep, over
from service.messages.mail import send_mail
from service.messages.outcomes import RefusedError
from service.messages.slack import send_slack
from service.reviews.lines import as_slack, as_text, subject_of
from service.reviews.making import may_read
from service.security.addresses import refuse_private
from service.store.models import MessageState, ReviewLetterRow, ReviewRow, UserRow

NEWS_FOR = timedelta(days=3)
"""So long after its hour a review is still sent; later the page tells enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claimed:
    letter: ReviewLetterRow
    review: ReviewRow
    reader: UserRow


def send_reviews(app: App) -> Counter[str]:
    """Send what is ready, until nothing is. Counts letters by the state they came to."""
    counts: Counter[str] = Counter()
    ways = Ways(app.settings, clock.monotonic)
    while claimed := _claim(app):
        for one in claimed:
            values = _send(app, ways, one)
            counts[values["state"]] += 1
            keep(app.store, one.letter, values)
    return counts


def _claim(app: App) -> list[_Claimed]:
    """A batch, ours until the lease runs out. Uses ix_review_letters_claim."""
    now = app.now()
    with app.store.begin() as tx:
        give_up_left(tx, ReviewLetterRow, now=now)
        taken = claim(tx, ReviewLetterRow, app.settings, now=now)
        rows = tx.execute(
            select(ReviewLetterRow, ReviewRow, UserRow)
            .join(ReviewRow, ReviewRow.week == ReviewLetterRow.week)
            .join(UserRow, UserRow.id == ReviewLetterRow.user_id)
            .where(ReviewLetterRow.id.in_(taken))
            .order_by(ReviewLetterRow.id),
            execution_options={"populate_existing": True},
        ).all()
        return [_Claimed(letter=letter, review=review, reader=reader) for letter, review, reader in rows]


def _send(app: App, ways: Ways, one: _Claimed) -> dict[str, Any]:
    """What became of it, as columns."""
    now = app.now()
    if not may_read(one.reader) or one.reader.review != one.letter.channel:
        return over(MessageState.DROPPED, now, "It is not wanted any more.")
    if now - one.letter.created_at > NEWS_FOR:
        return over(MessageState.DROPPED, now, "It was no news any more.")
    way = (one.letter.channel, one.reader.id if one.letter.channel == "slack" else 0)
    return ways.send(way, lambda: _handover(app, one), attempts=one.letter.attempts, now=now)


def _handover(app: App, one: _Claimed) -> None:
    content, base = one.review.content, app.settings.base_url.rstrip("/")
    url = f"{base}/reviews/{one.review.week}" if base else ""
    title = subject_of(content)
    if one.letter.channel == "slack":
        if not one.reader.review_slack:
            raise RefusedError("There is no incoming webhook.")
        address = app.keyring.decrypt(one.reader.review_slack)["url"]
        refuse_private(address, is_allowed=app.settings.allow_private_addresses)
        send_slack(app.http(only_public=True), address, text=as_slack(content["lines"], title=title, url=url))
        return
    send_mail(
        app.settings,
        to=one.reader.email,
        name=one.reader.name,
        subject=title,
        text=as_text(content["lines"], name=one.reader.name, url=url),
        message_id=f"rekindle.review.{one.letter.id}.{one.review.week}",
        now=app.now(),
    )
