"""Few writers a process: what waiting requests bring is stored in one transaction, and all are answered after it.

SQLite lets one process write at a time and has the others ask again and again, which starves some of them: the 99th
percentile was ten times that of a queue. So within a process one thread writes, and between processes of one machine
the gate of the database forms the queue. PostgreSQL takes several at once: while one waits for the disk, the next goes
on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from service.observe.logging import logger
from service.store.arrivals import insert_events
from service.store.session import Store

MOST_ROWS = 5_000
WRITERS = 2
_OF_ONE = (IntegrityError, DataError, TypeError, ValueError)
"""What is wrong with one row, and not with the database."""
log = logger(__name__)

Row = Mapping[str, Any]


class NotSaved(Exception):  # noqa: N818 -- the word says it
    """The rows are not known to be stored: the sender has to try again."""


def _taken() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class _Waiting:
    """A request that waits. Its lock is let go when it is over: an Event would cost four times that."""

    rows: Sequence[Row]
    is_over: threading.Lock = field(default_factory=_taken)
    is_given_up: bool = False
    error: Exception | None = None


class Committer:
    """Stores inbox rows for many threads at once. Its own threads start with the first of them."""

    def __init__(self, store: Store, *, timeout_s: float, after: Callable[[Sequence[Row], int], None]) -> None:
        self._store = store
        self._timeout_s = timeout_s
        self._after = after
        self._waiting: SimpleQueue[_Waiting] = SimpleQueue()
        self._starting = threading.Lock()
        self._writers: list[threading.Thread] = []
        self._is_sqlite = store.engine.dialect.name == "sqlite"
        self._most_writers = 1 if self._is_sqlite else WRITERS
        self._own = threading.local()

    def save(self, rows: Sequence[Row]) -> None:
        """Return once the rows are durable, and not before. Raises NotSaved when it fails, or takes too long."""
        if len(self._writers) < self._most_writers:
            self._start()
        one = _Waiting(rows)
        self._waiting.put(one)
        if not one.is_over.acquire(timeout=self._timeout_s):
            one.is_given_up = True
            raise NotSaved("The database took too long.")
        if one.error is not None:
            raise NotSaved("The database did not take it.") from one.error

    def _start(self) -> None:
        with self._starting:
            while len(self._writers) < self._most_writers:
                self._writers.append(threading.Thread(target=self._run, daemon=True, name="inbox-writer"))
                self._writers[-1].start()

    def _run(self) -> None:
        while True:
            batch, new = self._next(), 0
            try:
                new = self._save_all(batch)
            except Exception as error:  # the edge of this thread: the requests must not wait for a dead one
                log.exception("The inbox could not be written.")
                for one in batch:
                    one.error = one.error or error
            for one in batch:
                one.is_over.release()
            self._tell([row for one in batch if one.error is None for row in one.rows], new)

    def _next(self) -> list[_Waiting]:
        """Everybody who waits, as far as it fits into one transaction; those who gave up are passed over."""
        batch = [self._waiting.get()]
        count = len(batch[0].rows)
        while count < MOST_ROWS:
            try:
                batch.append(self._waiting.get_nowait())
            except Empty:
                break
            count += len(batch[-1].rows)
        return [one for one in batch if not one.is_given_up]

    def _save_all(self, batch: list[_Waiting]) -> int:
        """Store what they bring, and note who failed; how many rows were new."""
        if not batch:
            return 0
        try:
            return self._commit([row for one in batch for row in one.rows])
        except (SQLAlchemyError, OSError, *_OF_ONE) as error:
            if len(batch) == 1 or not isinstance(error, _OF_ONE):
                log.warning("Webhooks could not be stored.", error=type(error).__name__, requests=len(batch))
                for one in batch:
                    one.error = error
                return 0
        # One of them is at fault, as where its connection was removed just now: the others shall not suffer.
        return sum(self._save_all([one]) for one in batch)

    def _commit(self, rows: list[Row]) -> int:
        if self._is_sqlite:
            with self._store.going_first():
                return self._insert(rows)
        try:
            return self._insert(rows)
        except DBAPIError as error:
            if not (error.connection_invalidated or _is_of_its_moment(error)):
                raise
            return self._insert(rows)  # the server was started again since; nothing is stored twice

    def _insert(self, rows: list[Row]) -> int:
        """Stored for good, on a connection that this thread keeps for it."""
        kept: Connection | None = getattr(self._own, "connection", None)
        if kept is None:
            kept = self._store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._own.connection = kept
        try:
            return insert_events(kept, rows)
        except SQLAlchemyError:
            self._own.connection = None
            kept.invalidate()
            kept.close()
            raise

    def _tell(self, rows: Sequence[Row], new: int) -> None:
        try:
            self._after(rows, new)
        except Exception:  # noqa: BLE001 -- waking is a courtesy; the rows are found without it
            log.warning("Nobody could be woken for the webhooks.")


def _is_of_its_moment(error: DBAPIError) -> bool:
    """Whether the database gave way to another transaction: a deadlock, or one it could not put in order (class 40)."""
    return str(getattr(error.orig, "sqlstate", None) or "").startswith("40")
