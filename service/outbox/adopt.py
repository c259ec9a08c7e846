"""Tasks of ours that stand in the CRM already, found by their keys: adopted instead of written a second time.

They are looked for after a lost answer, and before the first task for a loss that is older than this database's memory:
another installation may have written it, or this one, after the backup that it was restored from.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from connectors.base import Connector, CreateTask, TaskRef, TaskSnapshot, TaskStatus
from service.outbox.build import Claimed
from service.outbox.doubles import oldest_first, remove_doubles
from service.reminders.edits import added_words, flat
from service.store.connections import knows_all_of
from service.store.models import (
    ConnectionRow,
    EpisodeRow,
    OutboxRow,
    OutboxState,
    ReminderRow,
    TaskRefRow,
    TaskRefState,
)
from service.store.reminders import load_task_refs, lock_connection
from service.store.session import Store

_PLAIN = {"synchronize_session": False}
_ADDRESS = re.compile(r"https?://\S+")
"""The deal's page may have moved since."""

Found = Mapping[str, Sequence[TaskRef]]


def find_standing(connector: Connector, creates: Sequence[Claimed]) -> dict[str, list[TaskRef]]:
    """The tasks that carry the keys of these first writes, by key. Deleted ones are none."""
    keys = [one.change.key for one in creates if isinstance(one.change, CreateTask)]
    found: dict[str, list[TaskRef]] = {}
    if keys:
        for ref in connector.find_tasks(keys):
            if ref.snapshot.status != TaskStatus.DELETED:
                found.setdefault(ref.key.key, []).append(ref)
    return found


def adopt_before_writing(
    store: Store, connector: Connector, connection: ConnectionRow, claimed: Sequence[Claimed], *, now: datetime
) -> tuple[list[Claimed], Counter[str]]:
    """What is left to be written, and the counts `adopted` and `doubles`. One look a batch."""
    creates = [one for one in claimed if isinstance(one.change, CreateTask)]
    if not creates:
        return list(claimed), Counter()
    with store.read() as tx:
        old = _older_than_memory(tx, connection, creates)
    found = find_standing(connector, old)
    if not found:
        return list(claimed), Counter()
    with store.begin() as tx:
        lock_connection(tx, connection.id)
        ours = _still_writing(tx, old)
        adopted = adopt(
            tx, connection, [one for one in old if one.row_id in ours], found, now=now, is_surely_ours=False
        )
    gone = adopted.row_ids | ({one.row_id for one in old} - ours)
    return [one for one in claimed if one.row_id not in gone], adopted.counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """The outbox rows that are done."""

    row_ids: frozenset[int]
    doubles: int

    @property
    def counts(self) -> Counter[str]:
        """As `drain` counts."""
        return Counter(adopted=len(self.row_ids), doubles=self.doubles)


def adopt(
    tx: Session,
    connection: ConnectionRow,
    creates: Sequence[Claimed],
    found: Found,
    *,
    now: datetime,
    is_surely_ours: bool,
) -> Adopted:
    """Take the tasks that were found as written. Of two with one key the older stays, an untouched younger goes.

    `is_surely_ours`: what was found is this very write, whose answer was lost.
    """
    standing = load_task_refs(tx, [one.reminder_id or 0 for one in creates])
    refs, doubles, done = [], [], []
    for one in creates:
        change = one.change
        tasks = oldest_first(found.get(change.key.key, ())) if isinstance(change, CreateTask) else []
        if not tasks or not isinstance(change, CreateTask):
            continue
        done.append(one)
        if one.reminder_id not in standing:
            written = _as_intended(change, tasks[0], one.payload, is_surely_ours=is_surely_ours)
            refs.append(new_ref(connection.id, one, tasks[0], written, now=now))
        doubles += [(one.reminder_id or 0, ref.task_id) for ref in tasks[1:] if _is_untouched(ref, tasks[0])]
    _save_refs(tx, connection.id, refs)
    remove_doubles(tx, connection.id, doubles, now=now)
    ids = frozenset(one.row_id for one in done)
    tx.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(ids))
        .values(state=OutboxState.DONE, done_at=now, lease_until=None, error=None, error_reason=None),
        execution_options=_PLAIN,
    )
    return Adopted(row_ids=ids, doubles=len(doubles))


def new_ref(
    connection_id: int, one: Claimed, ref: TaskRef, written: dict[str, Any], *, now: datetime
) -> dict[str, Any]:
    """The row of a task that was just written, or found."""
    return {
        "connection_id": connection_id,
        "reminder_id": one.reminder_id,
        "key": ref.key.key,
        "crm_task_id": ref.task_id,
        "state": TaskRefState.OPEN,
        "written": written,
        "in_flight": None,
        "touched": [],
        "created_at": ref.created_at or now,
    }


def _older_than_memory(tx: Session, connection: ConnectionRow, creates: Sequence[Claimed]) -> list[Claimed]:
    """Those whose loss this database may not have seen from its beginning."""
    days: dict[int, date] = {
        row.id: row.lost_on
        for row in tx.execute(
            select(ReminderRow.id, EpisodeRow.lost_on)
            .join(EpisodeRow, EpisodeRow.id == ReminderRow.episode_id)
            .where(ReminderRow.id.in_([one.reminder_id for one in creates]))
        )
    }
    return [one for one in creates if not knows_all_of(connection, days[one.reminder_id or 0])]


def _still_writing(tx: Session, rows: Sequence[Claimed]) -> frozenset[int]:
    attempts = {one.row_id: one.attempt for one in rows}
    found = tx.execute(
        select(OutboxRow.id, OutboxRow.attempts)
        .where(OutboxRow.id.in_(attempts), OutboxRow.state == OutboxState.WRITING)
        .with_for_update()
    )
    return frozenset(row.id for row in found if row.attempts == attempts[row.id])


def _save_refs(tx: Session, connection_id: int, refs: Sequence[dict[str, Any]]) -> None:
    """New rows; a task that is on record already (undone, and brought back by a person) stands again."""
    ids = [ref["crm_task_id"] for ref in refs]
    known = set(
        tx.scalars(
            update(TaskRefRow)
            .where(TaskRefRow.connection_id == connection_id, TaskRefRow.crm_task_id.in_(ids))
            .values(state=TaskRefState.OPEN, ended_at=None, in_flight=None)
            .returning(TaskRefRow.crm_task_id),
            execution_options=_PLAIN,
        )
    )
    if new := [ref for ref in refs if ref["crm_task_id"] not in known]:
        tx.execute(insert(TaskRefRow), new)


def _as_intended(
    change: CreateTask, ref: TaskRef, payload: Mapping[str, Any], *, is_surely_ours: bool
) -> dict[str, Any]:
    """What we wrote, not what stands there now: what a person changed in between is then seen as theirs.

    Words that we would not write today may be a person's, so that such a task keeps its text.
    """
    text = change.text
    mine = "\n".join((*text.lines, change.key.key))
    added = added_words(ref.snapshot.body, mine).splitlines()
    strange = [line for line in added if line and not _ADDRESS.fullmatch(line)]
    wrote = TaskSnapshot(
        subject=text.subject,
        body=ref.snapshot.body,
        due_on=change.due_on,
        owner_id=change.owner_id or ref.snapshot.owner_id,
    )
    written = {**flat(wrote), "gist": payload.get("gist")}
    if strange and not is_surely_ours:
        written["subject"] = None
    return written


def _is_untouched(younger: TaskRef, older: TaskRef) -> bool:
    """Both were written by us from the same text: a younger one that differs was changed by a person."""
    same = (younger.snapshot.subject, younger.snapshot.body) == (older.snapshot.subject, older.snapshot.body)
    return same and younger.snapshot.status == TaskStatus.OPEN
