"""Tasks as the CRM in memory holds them, and what a change makes of one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from connectors.base import (
    CloseTask,
    CreateTask,
    DeleteTask,
    ReopenTask,
    TaskChange,
    TaskKey,
    TaskRef,
    TaskSnapshot,
    TaskStatus,
    UpdateTask,
)
from mappings.model import DealKey
from mappings.task_text import TaskText

REMOVED = TaskSnapshot(subject="", body="", due_on=None, owner_id=None, status=TaskStatus.DELETED)


@dataclass
class FakeTask:
    """A task as the CRM holds it."""

    id: str
    key: str
    deal: DealKey
    subject: str
    body: str
    due_on: date
    owner_id: str | None
    created_at: datetime
    status: TaskStatus = TaskStatus.OPEN

    @property
    def snapshot(self) -> TaskSnapshot:
        return TaskSnapshot(
            subject=self.subject, body=self.body, due_on=self.due_on, owner_id=self.owner_id, status=self.status
        )

    def ref(self, key: TaskKey) -> TaskRef:
        return TaskRef(key=key, task_id=self.id, snapshot=self.snapshot, created_at=self.created_at)


def created(change: CreateTask, *, id_: str, at: datetime) -> FakeTask:
    """The task that a first write makes."""
    return FakeTask(
        id=id_,
        key=change.key.key,
        deal=change.key.deal,
        subject=change.text.subject,
        body=body_of(change.text, change.key),
        due_on=change.due_on,
        owner_id=change.owner_id,
        created_at=at,
    )


def changed(task: FakeTask, change: TaskChange) -> FakeTask:
    """The task after the change. A first write meets a task only through a unique key: then it writes over it."""
    if isinstance(change, CloseTask):
        body = task.body if task.body.startswith(change.note) else f"{change.note}\n{task.body}"
        return replace(task, status=TaskStatus.COMPLETED, body=body)
    if isinstance(change, DeleteTask):
        return replace(task, status=TaskStatus.DELETED)
    return replace(
        task,
        status=TaskStatus.OPEN if isinstance(change, ReopenTask) else task.status,
        subject=change.text.subject if change.text else task.subject,
        body=body_of(change.text, change.key) if change.text else task.body,
        due_on=change.due_on or task.due_on,
        owner_id=(change.owner_id if isinstance(change, CreateTask | UpdateTask) else None) or task.owner_id,
    )


def body_of(text: TaskText, key: TaskKey) -> str:
    """The paragraphs, the deal's address, and the key as the last line."""
    return "\n".join(line for line in (*text.lines, text.deal_url, key.key) if line)
