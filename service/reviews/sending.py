"""Sending reviews: claimed under a lease, sent outside any transaction, each with its outcome."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.bootstrap import App
from service.errors import RekindleError
from service.messages.mail import send_mail
from service.messages.outcomes import NotSentError, RefusedError, UnclearError
from service.messages.slack import send_slack
from service.reviews.lines import as_slack, as_text, subject_of
from service.reviews.making import may_read
from service.security.addresses import refuse_private
from service.store.models import MessageState, ReviewLetterRow, ReviewRow, UserRow

BATCH = 20
RETRY_S, LONGEST_RETRY_S = 60.0, 1800.0
NEWS_FOR = timedelta(days=3)
"""So long after its hour a review is still sent; later the page tells enough."""
_PLAIN = {"synchronize_session": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claimed:
    letter: ReviewLetterRow
    review: ReviewRow
    reader: UserRow


def send_reviews(app: App) -> Counter[str]:
    """Send what is ready, until nothing is. Counts letters by the state they came to."""
    counts: Counter[str] = Counter()
    while claimed := _claim(app):
        for one in claimed:
            values = _send(app, one)
            counts[values["state"]] += 1
            _save(app, one.letter, values)
    return counts


def _claim(app: App) -> list[_Claimed]:
    """A batch, ours until the lease runs out. Uses ix_review_letters_claim."""
    now = app.now()
    with app.store.begin() as tx:
        _give_up_left(tx, now)
        ready = (
            select(ReviewLetterRow.id)
            .where(ReviewLetterRow.state == MessageState.READY, ReviewLetterRow.next_try_at <= now)
            .order_by(ReviewLetterRow.id)
            .limit(BATCH)
        )
        taken = tx.scalars(
            update(ReviewLetterRow)
            .where(ReviewLetterRow.id.in_(tx.scalars(ready).all()), ReviewLetterRow.state == MessageState.READY)
            .values(
                state=MessageState.SENDING,
                attempts=ReviewLetterRow.attempts + 1,
                lease_until=now + timedelta(seconds=app.settings.lease_s + BATCH * app.settings.http.total_timeout_s),
            )
            .returning(ReviewLetterRow.id),
            execution_options=_PLAIN,
        ).all()
        rows = tx.execute(
            select(ReviewLetterRow, ReviewRow, UserRow)
            .join(ReviewRow, ReviewRow.week == ReviewLetterRow.week)
            .join(UserRow, UserRow.id == ReviewLetterRow.user_id)
            .where(ReviewLetterRow.id.in_(taken))
            .order_by(ReviewLetterRow.id),
            execution_options={"populate_existing": True},
        ).all()
        return [_Claimed(letter=letter, review=review, reader=reader) for letter, review, reader in rows]


def _give_up_left(tx: Session, now: datetime) -> None:
    """What a worker was sending when it died may have been sent."""
    says = "The worker stopped while sending; it is not sent twice."
    left = (ReviewLetterRow.state == MessageState.SENDING, ReviewLetterRow.lease_until < now)
    values = {"state": MessageState.UNCLEAR, "lease_until": None, "done_at": now, "error": says}
    tx.execute(update(ReviewLetterRow).where(*left).values(**values), execution_options=_PLAIN)


def _send(app: App, one: _Claimed) -> dict[str, Any]:
    """What became of it, as columns."""
    now = app.now()
    if not may_read(one.reader) or one.reader.review != one.letter.channel:
        return _over(MessageState.DROPPED, now, "It is not wanted any more.")
    if now - one.letter.created_at > NEWS_FOR:
        return _over(MessageState.DROPPED, now, "It was no news any more.")
    try:
        _hand_over(app, one)
    except NotSentError as error:
        wait = max(min(RETRY_S * 2.0 ** (one.letter.attempts - 1), LONGEST_RETRY_S), error.retry_after_s or 0.0)
        again = {"state": MessageState.READY, "next_try_at": now + timedelta(seconds=wait)}
        return {**again, "lease_until": None, "error": str(error)}
    except UnclearError as error:
        return _over(MessageState.UNCLEAR, now, str(error))
    except (RefusedError, RekindleError) as error:
        return _over(MessageState.DEAD, now, str(error))
    return _over(MessageState.SENT, now, None)


def _hand_over(app: App, one: _Claimed) -> None:
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


def _over(state: MessageState, now: datetime, error: str | None) -> dict[str, Any]:
    return {"state": state, "done_at": now, "lease_until": None, "error": error}


def _save(app: App, letter: ReviewLetterRow, values: dict[str, Any]) -> None:
    """Only while it is ours: a lease that ran out has been given up on."""
    ours = (ReviewLetterRow.id == letter.id, ReviewLetterRow.attempts == letter.attempts)
    with app.store.begin() as tx:
        tx.execute(update(ReviewLetterRow).where(*ours).values(**values), execution_options=_PLAIN)
