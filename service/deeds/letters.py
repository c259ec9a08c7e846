"""Dead letters of a connection, of its inbox and its outbox: tried again, or given up."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from service.bootstrap import App
from service.jobs.asked import Asking
from service.outbox.letters import discard_letters, list_outbox, retry_letters
from service.store.connections import connection_named
from service.store.models import ConnectionRow, InboxState, OutboxState
from service.store.people import record_action
from service.webhooks.letters import discard_inbox, list_inbox, of_connection, retry_inbox


class Box(StrEnum):
    """Where a letter lies."""

    INBOX = "inbox"
    OUTBOX = "outbox"


class Verb(StrEnum):
    """What becomes of it."""

    RETRY = "retry"
    DISCARD = "discard"


_JOBS = {Box.INBOX: "process_inbox", Box.OUTBOX: "drain_outbox"}


def dead_letters(tx: Session, row: ConnectionRow, box: Box, *, limit: int) -> list[dict[str, Any]]:
    """The dead letters of a connection, the oldest first."""
    if box is Box.INBOX:
        return list_inbox(tx, states=[InboxState.DEAD], connection_id=row.id, limit=limit)
    return list_outbox(tx, states=[OutboxState.DEAD], connection_id=row.id, limit=limit)


def act_on_letters(app: App, name: str, box: Box, verb: Verb, ids: Collection[int], *, asking: Asking, who: str) -> int:
    """Try these again, or give them up; how many of them that could be done to."""
    with app.store.begin() as tx:
        row = connection_named(tx, name)
        count = _act(app, tx, row, box, verb, ids, who)
        record_action(tx, who=who, what=f"{box} {verb}", subject=name, says=f"{count} dead letters", now=app.now())
    if verb is Verb.RETRY and asking.wake is not None:
        asking.wake(_JOBS[box], row.id if box is Box.OUTBOX else None)
    return count


def _act(app: App, tx: Session, row: ConnectionRow, box: Box, verb: Verb, ids: Collection[int], who: str) -> int:
    now = app.now()
    if box is Box.INBOX:
        mine = [(id_, id_) for id_ in of_connection(tx, row.id, ids)]
        change = retry_inbox if verb is Verb.RETRY else discard_inbox
        return change(tx, ranges=mine, who=who, now=now) if mine else 0
    if verb is Verb.RETRY:
        return retry_letters(tx, ids=ids, connection_id=row.id, who=who, now=now)
    return discard_letters(tx, ids=ids, connection_id=row.id, who=who, today=app.today(row), now=now)
