"""What a person did to a task of ours: whatever is neither what we last wrote nor what we are writing. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.base import TaskSnapshot, TaskState, TaskStatus

FIELDS = ("status", "due_on", "owner_id", "subject", "body")
IN_WORDS = {
    "status": "status",
    "due_on": "due day",
    "owner_id": "owner",
    "subject": "subject",
    "body": "body",
}


def edits(state: TaskState, written: Mapping[str, Any], in_flight: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The fields a person changed. A body in flight is not compared: only the CRM knows how it stores it.

    Nor is one that we forgot, as it named a person whose data was deleted.
    """
    found = []
    if state.status != TaskStatus.OPEN and str(state.status) not in _ours("status", written, in_flight):
        found.append("status")
    if state.snapshot is None:
        return tuple(found)
    present = flat(state.snapshot)
    for field in FIELDS[1:]:
        is_unknown = field == "body" and (written.get("body", "") is None or "subject" in (in_flight or ()))
        if not is_unknown and present[field] not in _ours(field, written, in_flight):
            found.append(field)
    return tuple(found)


def their_values(state: TaskState, theirs: Sequence[str]) -> dict[str, str | None] | None:
    """What the CRM holds where a person changed it, but for the body; None where there is nothing of the kind."""
    present = flat(state.snapshot) if state.snapshot else {}
    values = {**present, "status": str(state.status)}
    return {field: values[field] for field in theirs if field != "body" and field in values} or None


def added_words(body: str, written: str) -> str:
    """The lines of a task's text that are not ours."""
    ours = {" ".join(line.split()) for line in written.splitlines()}
    return "\n".join(line.strip() for line in body.splitlines() if " ".join(line.split()) not in ours)


def flat(snapshot: TaskSnapshot) -> dict[str, str | None]:
    """A snapshot as JSON-able values."""
    return {
        "status": str(snapshot.status),
        "due_on": snapshot.due_on.isoformat() if snapshot.due_on else None,
        "owner_id": snapshot.owner_id,
        "subject": snapshot.subject,
        "body": snapshot.body,
    }


def _ours(field: str, written: Mapping[str, Any], in_flight: Mapping[str, Any] | None) -> tuple[Any, ...]:
    known = [written.get(field)]
    if in_flight is not None and field in in_flight:
        known.append(in_flight[field])
    return tuple(known)
