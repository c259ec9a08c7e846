"""Our tasks in an org: looking for them, writing them, reading them back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.base import (
    CloseTask,
    CreateTask,
    DeleteTask,
    ReopenTask,
    TaskChange,
    TaskKey,
    TaskOutcome,
    TaskRef,
    TaskSnapshot,
    TaskState,
    TaskStatus,
    UpdateTask,
    WriteFailure,
)
from connectors.errors import ConnectorError, Gone, MissingPermission, Rejected
from connectors.salesforce.answers import UnknownField
from connectors.salesforce.batches import BATCH, CollectionWriter, Refused, Result, Written, is_about_object
from connectors.salesforce.ids import long_id
from connectors.salesforce.layout import task_select
from connectors.salesforce.org import KeyField, Org
from connectors.salesforce.queries import IDS_PER_QUERY, in_lists, in_parts, is_in, select
from connectors.salesforce.schema import TASK
from connectors.salesforce.tasks import (
    close_record,
    create_record,
    holds_key,
    ref_of,
    reopen_record,
    snapshot_of,
    status_of,
    update_record,
    written_ref,
)
from connectors.salesforce.values import Record, as_instant, as_text

_ABSENT = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND", "INVALID_CROSS_REFERENCE_KEY", "INVALID_ID_FIELD"})


@dataclass(frozen=True, slots=True)
class _Sent:
    """A change as it was sent: the record, and the task as it was before."""

    change: TaskChange
    record: dict[str, Any]
    before: Record


class TaskDesk:
    """Reads and writes the tasks of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._writer = CollectionWriter(org.client, org.kit)

    # --- looking ---------------------------------------------------------------------------------------------

    def find(self, keys: Sequence[TaskKey]) -> Iterator[TaskRef]:
        """See Connector.find_tasks.

        By the key's own field where the org has it. Keys not found there are looked for in the descriptions of the
        deals' tasks too: a task may be older than the field. A description cannot be filtered, so it is read.
        """
        key_field = self._org.key_field()
        seen: set[str] = set()
        found: set[str] = set()
        for ref in self._by_field(keys, key_field) if key_field else ():
            seen.add(ref.task_id)
            found.add(ref.key.key)
            yield ref
        for ref in self._by_deal([key for key in keys if key.key not in found]):
            if ref.task_id not in seen:
                yield ref

    def _by_field(self, keys: Sequence[TaskKey], key_field: KeyField) -> Iterator[TaskRef]:
        wanted = {key.key: key for key in keys}
        for part in in_lists(list(wanted)):
            for record in self._read(is_in(key_field.name, part)):
                key = wanted.get(as_text(record.get(key_field.name)) or "")
                if key and status_of(record) is not TaskStatus.DELETED:
                    yield ref_of(key, record)

    def _by_deal(self, keys: Sequence[TaskKey]) -> Iterator[TaskRef]:
        wanted: dict[str, list[TaskKey]] = {}
        for key in keys:
            wanted.setdefault(long_id(key.deal.deal_id), []).append(key)
        for part in in_lists(list(wanted)):
            for record in self._read(is_in("WhatId", part)):
                body = as_text(record.get("Description")) or ""
                if status_of(record) is not TaskStatus.DELETED:
                    candidates = wanted.get(long_id(as_text(record.get("WhatId")) or ""), ())
                    yield from (ref_of(key, record) for key in candidates if holds_key(body, key.key))

    def _read(self, where: str, kind: str = "readback") -> Iterator[Record]:
        """Tasks with the recycle bin and the archive: closed tasks of a year ago are only there."""
        try:
            yield from self._query(where, kind)
        except UnknownField:
            self._org.forget((TASK,))  # a field was taken away: describe again, once
            yield from self._query(where, kind)

    def _query(self, where: str, kind: str) -> Iterator[Record]:
        key_field = self._org.key_field()
        fields = task_select(self._org.describe(TASK), key_field.name if key_field else None)
        yield from self._org.records(select(fields, TASK, where), kind=kind, doing="reading tasks", deleted_too=True)

    def _by_id(self, task_ids: Sequence[str]) -> dict[str, Record]:
        found: dict[str, Record] = {}
        for part in in_lists([long_id(one) for one in task_ids]):
            found.update({long_id(str(record["Id"])): record for record in self._read(is_in("Id", part))})
        return found

    def states(self, refs: Sequence[TaskRef]) -> Iterator[TaskState]:
        """The present state of these tasks; one that is not in the answer was removed for good."""
        for part in in_parts(refs, IDS_PER_QUERY):
            found = self._by_id([ref.task_id for ref in part])
            yield from (_state(ref.task_id, found.get(long_id(ref.task_id))) for ref in part)

    # --- writing ---------------------------------------------------------------------------------------------

    def write(self, changes: Sequence[TaskChange]) -> Iterator[TaskOutcome]:
        """See Connector.write_tasks."""
        for part in in_parts(changes, BATCH):
            yield from self._slice(part)

    def _slice(self, changes: Sequence[TaskChange]) -> list[TaskOutcome]:
        outcomes: dict[int, TaskOutcome] = {}
        created = {n: change for n, change in enumerate(changes) if isinstance(change, CreateTask)}
        deleted = {n: change for n, change in enumerate(changes) if isinstance(change, DeleteTask)}
        changed = {n: change for n, change in enumerate(changes) if not isinstance(change, CreateTask | DeleteTask)}
        if created:
            outcomes.update(zip(created, self._create(list(created.values())), strict=True))
        if changed:
            outcomes.update(zip(changed, self._change(list(changed.values())), strict=True))
        if deleted:
            outcomes.update(zip(deleted, self._delete(list(deleted.values())), strict=True))
        return [outcomes[number] for number in range(len(changes))]

    def _create(self, changes: Sequence[CreateTask]) -> list[TaskOutcome]:
        key_field = self._org.key_field()
        user_id = self._org.client.token().user_id
        records = [
            create_record(change, key_field=key_field.name if key_field else None, user_id=user_id)
            for change in changes
        ]
        results = self._send_new(records, key_field)
        if any(isinstance(result, Refused) and isinstance(result.error, UnknownField) for result in results):
            self._org.forget((TASK,))  # a field was taken away: the next try does without it
        if (refusal := self._object_refusal(results)) is not None:
            return [_failure(change, refusal) for change in changes]
        strangers = [n for n, result in enumerate(results) if "WhoId" in records[n] and _is_about_contact(result)]
        for number in strangers:
            del records[number]["WhoId"]  # the contact left since the deal was read; the task is worth more than it
        again = self._send_new([records[number] for number in strangers], key_field)
        for number, result in zip(strangers, again, strict=True):
            results[number] = result
        there = self._already_there(changes, results)
        return [
            there.get(change.key.key) or _outcome(_Sent(change, record, {}), result)
            for change, record, result in zip(changes, records, results, strict=True)
        ]

    def _object_refusal(self, results: Sequence[Result]) -> MissingPermission | None:
        """The refusal of tasks as such, where that is what new ones met: no record of theirs could be the reason.

        Several refused alike are; of a single one the org's description of tasks tells.
        """
        refused = [one for one in results if isinstance(one, Refused) and is_about_object(one.fault)]
        if not refused or len(refused) < len(results):
            return None
        if len(results) == 1:
            self._org.forget((TASK,))
            tasks = self._org.describe_optional(TASK)
            if tasks is not None and tasks.createable:
                return None
        return MissingPermission(
            refused[0].error.what,
            scope="Task: create",
            remedy="Give the integration user the right to create tasks (Edit Tasks).",
            is_general=True,
        )

    def _send_new(self, records: Sequence[dict[str, Any]], key_field: KeyField | None) -> list[Result]:
        if key_field and key_field.is_unique:
            return self._writer.upsert(records, sobject=TASK, key_field=key_field.name, doing="writing tasks")
        return self._writer.create(records, doing="writing tasks")

    def _already_there(self, changes: Sequence[CreateTask], results: Sequence[Result]) -> dict[str, TaskRef]:
        """The tasks that a duplicate value of our key points to: they were written before."""
        keys = [change.key for change, result in zip(changes, results, strict=True) if _is_duplicate(result)]
        if not keys:
            return {}
        try:
            return {ref.key.key: ref for ref in self.find(keys)}
        except ConnectorError:
            return {}  # the duplicates stay failures, and are looked for at the next try

    def _change(self, changes: Sequence[TaskChange]) -> list[TaskOutcome]:
        """Updates by id, over what the tasks hold now. Those that are gone are not written."""
        try:
            before = self._by_id([_task_id(change) for change in changes])
            sent = [self._sent(change, before.get(long_id(_task_id(change)))) for change in changes]
        except ConnectorError as error:
            return [_failure(change, error) for change in changes]
        alive = [one for one in sent if isinstance(one, _Sent)]
        results = iter(self._writer.update([one.record for one in alive], doing="changing tasks"))
        return [_outcome(one, next(results)) if isinstance(one, _Sent) else one for one in sent]

    def _sent(self, change: TaskChange, before: Record | None) -> _Sent | WriteFailure:
        if before is None or status_of(before) is TaskStatus.DELETED:
            return _failure(change, Gone(f"{self._org.client.where}: the task no longer exists."))
        if isinstance(change, CloseTask):
            body = as_text(before.get("Description")) or ""
            record = close_record(change, body=body, status=self._org.statuses().closed)
            return _Sent(change, record, {**before, "IsClosed": True})
        if isinstance(change, ReopenTask):
            record = reopen_record(change, status=self._org.statuses().open)
            return _Sent(change, record, {**before, "IsClosed": False})
        if isinstance(change, UpdateTask):
            return _Sent(change, update_record(change), before)
        return _failure(change, Rejected(f"{self._org.client.where}: this change of a task is not known."))

    def _delete(self, changes: Sequence[DeleteTask]) -> list[TaskOutcome]:
        results = self._writer.delete([change.task_id for change in changes], doing="removing tasks")
        return [_deleted(change, result) for change, result in zip(changes, results, strict=True)]


def _state(task_id: str, record: Record | None) -> TaskState:
    if record is None:
        return TaskState(task_id=task_id, status=TaskStatus.DELETED)
    return TaskState(
        task_id=task_id,
        status=status_of(record),
        snapshot=snapshot_of(record),
        modified_at=as_instant(record.get("SystemModstamp")),
    )


def _outcome(sent: _Sent, result: Result) -> TaskOutcome:
    if isinstance(result, Written):
        return written_ref(sent.change.key, result.id, sent.before, sent.record)
    if _is_absent(result) and not isinstance(sent.change, CreateTask):
        return _failure(sent.change, Gone(result.error.what))
    return _failure(sent.change, result.error)


def _deleted(change: DeleteTask, result: Result) -> TaskOutcome:
    if isinstance(result, Refused) and not _is_absent(result):
        return _failure(change, result.error)
    gone = TaskSnapshot(subject="", body="", due_on=None, owner_id=None, status=TaskStatus.DELETED)
    return TaskRef(key=change.key, task_id=change.task_id, snapshot=gone)


def _failure(change: TaskChange, error: ConnectorError) -> WriteFailure:
    return WriteFailure(key=change.key, deal=change.key.deal, error=error)


def _is_about_contact(result: Result) -> bool:
    return isinstance(result, Refused) and result.fault is not None and "WhoId" in result.fault.fields


def _is_duplicate(result: Result) -> bool:
    return isinstance(result, Refused) and result.fault is not None and result.fault.code == "DUPLICATE_VALUE"


def _is_absent(result: Refused) -> bool:
    return result.fault is not None and result.fault.code in _ABSENT


def _task_id(change: TaskChange) -> str:
    return "" if isinstance(change, CreateTask) else change.task_id
