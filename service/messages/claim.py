"""What every kind of message goes through: claimed under a lease, sent by its kind, kept with its outcome.

One whose answer was lost is not sent again by itself, nor one that a worker was sending when it died: it may have
arrived. It stays as `unclear` until a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.config import Settings
from service.errors import RekindleError
from service.messages.outcomes import NotSentError, RefusedError, UnclearError
from service.store.models import MessageRow, MessageState, ReviewLetterRow
from service.store.session import Store

BATCH = 20
RETRY_S, LONGEST_RETRY_S = 60.0, 1800.0
STUCK = (MessageState.UNCLEAR, MessageState.DEAD)
WAITING = (MessageState.READY, MessageState.SENDING, *STUCK)
_PLAIN = {"synchronize_session": False}

Table = type[MessageRow] | type[ReviewLetterRow]


def claim(tx: Session, table: Table, settings: Settings, *, now: datetime) -> list[int]:
    """The ids of a batch that is ready, ours until the lease runs out. Uses the table's index on state and time."""
    ready = (
        select(table.id)
        .where(table.state == MessageState.READY, table.next_try_at <= now)
        .order_by(table.id)
        .limit(BATCH)
    )
    # A batch is sent one by one, and each may last as long as a request can.
    lease = timedelta(seconds=settings.lease_s + BATCH * settings.http.total_timeout_s)
    taken = update(table).where(table.id.in_(tx.scalars(ready).all()), table.state == MessageState.READY)
    values = {"state": MessageState.SENDING, "attempts": table.attempts + 1, "lease_until": now + lease}
    return list(tx.scalars(taken.values(**values).returning(table.id), execution_options=_PLAIN))


def give_up_left(tx: Session, table: Table, *, now: datetime) -> list[int]:
    """What a worker was sending when it died may have been sent. Returns the ids."""
    says = "The worker stopped while sending; it is not sent twice."
    left = update(table).where(table.state == MessageState.SENDING, table.lease_until < now)
    values = over(MessageState.UNCLEAR, now, says)
    return list(tx.scalars(left.values(**values).returning(table.id), execution_options=_PLAIN))


def sent_by(send: Callable[[], None], *, attempts: int, now: datetime) -> dict[str, Any]:
    """What became of sending it, as columns."""
    try:
        send()
    except NotSentError as error:
        wait = max(min(RETRY_S * 2.0 ** (attempts - 1), LONGEST_RETRY_S), error.retry_after_s or 0.0)
        return _again(now, wait, str(error))
    except UnclearError as error:
        return over(MessageState.UNCLEAR, now, str(error))
    except (RefusedError, RekindleError) as error:
        return over(MessageState.DEAD, now, str(error))
    return over(MessageState.SENT, now, None)


class Ways:
    """The ways out that the messages of one run take.

    One that kept a message waiting for nothing is left alone until later: each of the others would wait as long, and
    be one more of which nobody knows whether it arrived.
    """

    def __init__(self, settings: Settings, monotonic: Callable[[], float]) -> None:
        self._long_s = 0.9 * min(settings.http_connect_timeout_s, settings.http_read_timeout_s)
        self._monotonic = monotonic
        self._silent: set[tuple[str, int]] = set()

    def send(self, way: tuple[str, int], send: Callable[[], None], *, attempts: int, now: datetime) -> dict[str, Any]:
        """What became of it, as columns. `way` is the channel, and whose address it is."""
        if way in self._silent:
            return _again(now, RETRY_S, "Nothing answered the one before it; this one was not tried yet.")
        began = self._monotonic()
        values = sent_by(send, attempts=attempts, now=now)
        if values["state"] != MessageState.SENT and self._monotonic() - began >= self._long_s:
            self._silent.add(way)
        return values


def over(state: MessageState, now: datetime, error: str | None) -> dict[str, Any]:
    """The columns of one that is not sent any more."""
    return {"state": state, "done_at": now, "lease_until": None, "error": error}


def _again(now: datetime, wait_s: float, error: str) -> dict[str, Any]:
    again = {"state": MessageState.READY, "next_try_at": now + timedelta(seconds=wait_s)}
    return {**again, "lease_until": None, "error": error}


def keep(store: Store, row: MessageRow | ReviewLetterRow, values: dict[str, Any]) -> None:
    """Only while it is ours: a lease that ran out has been given up on."""
    table = type(row)
    with store.begin() as tx:
        ours = update(table).where(table.id == row.id, table.attempts == row.attempts)
        tx.execute(ours.values(**values), execution_options=_PLAIN)


def resent(now: datetime) -> dict[str, Any]:
    """The columns of one that a person has sent again."""
    return {"state": MessageState.READY, "next_try_at": now, "done_at": None, "error": None}


def stuck(tx: Session, table: Table, ids: Collection[int]) -> list[Any]:
    """Those of the rows that a person may decide about, locked."""
    query = select(table).where(table.id.in_(ids), table.state.in_(STUCK)).order_by(table.id)
    return list(tx.scalars(query.with_for_update()))
