"""Our own sentences about a reminder, made from the same values as its dates."""

from __future__ import annotations

from datetime import date

from service.reminders.queued import Queued
from service.store.models import ReminderRow


def day_in_words(day: date) -> str:
    """A day as people write it: Tuesday 5 November 2026."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def why_in_force(reminder: ReminderRow | Queued) -> str:
    """The plan's why, and what moved the day since."""
    why, moved = reminder.why.rstrip(), reminder.due_on != reminder.planned_on
    if not moved:
        return why
    days = f"{day_in_words(reminder.planned_on)} to {day_in_words(reminder.due_on)}"
    if reminder.is_pinned:
        return f"{why} Moved in the CRM from {days}."
    if reminder.is_placed:
        return f"{why} Moved from {days}, as that day or its week was full for whoever does it."
    return f"{why} Moved from {days}."
