"""A CRM in memory that behaves like one: batches, partial failures, answers lost before and after the commit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base import (
    AccountActivity,
    Checkpoint,
    CloseTask,
    CreateTask,
    DealState,
    DeleteTask,
    Description,
    Done,
    FieldChange,
    Health,
    MonthCount,
    Page,
    ReopenTask,
    TaskChange,
    TaskKey,
    TaskOutcome,
    TaskRef,
    TaskSnapshot,
    TaskState,
    TaskStatus,
    UpdateTask,
    Watermark,
    WriteFailure,
)
from connectors.errors import ConnectorError, Gone, Rejected, Unclear
from mappings.model import DealKey, LostDeal
from mappings.task_text import TaskText

ACCOUNT_ID = "org-1"


class Crash(BaseException):
    """The process is killed here."""


@dataclass
class FakeTask:
    """A task as the CRM holds it."""

    id: str
    key: str
    deal: DealKey
    subject: str
    body: str
    due_on: Any
    owner_id: str | None
    created_at: datetime
    status: TaskStatus = TaskStatus.OPEN

    @property
    def snapshot(self) -> TaskSnapshot:
        return TaskSnapshot(
            subject=self.subject, body=self.body, due_on=self.due_on, owner_id=self.owner_id, status=self.status
        )


@dataclass
class FakeConnector:
    """One CRM account. `batch` records go out in one request; each request is listed in `calls`.

    `before` and `after` are called around the commit of each request, with its kind: they may raise a ConnectorError
    (the request's answer), or Crash. What `after` raises comes after the CRM changed its records.
    """

    batch: int = 3
    tasks: dict[str, FakeTask] = field(default_factory=dict)
    deals: dict[str, LostDeal] = field(default_factory=dict)
    fields: dict[str, dict[str, str | None]] = field(default_factory=dict)
    activity: dict[str, AccountActivity] = field(default_factory=dict)
    inactive_owners: set[str] = field(default_factory=set)
    refuse: Callable[[TaskChange | FieldChange], ConnectorError | None] = lambda change: None
    before: Callable[[str], None] = lambda kind: None
    after: Callable[[str], None] = lambda kind: None
    calls: list[str] = field(default_factory=list)
    created: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    # --- what a person does in the CRM

    def live(self, key: str | None = None) -> list[FakeTask]:
        return [
            task
            for task in self.tasks.values()
            if task.status != TaskStatus.DELETED and (key is None or task.key == key)
        ]

    def open(self) -> list[FakeTask]:
        return [task for task in self.tasks.values() if task.status == TaskStatus.OPEN]

    def the_task(self) -> FakeTask:
        (task,) = self.open()
        return task

    def write_calls(self) -> list[str]:
        return [call for call in self.calls if call in {"write_tasks", "write_fields"}]

    # --- reads

    def check(self) -> Health:
        return Health(checks=(), account_id=ACCOUNT_ID)

    def describe(self) -> Description:
        return Description(account_id=ACCOUNT_ID)

    def changed_deals(self, since: Watermark | Checkpoint | None, /) -> Iterator[Page]:
        yield Page(deals=tuple(self._deal(id_) for id_ in self.deals))

    def get_deals(self, keys: Sequence[DealKey], /) -> Iterator[DealState]:
        self._request("get_deals")
        for key in keys:
            if key.deal_id in self.deals:
                yield self._deal(key.deal_id)

    def count_lost(self) -> Iterator[MonthCount]:
        yield from ()

    def account_activity(self, account_ids: Sequence[str], /) -> Iterator[AccountActivity]:
        self._request("account_activity")
        yield from [self.activity[id_] for id_ in account_ids if id_ in self.activity]

    def find_tasks(self, keys: Sequence[TaskKey], /) -> Iterator[TaskRef]:
        self._request("find_tasks")
        wanted = {key.key: key for key in keys}
        for task in self.live():
            if task.key in wanted:
                yield self._ref(wanted[task.key], task)

    def changed_tasks(self, since: Watermark | None, refs: Sequence[TaskRef], /) -> Iterator[TaskState]:
        self._request("changed_tasks")
        for ref in refs:
            task = self.tasks.get(ref.task_id)
            if task is None or task.status == TaskStatus.DELETED:
                yield TaskState(task_id=ref.task_id, status=TaskStatus.DELETED)
            elif since is None or task.snapshot != ref.snapshot:
                yield TaskState(task_id=task.id, status=task.status, snapshot=task.snapshot)

    def deal_url(self, key: DealKey, /) -> str:
        return f"https://crm.example/deals/{key.deal_id}"

    # --- writes

    def write_tasks(self, changes: Sequence[TaskChange], /) -> Iterator[TaskOutcome]:
        for start in range(0, len(changes), self.batch):
            part = changes[start : start + self.batch]
            self.calls.append("write_tasks")
            try:
                self.before("write_tasks")
            except Unclear as error:
                yield from [WriteFailure(key=one.key, deal=one.key.deal, error=error) for one in part]
                continue
            with self.lock:
                outcomes = [self._write(one) for one in part]
            try:
                self.after("write_tasks")
            except Unclear as error:
                yield from [WriteFailure(key=one.key, deal=one.key.deal, error=error) for one in part]
                continue
            yield from outcomes

    def write_fields(self, changes: Sequence[FieldChange], /) -> Iterator[Done | WriteFailure]:
        for start in range(0, len(changes), self.batch):
            part = changes[start : start + self.batch]
            self.calls.append("write_fields")
            self.before("write_fields")
            outcomes: list[Done | WriteFailure] = []
            for one in part:
                if error := self.refuse(one):
                    outcomes.append(WriteFailure(key=None, deal=one.deal, error=error))
                else:
                    self.fields.setdefault(one.deal.deal_id, {}).update(one.values)
                    outcomes.append(Done(deal=one.deal))
            try:
                self.after("write_fields")
            except Unclear as error:
                yield from [WriteFailure(key=None, deal=one.deal, error=error) for one in part]
                continue
            yield from outcomes

    def _write(self, change: TaskChange) -> TaskOutcome:
        error = self.refuse(change)
        if error is None and isinstance(change, CreateTask) and change.owner_id in self.inactive_owners:
            error = Rejected("The user is inactive.", code="INACTIVE_OWNER_OR_USER", fields=("OwnerId",))
        task = self._changed(change)
        if error is None and task is None:
            error = Gone("The task no longer exists.")
        if error is not None or task is None:
            return WriteFailure(key=change.key, deal=change.key.deal, error=error or Gone("gone"))
        self.tasks[task.id] = task
        return self._ref(change.key, task)

    def _changed(self, change: TaskChange) -> FakeTask | None:
        if isinstance(change, CreateTask):
            self.created += 1
            return FakeTask(
                id=f"T{self.created}",
                key=change.key.key,
                deal=change.key.deal,
                subject=change.text.subject,
                body=_body(change.text),
                due_on=change.due_on,
                owner_id=change.owner_id,
                created_at=datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=self.created),
            )
        task = self.tasks.get(change.task_id)
        if task is None or task.status == TaskStatus.DELETED:
            return None
        if isinstance(change, UpdateTask):
            text = change.text
            return replace(
                task,
                subject=text.subject if text else task.subject,
                body=_body(text) if text else task.body,
                due_on=change.due_on or task.due_on,
                owner_id=change.owner_id or task.owner_id,
            )
        if isinstance(change, CloseTask):
            return replace(task, status=TaskStatus.COMPLETED, body=f"{change.note}\n{task.body}")
        if isinstance(change, ReopenTask):
            return replace(
                task,
                status=TaskStatus.OPEN,
                subject=change.text.subject,
                body=_body(change.text),
                due_on=change.due_on,
            )
        assert isinstance(change, DeleteTask)
        return replace(task, status=TaskStatus.DELETED)

    def _ref(self, key: TaskKey, task: FakeTask) -> TaskRef:
        return TaskRef(key=key, task_id=task.id, snapshot=task.snapshot, created_at=task.created_at)

    def _deal(self, deal_id: str) -> LostDeal:
        deal = self.deals[deal_id]
        return replace(deal, outputs={**deal.outputs, **self.fields.get(deal_id, {})})

    def _request(self, kind: str) -> None:
        self.calls.append(kind)
        self.before(kind)
        self.after(kind)


def _body(text: TaskText) -> str:
    return "\n".join(text.lines)
