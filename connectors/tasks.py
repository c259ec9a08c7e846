"""What is written: tasks that show reminders, fields of deals, and what became of each write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from connectors.errors import ConnectorError
from mappings.model import DealKey
from mappings.task_text import TaskText


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskKey:
    """The idempotency key of a step ([A-Za-z0-9_-], at most 64 characters), and the deal it belongs to."""

    key: str
    deal: DealKey


class TaskStatus(StrEnum):
    """What a task can be, in our words."""

    OPEN = "open"
    COMPLETED = "completed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSnapshot:
    """A task as the CRM holds it. `body` is normalised by the connector (tags and white space), so that what we
    wrote and what we read back compare equal unless a person changed it."""

    subject: str
    body: str
    due_on: date | None
    owner_id: str | None
    status: TaskStatus = TaskStatus.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRef:
    """A task of ours in the CRM: its id there, and its content as of this call."""

    key: TaskKey
    task_id: str
    snapshot: TaskSnapshot
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskState:
    """A task read back. For a deleted one the snapshot may be None."""

    task_id: str
    status: TaskStatus
    snapshot: TaskSnapshot | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTask:
    """Write a step's task for the first time. The connector puts the key where it will find it again."""

    key: TaskKey
    text: TaskText
    due_on: date
    owner_id: str | None
    account_id: str | None = None
    contact_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTask:
    """Change an open task of ours by its CRM id. What is None stays as it is."""

    key: TaskKey
    task_id: str
    text: TaskText | None = None
    due_on: date | None = None
    owner_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseTask:
    """Complete a task of ours; `note` is put in front of its body and says why."""

    key: TaskKey
    task_id: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenTask:
    """Open again a task that we closed ourselves, with the given text and due date."""

    key: TaskKey
    task_id: str
    text: TaskText
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteTask:
    """Remove a task of ours. Only `undo`, and the removal of an untouched double, use it."""

    key: TaskKey
    task_id: str


TaskChange = CreateTask | UpdateTask | CloseTask | ReopenTask | DeleteTask


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """Set fields of one deal (CRM field name -> value; None clears; dates are ISO days)."""

    deal: DealKey
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A field change that the CRM confirmed."""

    deal: DealKey


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFailure:
    """One change of a batch that did not happen, or may not have (`error` is Unclear). Others are not affected."""

    key: TaskKey | None
    deal: DealKey
    error: ConnectorError


TaskOutcome = TaskRef | WriteFailure
"""A DeleteTask that succeeded answers a TaskRef whose snapshot has status DELETED."""
