"""Draining the outbox: claim, commit, send, record. No network call happens inside a transaction.

A worker may die at any line. Before the claim is committed nothing was sent; after it the row is `writing` until its
lease runs out, then unclear, and its outcome is looked for in the CRM before it is written again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import update

from connectors.base import Connector, FieldChange, TaskChange, WriteFailure
from connectors.errors import ConnectorError, NeedsReconnect
from service.outbox.adopt import adopt_before_writing
from service.outbox.build import Claimed
from service.outbox.claim import claim, expire_leases, may_write, set_connection_state
from service.outbox.look import look_at_tasks
from service.outbox.outcomes import Answer, Outcome, save_outcomes
from service.outbox.settings import OutboxSettings
from service.outbox.settle import settle_unclear
from service.store.models import ConnectionRow, ConnectionState, OutboxRow, OutboxState
from service.store.reminders import lock_connection
from service.store.session import Store

C = TypeVar("C", TaskChange, FieldChange)


def drain(
    store: Store,
    connector: Connector,
    connection_id: int,
    *,
    clock: Callable[[], datetime],
    settings: OutboxSettings,
) -> Counter[str]:
    """Send what is due, until nothing is. Several workers may drain one connection at once.

    Counts `written`, `failed`, `retried`, `unclear`, `looked`, `adopted`, `doubles`, `discarded`. `clock` gives the
    time of each claim and answer: leases are real time. On hold only an undo is sent.
    """
    counts: Counter[str] = Counter()
    while True:
        now = clock()
        with store.begin() as tx:
            connection = may_write(tx, connection_id, now=now, settings=settings)
            expire_leases(tx, connection_id, now=now, settings=settings)
        try:
            if connection.state == ConnectionState.RECONNECT:
                return counts
            looked = settle_unclear(store, connector, connection, now=now, settings=settings)
            counts += looked
            with store.begin() as tx:
                connection = lock_connection(tx, connection_id)
                claimed, hopeless = claim(tx, connection, now=clock(), settings=settings)
            counts["discarded"] += hopeless
            if not claimed and not hopeless and not looked:
                return counts
            counts += _send(store, connector, connection, claimed, clock=clock, settings=settings)
        except NeedsReconnect as error:
            _ask_for_reconnection(store, connection_id, error, now=clock())
            return counts
        except ConnectorError:
            return counts  # the rows say what happened, and when to try again


def _ask_for_reconnection(store: Store, connection_id: int, error: NeedsReconnect, *, now: datetime) -> None:
    with store.begin() as tx:
        connection = lock_connection(tx, connection_id)
        set_connection_state(tx, connection, ConnectionState.RECONNECT, why=str(error), who="crm", now=now)


def _send(
    store: Store,
    connector: Connector,
    connection: ConnectionRow,
    claimed: Sequence[Claimed],
    *,
    clock: Callable[[], datetime],
    settings: OutboxSettings,
) -> Counter[str]:
    lease = _Lease(store, connection.id, clock, settings)
    tasks = [one for one in claimed if not isinstance(one.change, FieldChange)]
    fields = [one for one in claimed if isinstance(one.change, FieldChange)]
    counts: Counter[str] = Counter()
    try:
        look = look_at_tasks(store, connector, connection.id, tasks, now=clock())
        counts["discarded"] += look.dropped
        left, adopted = adopt_before_writing(store, connector, connection, look.kept, now=clock())
        counts += adopted
        answers = look.already
        if lease.is_held(left):
            answers += _collect(left, connector.write_tasks, _task_changes(left), lease)
    except ConnectorError as error:  # the look failed: nothing was sent
        answers = _all_failed(tasks, error)
    if lease.is_held(fields):
        stopped = next((error for error in _errors(answers) if isinstance(error, NeedsReconnect)), None)
        answers += (
            _all_failed(fields, stopped)
            if stopped
            else _collect(fields, connector.write_fields, _field_changes(fields), lease)
        )
    with store.begin() as tx:
        counts += save_outcomes(tx, connection.id, answers, now=clock(), settings=settings)
    for refused in _errors(answers):
        if isinstance(refused, NeedsReconnect):
            raise refused
    return counts


def _errors(answers: Sequence[Answer]) -> list[ConnectorError]:
    return [answer.outcome.error for answer in answers if isinstance(answer.outcome, WriteFailure)]


def _all_failed(claimed: Sequence[Claimed], error: ConnectorError) -> list[Answer]:
    return [Answer(claimed=one, outcome=WriteFailure(key=None, deal=one.deal, error=error)) for one in claimed]


def _task_changes(tasks: Sequence[Claimed]) -> list[TaskChange]:
    return [one.change for one in tasks if not isinstance(one.change, FieldChange)]


def _field_changes(fields: Sequence[Claimed]) -> list[FieldChange]:
    return [one.change for one in fields if isinstance(one.change, FieldChange)]


def _collect(
    claimed: Sequence[Claimed],
    write: Callable[[Sequence[C]], Iterator[Outcome]],
    changes: Sequence[C],
    lease: _Lease,
) -> list[Answer]:
    """The outcomes as they come; what the connector raised in mid-batch stands for those that did not come.

    Where the lease could not be renewed nothing more is sent: the rows are another worker's to look for.
    """
    answers: list[Answer] = []
    if not claimed:
        return answers
    try:
        for one, outcome in zip(claimed, write(changes), strict=False):
            answers.append(Answer(claimed=one, outcome=outcome))
            if not lease.is_held(claimed[len(answers) :]):
                break
    except ConnectorError as error:
        answers += _all_failed(claimed[len(answers) :], error)
    return answers


class _Lease:
    """A claim on rows, renewed while a batch is being sent."""

    def __init__(
        self, store: Store, connection_id: int, clock: Callable[[], datetime], settings: OutboxSettings
    ) -> None:
        self.store, self.connection_id, self.clock, self.settings = store, connection_id, clock, settings
        self.renew_at = clock() + settings.lease / 3

    def is_held(self, rest: Sequence[Claimed]) -> bool:
        """Whether the rows not answered yet are still this worker's; renewed when a third of the lease is over."""
        now = self.clock()
        if not rest or now < self.renew_at:
            return True
        with self.store.begin() as tx:
            lock_connection(tx, self.connection_id)
            held = tx.scalars(
                update(OutboxRow)
                .where(
                    OutboxRow.id.in_([one.row_id for one in rest]),
                    OutboxRow.state == OutboxState.WRITING,
                    OutboxRow.lease_until >= now,
                )
                .values(lease_until=now + self.settings.lease)
                .returning(OutboxRow.id),
                execution_options={"synchronize_session": False},
            ).all()
        self.renew_at = now + self.settings.lease / 3
        return len(held) == len(rest)
