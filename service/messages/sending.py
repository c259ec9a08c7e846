"""Sending messages: claimed under a lease, sent outside any transaction, each with its outcome.

A message whose answer was lost is not sent again by itself: what it listed and is still open stands in tomorrow's. It
stays as `unclear`, in the connection's health, until a person has it sent again or the reader got a later one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mappings.model import DealKey
from service.bootstrap import App
from service.errors import RekindleError
from service.messages.by_hand import ASKED_BY, tell_health
from service.messages.digests import reading_day
from service.messages.gather import gather
from service.messages.letters import Letter, as_slack, as_text
from service.messages.links import Links
from service.messages.mail import send_mail
from service.messages.outcomes import NotSentError, RefusedError, UnclearError
from service.messages.slack import send_slack
from service.security.addresses import refuse_private
from service.store.models import ConnectionRow, MessageRow, MessageState, OwnerRow

BATCH = 20
RETRY_S, LONGEST_RETRY_S = 60.0, 1800.0
_PLAIN = {"synchronize_session": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claimed:
    message: MessageRow
    connection: ConnectionRow
    reader: OwnerRow | None
    letter: Letter | None
    is_in_time: bool


def send_ready(app: App) -> Counter[str]:
    """Send what is ready, until nothing is. Counts messages by the state they came to."""
    counts: Counter[str] = Counter()
    links = Links(app.settings)
    while claimed := _claim(app, links):
        for one in claimed:
            values = _send(app, one)
            counts[values["state"]] += 1
            _save(app, one.message, values)
        _tell(app, {one.connection.id for one in claimed})
    return counts


def _tell(app: App, connection_ids: Collection[int]) -> None:
    with app.store.begin() as tx:
        for connection_id in sorted(connection_ids):
            tell_health(tx, connection_id)


def _claim(app: App, links: Links) -> list[_Claimed]:
    """A batch, ours until the lease runs out. Uses ix_messages_claim."""
    now = app.now()
    with app.store.begin() as tx:
        for connection_id in sorted(_give_up_left(tx, now)):
            tell_health(tx, connection_id)
        ready = (
            select(MessageRow.id)
            .where(MessageRow.state == MessageState.READY, MessageRow.next_try_at <= now)
            .order_by(MessageRow.id)
            .limit(BATCH)
        )
        ids = tx.scalars(ready).all()
        taken = tx.scalars(
            update(MessageRow)
            .where(MessageRow.id.in_(ids), MessageRow.state == MessageState.READY)
            .values(
                state=MessageState.SENDING,
                attempts=MessageRow.attempts + 1,
                # A batch is sent one by one, and each may last as long as a request can.
                lease_until=now + timedelta(seconds=app.settings.lease_s + BATCH * app.settings.http.total_timeout_s),
            )
            .returning(MessageRow.id),
            execution_options=_PLAIN,
        ).all()
        rows = tx.execute(
            select(MessageRow, ConnectionRow)
            .join(ConnectionRow, ConnectionRow.id == MessageRow.connection_id)
            .where(MessageRow.id.in_(taken))
            .order_by(MessageRow.id),
            execution_options={"populate_existing": True},
        ).all()
        return [_gathered(tx, app, links, message, connection, now) for message, connection in rows]


def _give_up_left(tx: Session, now: datetime) -> set[int]:
    """What a worker was sending when it died may have been sent. Returns whose it was."""
    left = tx.scalars(
        update(MessageRow)
        .where(MessageRow.state == MessageState.SENDING, MessageRow.lease_until < now)
        .values(
            state=MessageState.UNCLEAR,
            lease_until=None,
            done_at=now,
            error="The worker stopped while sending; it is not sent twice.",
        )
        .returning(MessageRow.connection_id),
        execution_options=_PLAIN,
    )
    return set(left)


def _gathered(
    tx: Session, app: App, links: Links, message: MessageRow, connection: ConnectionRow, now: datetime
) -> _Claimed:
    found = gather(tx, message, connection, links=links, deal_url=_deal_url(app, connection), now=now)
    reader, letter = found if found is not None else (None, None)
    is_asked_for = ASKED_BY in message.content
    is_in_time = reader is not None and (is_asked_for or reading_day(connection, reader, now) == message.day)
    return _Claimed(message=message, connection=connection, reader=reader, letter=letter, is_in_time=is_in_time)


def _deal_url(app: App, connection: ConnectionRow) -> Callable[[DealKey], str]:
    """Where the CRM shows a deal; a connection that cannot be opened keeps no message back."""
    try:
        return app.connector(connection)[0].deal_url
    except RekindleError:
        return lambda _key: ""


def _send(app: App, one: _Claimed) -> dict[str, Any]:
    """What became of it, as columns."""
    now = app.now()
    if one.reader is None or one.letter is None:
        return _over(MessageState.DROPPED, now, "Nothing was left to say.")
    if not one.is_in_time:
        return _over(MessageState.DROPPED, now, "Its hours were over before it could be sent.")
    try:
        _hand_over(app, one, one.reader, one.letter)
    except NotSentError as error:
        wait = max(min(RETRY_S * 2.0 ** (one.message.attempts - 1), LONGEST_RETRY_S), error.retry_after_s or 0.0)
        again = {"state": MessageState.READY, "next_try_at": now + timedelta(seconds=wait)}
        return {**again, "lease_until": None, "error": str(error)}
    except UnclearError as error:
        return _over(MessageState.UNCLEAR, now, str(error))
    except (RefusedError, RekindleError) as error:
        return _over(MessageState.DEAD, now, str(error))
    return _over(MessageState.SENT, now, None)


def _hand_over(app: App, one: _Claimed, reader: OwnerRow, letter: Letter) -> None:
    if one.message.channel == "slack":
        url, is_operators = _slack_address(app, one.connection)
        refuse_private(url, is_allowed=is_operators or app.settings.allow_private_addresses)
        send_slack(app.http(only_public=not is_operators), url, text=as_slack(letter))
        return
    if not reader.email:
        raise RefusedError(f"{reader.name or reader.owner_id} has no e-mail address in the CRM.")
    send_mail(
        app.settings,
        to=reader.email,
        name=reader.name,
        subject=letter.subject,
        text=as_text(letter),
        message_id=f"rekindle.{one.message.kind}.{one.message.id}.{one.message.day.isoformat()}",
        now=app.now(),
    )


def _slack_address(app: App, connection: ConnectionRow) -> tuple[str, bool]:
    """The connection's incoming webhook, and whether the operator named it on the command line."""
    if not connection.slack:
        raise RefusedError(f"{connection.name} has no incoming webhook: set slack_url.")
    kept = app.keyring.decrypt(connection.slack)
    return kept["url"], kept.get("by") == "operator"


def _over(state: MessageState, now: datetime, error: str | None) -> dict[str, Any]:
    return {"state": state, "done_at": now, "lease_until": None, "error": error}


def _save(app: App, message: MessageRow, values: dict[str, Any]) -> None:
    """Only while it is ours: a lease that ran out has been given up on."""
    with app.store.begin() as tx:
        tx.execute(
            update(MessageRow)
            .where(MessageRow.id == message.id, MessageRow.attempts == message.attempts)
            .values(**values),
            execution_options=_PLAIN,
        )
