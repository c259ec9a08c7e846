"""Tasks as records, and records as tasks. Pure.

https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_task.htm
"""

from __future__ import annotations

from typing import Any

from connectors.base import CloseTask, CreateTask, ReopenTask, TaskKey, TaskRef, TaskSnapshot, TaskStatus, UpdateTask
from connectors.salesforce.ids import long_id
from connectors.salesforce.schema import TASK
from connectors.salesforce.values import Record, as_bool, as_day, as_instant, as_text
from mappings.task_text import TaskText

SUBJECT_LENGTH = 255
BODY_LENGTH = 32_000
_TYPE = {"type": TASK}


def render_body(text: TaskText, key: str) -> str:
    """The description: paragraphs, the deal's address, and the key as the last line, which is never cut off."""
    end = "\n\n".join(part for part in (text.deal_url, key) if part)
    words = "\n\n".join(line for line in text.lines if line)
    room = BODY_LENGTH - len(end) - 2
    return f"{words[:room].rstrip()}\n\n{end}" if words else end


def tidy_body(body: str) -> str:
    """The body as two readings of one text agree on it: line ends, and blanks at the ends."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def holds_key(body: str, key: str) -> bool:
    """Whether the key stands on a line of its own; people may have written below it."""
    return any(line.strip() == key for line in body.splitlines())


def create_record(change: CreateTask, *, key_field: str | None, user_id: str = "") -> dict[str, Any]:
    """The record of a new task. Without an owner it belongs to `user_id`, the user of the connection."""
    record: dict[str, Any] = {
        "attributes": _TYPE,
        "Subject": change.text.subject[:SUBJECT_LENGTH],
        "Description": render_body(change.text, change.key.key),
        "ActivityDate": change.due_on.isoformat(),
        "WhatId": change.key.deal.deal_id,
    }
    if owner_id := change.owner_id or user_id:
        record["OwnerId"] = owner_id
    if change.contact_id:
        record["WhoId"] = change.contact_id
    if key_field:
        record[key_field] = change.key.key
    return record


def update_record(change: UpdateTask) -> dict[str, Any]:
    """The fields that change, by the task's id."""
    record: dict[str, Any] = {"attributes": _TYPE, "id": change.task_id}
    if change.text is not None:
        record["Subject"] = change.text.subject[:SUBJECT_LENGTH]
        record["Description"] = render_body(change.text, change.key.key)
    if change.due_on is not None:
        record["ActivityDate"] = change.due_on.isoformat()
    if change.owner_id is not None:
        record["OwnerId"] = change.owner_id
    return record


def close_record(change: CloseTask, *, body: str, status: str) -> dict[str, Any]:
    """Completes the task, with the note in front of its body."""
    text = f"{change.note}\n\n{body}" if change.note and not body.startswith(change.note) else body
    return {"attributes": _TYPE, "id": change.task_id, "Status": status, "Description": _cut(text, change.key.key)}


def reopen_record(change: ReopenTask, *, status: str) -> dict[str, Any]:
    """Opens the task again, with new words."""
    return {
        "attributes": _TYPE,
        "id": change.task_id,
        "Status": status,
        "Subject": change.text.subject[:SUBJECT_LENGTH],
        "Description": render_body(change.text, change.key.key),
        "ActivityDate": change.due_on.isoformat(),
    }


def snapshot_of(record: Record) -> TaskSnapshot:
    """A task's record as the product sees it."""
    return TaskSnapshot(
        subject=as_text(record.get("Subject")) or "",
        body=tidy_body(as_text(record.get("Description")) or ""),
        due_on=as_day(record.get("ActivityDate")),
        owner_id=long_id(as_text(record.get("OwnerId")) or "") or None,
        status=status_of(record),
    )


def status_of(record: Record) -> TaskStatus:
    """Deleted, completed or open, by the record's flags."""
    if as_bool(record.get("IsDeleted")):
        return TaskStatus.DELETED
    return TaskStatus.COMPLETED if as_bool(record.get("IsClosed")) else TaskStatus.OPEN


def ref_of(key: TaskKey, record: Record) -> TaskRef:
    """The reference to a task that was read."""
    return TaskRef(
        key=key,
        task_id=long_id(as_text(record.get("Id")) or ""),
        snapshot=snapshot_of(record),
        created_at=as_instant(record.get("CreatedDate")),
    )


def written_ref(key: TaskKey, task_id: str, before: Record, written: Record) -> TaskRef:
    """The reference to a task that was just written: what it held before, under what was written."""
    merged = {**before, **written, "Id": task_id}
    return ref_of(key, merged)


def _cut(body: str, key: str) -> str:
    return body if len(body) <= BODY_LENGTH else f"{body[: BODY_LENGTH - len(key) - 2].rstrip()}\n\n{key}"
