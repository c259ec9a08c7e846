"""What a task's text hangs on: it is written again when this changes, and only then."""

from __future__ import annotations

from service.reminders.queued import Queued
from service.store.models import TaskRefRow


def gist(row: Queued, *, why: str, note: str | None) -> dict[str, str | None]:
    """As it is to be: the day, the why, and what is said of the ways that are left."""
    return {"due_on": row.due_on.isoformat(), "why": why, "note": note}


def gist_of(ref: TaskRefRow) -> dict[str, str | None]:
    """As a standing task was last written, or is being written; empty where that is not known."""
    written = (ref.in_flight or ref.written).get("gist")
    return {"note": None, **written} if written else {}
