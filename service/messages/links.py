"""Signed links in messages: whoever has one may decide about one reminder, once, within two weeks."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.config import Settings
from service.reminders.actions import Action
from service.security.signing import Signer, load_secret
from service.store.bulk import table_of
from service.store.models import LinkUseRow

LIVES = timedelta(days=14)
PURPOSE = "reminder link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link is about. Each message has links of its own, so that one used up leaves those of the next day."""

    reminder_id: int
    message_id: int
    until: datetime


class Links:
    """Makes and reads the links of this installation."""

    def __init__(self, settings: Settings) -> None:
        self.base_url = settings.base_url.rstrip("/")
        self._signer = Signer(load_secret(settings), PURPOSE)

    def address(self, reminder_id: int, message_id: int, action: Action, *, now: datetime) -> str | None:
        """The address that offers the action; None where nobody has said what address this service has."""
        if not self.base_url:
            return None
        until = int((now + LIVES).timestamp())
        token = self._signer.sign(f"{reminder_id}.{message_id}.{until}")
        return f"{self.base_url}/links/{token}?do={action}"

    def read(self, token: str) -> Link | None:
        """What the link is about, be it over or not; None where it is none of ours."""
        text = self._signer.read(token)
        if text is None:
            return None
        reminder_id, message_id, until = (int(part) for part in text.split("."))
        return Link(reminder_id=reminder_id, message_id=message_id, until=datetime.fromtimestamp(until, UTC))


def use_up(tx: Session, token: str, link: Link, action: Action, *, now: datetime) -> bool:
    """Whether the link was unused until now. It is not any more, if this unit of work succeeds."""
    is_postgresql = tx.get_bind().dialect.name == "postgresql"
    statement = (postgresql.insert if is_postgresql else sqlite.insert)(table_of(LinkUseRow))
    row = {
        "token_hash": hashed(token),
        "reminder_id": link.reminder_id,
        "action": action,
        "used_at": now,
    }
    first = statement.values(row).on_conflict_do_nothing().returning(table_of(LinkUseRow).c.token_hash)
    return tx.scalar(first) is not None


def use_of(tx: Session, token: str) -> LinkUseRow | None:
    """How the link was used, if it was."""
    return tx.get(LinkUseRow, hashed(token))


def hashed(token: str) -> str:
    """What is kept of a token: nobody who reads the database can act with it."""
    return hashlib.sha256(token.encode()).hexdigest()
