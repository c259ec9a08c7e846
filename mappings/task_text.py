"""What a task says to the rep: one subject and the lines of a body, in plain words and without mark-up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskText:
    """A task's words. Connectors render them: plain text for one CRM, escaped HTML for another.

    `subject` has at most 70 characters. `lines` are the body's paragraphs in order, without line breaks inside; the
    deal's address and the key come after them, the key as the last line.
    """

    subject: str
    lines: tuple[str, ...]
    deal_url: str = ""
