"""What became of a batch of writes, recorded in one unit of work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from connectors.base import Done, TaskRef, UpdateTask, WriteFailure
from connectors.errors import (
    ConnectorError,
    ConnectorFault,
    Gone,
    MissingPermission,
    NeedsReconnect,
    ServerError,
    Transient,
    Unclear,
)
from service.clock import today_in
from service.outbox.adopt import new_ref
from service.outbox.aftermath import is_owner_refused, save_field_outcomes, save_handed_on
from service.outbox.build import Claimed
from service.outbox.dead import FIRST_WRITES, save_dead
from service.outbox.doubles import resolve_doubles
from service.outbox.settings import OutboxSettings
from service.outbox.stops import go_on, group_of, stop_writes
from service.reminders.edits import flat
from service.reminders.states import move
from service.store.models import (
    ConnectionRow,
    OutboxKind,
    OutboxRow,
    OutboxState,
    ReminderState,
    TaskRefRow,
    TaskRefState,
)
from service.store.reminders import load_task_refs, lock_connection

Outcome = TaskRef | Done | WriteFailure
_TELLS_NOTHING = (Transient, Unclear, NeedsReconnect, ConnectorFault)
FINAL = (OutboxState.WRITING, OutboxState.UNCLEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A write and what the CRM said to it."""

    claimed: Claimed
    outcome: Outcome


def save_outcomes(
    tx: Session, connection_id: int, answers: Sequence[Answer], *, now: datetime, settings: OutboxSettings
) -> Counter[str]:
    """Record each answer. One that comes late, when another worker has taken the row over, counts as far as it can.

    Counts `written`, `failed` (dead), `retried` and `unclear`.
    """
    connection = lock_connection(tx, connection_id)
    live = _still_ours(tx, answers)
    book = _Book(connection, today_in(connection.zone, now), now, settings)
    for answer in answers:
        if answer.claimed.row_id in live:
            book.take(answer)
        elif isinstance(answer.outcome, TaskRef) and answer.claimed.kind == OutboxKind.CREATE_TASK:
            book.late.append(answer)
    book.save(tx)
    return book.counts


def _still_ours(tx: Session, answers: Sequence[Answer]) -> frozenset[int]:
    attempts = {answer.claimed.row_id: answer.claimed.attempt for answer in answers}
    rows = tx.execute(
        select(OutboxRow.id, OutboxRow.attempts)
        .where(OutboxRow.id.in_(attempts), OutboxRow.state.in_(FINAL))
        .with_for_update()
    )
    return frozenset(row.id for row in rows if row.attempts == attempts[row.id])


class _Book:
    """The rows to change, gathered by kind so that each is one statement."""

    def __init__(self, connection: ConnectionRow, today: date, now: datetime, settings: OutboxSettings) -> None:
        self.connection, self.connection_id = connection, connection.id
        self.today, self.now, self.settings = today, now, settings
        self.refused_groups: dict[str, str] = {}
        self.tried_groups: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.outbox: list[dict[str, Any]] = []
        self.new_refs: list[dict[str, Any]] = []
        self.refs: list[dict[str, Any]] = []
        self.dead: dict[int, str] = {}
        self.dead_rows: dict[int, str] = {}
        self.undone: list[tuple[str, int]] = []
        self.fields: list[tuple[Claimed, bool]] = []
        self.late: list[Answer] = []
        self.payloads: list[dict[str, Any]] = []
        self.handed_on: list[tuple[int, str, str]] = []

    def take(self, answer: Answer) -> None:
        """Sort an answer by what it means."""
        one, outcome = answer.claimed, answer.outcome
        if not (isinstance(outcome, WriteFailure) and isinstance(outcome.error, _TELLS_NOTHING)):
            self.tried_groups.add(group_of(one.kind))
        if isinstance(outcome, WriteFailure):
            if isinstance(outcome.error, Gone) and one.kind == OutboxKind.DELETE_TASK:
                self._deleted(one)
            else:
                self._failed(one, outcome.error)
        elif isinstance(outcome, TaskRef):
            self._task(one, outcome)
        else:
            self.fields.append((one, True))
            self._done(one)

    def _task(self, one: Claimed, ref: TaskRef) -> None:
        written = {**flat(ref.snapshot), **({"gist": one.payload["gist"]} if "gist" in one.payload else {})}
        if one.kind == OutboxKind.CREATE_TASK:
            self.new_refs.append(new_ref(self.connection_id, one, ref, written, now=self.now))
            self._done(one)
        elif one.kind == OutboxKind.DELETE_TASK:
            self._deleted(one)
        else:
            state = TaskRefState.CLOSED if one.kind == OutboxKind.CLOSE_TASK else TaskRefState.OPEN
            ended_at = self.now if state == TaskRefState.CLOSED else None
            self.refs.append(
                {
                    "id": one.ref_id,
                    "state": state,
                    "written": {**written, **_not_ours(one)},
                    "in_flight": None,
                    "ended_at": ended_at,
                }
            )
            self._done(one)

    def _deleted(self, one: Claimed) -> None:
        if one.is_undo and one.reminder_id is not None:
            self.undone.append((one.payload["task_id"], one.reminder_id))
        self._done(one)

    def _done(self, one: Claimed) -> None:
        self.counts["written"] += 1
        self._row(one, OutboxState.DONE, done_at=self.now)

    def _failed(self, one: Claimed, error: ConnectorError) -> None:
        if isinstance(error, ConnectorFault) and one.is_suspect:
            self._dead(one, error)
        elif isinstance(error, Unclear | ConnectorFault):
            self.counts["unclear"] += 1
            self._row(one, OutboxState.UNCLEAR, next_try_at=self.now + self.settings.look_after, error=error)
        elif isinstance(error, MissingPermission) and error.is_general:
            self.counts["stopped"] += 1
            self.refused_groups[group_of(one.kind)] = str(error)
            self._row(one, OutboxState.READY, error=error)
        elif isinstance(error, NeedsReconnect):
            self._row(one, OutboxState.READY, error=error)
        elif isinstance(error, Transient) and not self._is_hopeless(one, error):
            self.counts["retried"] += 1
            next_try_at = self.settings.next_try(self.now, one.attempt, error.retry_after_s)
            self._row(one, OutboxState.READY, next_try_at=next_try_at, error=error)
        elif is_owner_refused(error) and len(one.payload.get("owners", ())) > 1:
            self.counts["retried"] += 1
            self.payloads.append({"id": one.row_id, "payload": {**one.payload, "owners": one.payload["owners"][1:]}})
            self.handed_on.append((one.reminder_id or 0, *one.payload["owners"][:2]))
            self._row(one, OutboxState.READY, error=error)
        elif isinstance(error, Gone) and one.kind in {OutboxKind.UPDATE_TASK, OutboxKind.CLOSE_TASK}:
            # A person deleted the task: the next read-back says so.
            self._row(one, OutboxState.DISCARDED, done_at=self.now, error=error)
        else:
            self._dead(one, error)

    def _is_hopeless(self, one: Claimed, error: ConnectorError) -> bool:
        """The CRM fails on it whenever it is tried. A CRM that cannot be reached says nothing about the write."""
        return isinstance(error, ServerError) and one.attempt >= self.settings.max_attempts

    def _dead(self, one: Claimed, error: ConnectorError) -> None:
        self.counts["failed"] += 1
        self._row(one, OutboxState.DEAD, error=error)
        self.dead_rows[one.row_id] = str(error)
        if one.reminder_id is not None and one.kind in FIRST_WRITES:
            self.dead[one.reminder_id] = f"The task could not be written: {error}"
        if one.kind == OutboxKind.WRITE_FIELDS:
            self.fields.append((one, False))

    def _row(
        self,
        one: Claimed,
        state: OutboxState,
        *,
        next_try_at: datetime | None = None,
        done_at: datetime | None = None,
        error: ConnectorError | None = None,
    ) -> None:
        self.outbox.append(
            {
                "id": one.row_id,
                "state": state,
                "next_try_at": next_try_at or self.now,
                "lease_until": None,
                "done_at": done_at,
                "error": str(error) if error else None,
                "error_reason": error.reason if error else None,
            }
        )

    def save(self, tx: Session) -> None:
        """Write it all."""
        until = self.now + timedelta(seconds=self.settings.backoff_cap_s)
        go_on(tx, self.connection, self.tried_groups - set(self.refused_groups))
        if self.refused_groups:
            stop_writes(tx, self.connection, self.refused_groups, until=until, now=self.now)
        if self.outbox:
            tx.execute(update(OutboxRow), self.outbox)
        if self.payloads:
            tx.execute(update(OutboxRow), self.payloads)
        if self.refs:
            tx.execute(update(TaskRefRow), self.refs)
        save_handed_on(tx, self.connection_id, self.handed_on)
        self._save_new_refs(tx)
        self._save_late(tx)
        save_dead(tx, self.connection, self.dead_rows, self.dead, who="crm", now=self.now)
        self._save_undone(tx)
        save_field_outcomes(tx, self.fields, now=self.now)

    def _save_new_refs(self, tx: Session) -> None:
        if self.new_refs:
            tx.execute(insert(TaskRefRow), self.new_refs)

    def _save_late(self, tx: Session) -> None:
        """A task that was written after its row was taken over: adopted, or a double."""
        if not self.late:
            return
        known = load_task_refs(tx, [answer.claimed.reminder_id or 0 for answer in self.late])
        doubles = []
        for answer in self.late:
            standing, outcome = known.get(answer.claimed.reminder_id or 0), answer.outcome
            if isinstance(outcome, TaskRef) and standing is not None and standing.crm_task_id != outcome.task_id:
                doubles.append((standing, outcome))
        self.counts["doubles"] += resolve_doubles(tx, self.connection_id, doubles, now=self.now)

    def _save_undone(self, tx: Session) -> None:
        if not self.undone:
            return
        task_ids = [task_id for task_id, _ in self.undone]
        tx.execute(
            update(TaskRefRow)
            .where(TaskRefRow.connection_id == self.connection_id, TaskRefRow.crm_task_id.in_(task_ids))
            .values(state=TaskRefState.UNDONE, ended_at=self.now, in_flight=None),
            execution_options={"synchronize_session": False},
        )
        whys = {reminder_id: "Its task was taken back." for _, reminder_id in self.undone}
        move(
            tx,
            self.connection_id,
            whys,
            ReminderState.HELD,
            who="undo",
            now=self.now,
            rule="undone",
            act_on=None,
            is_placed=False,
        )


def _not_ours(one: Claimed) -> dict[str, Any]:
    """What an update left alone, as we last wrote it: what a person put there instead stays theirs."""
    change, left = one.change, []
    if isinstance(change, UpdateTask):
        left += ["subject", "body"] if change.text is None else []
        left += ["due_on"] if change.due_on is None else []
        left += ["owner_id"] if change.owner_id is None else []
    return {name: one.ref_written[name] for name in left if name in one.ref_written}
