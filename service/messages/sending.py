"""Sending digests and what managers hear: claimed, gathered anew, sent outside any transaction.

What one listed whose answer was lost, and is still open, stands in tomorrow's; it is in the connection's health until a
person has it sent again or the reader got a later one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mappings.model import DealKey
from service import clock
from service.bootstrap import App
from service.errors import RekindleError
from service.messages.by_hand import ASKED_BY, tell_health
from service.messages.claim import Ways, claim, give_up_left, keep, over
from service.messages.digests import reading_day
from service.messages.gather import gather
from service.messages.letters import Letter, as_slack, as_text
from service.messages.links import Links
from service.messages.mail import send_mail
from service.messages.outcomes import RefusedError
from service.messages.slack import send_slack
from service.security.addresses import refuse_private
from service.store.models import ConnectionRow, MessageRow, MessageState, OwnerRow


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
    links, ways = Links(app.settings), Ways(app.settings, clock.monotonic)
    while claimed := _claim(app, links):
        for one in claimed:
            values = _send(app, ways, one)
            counts[values["state"]] += 1
            keep(app.store, one.message, values)
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
        left = give_up_left(tx, MessageRow, now=now)
        for connection_id in tx.scalars(select(MessageRow.connection_id).where(MessageRow.id.in_(left)).distinct()):
            tell_health(tx, connection_id)
        taken = claim(tx, MessageRow, app.settings, now=now)
        rows = tx.execute(
            select(MessageRow, ConnectionRow)
            .join(ConnectionRow, ConnectionRow.id == MessageRow.connection_id)
            .where(MessageRow.id.in_(taken))
            .order_by(MessageRow.id),
            execution_options={"populate_existing": True},
        ).all()
        return [_gathered(tx, app, links, message, connection, now) for message, connection in rows]


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


def _send(app: App, ways: Ways, one: _Claimed) -> dict[str, Any]:
    """What became of it, as columns."""
    now = app.now()
    if one.reader is None or one.letter is None:
        return over(MessageState.DROPPED, now, "Nothing was left to say.")
    if not one.is_in_time:
        return over(MessageState.DROPPED, now, "Its hours were over before it could be sent.")
    reader, letter = one.reader, one.letter
    way = (one.message.channel, one.connection.id if one.message.channel == "slack" else 0)
    return ways.send(way, lambda: _handover(app, one, reader, letter), attempts=one.message.attempts, now=now)


def _handover(app: App, one: _Claimed, reader: OwnerRow, letter: Letter) -> None:
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
