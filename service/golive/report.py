"""What going live comes to, before and after it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta

Touched = dict[str, str | None]
"""What a person changed: {deal_id, task_id, what}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoLiveRequest:
    """Which deals may be written to. Without `lost_since` those of the policy's age; without emails every rep's."""

    owner_emails: tuple[str, ...] = ()
    limit: int | None = None
    lost_since: date | None = None

    def since(self, today: date, months: int) -> date:
        """The first day of loss that counts; losses of so many months where none was named."""
        return self.lost_since or today - relativedelta(months=months)


class UnknownOwnerError(ValueError):
    """An email that belongs to nobody in the CRM."""

    reason = "unknown_owner"


@dataclass(slots=True, kw_only=True)
class GoLiveReport:
    """Counts of tasks to be written now, and of what is not, with the rule. Months are those of the due day."""

    connection: str
    tasks: int = 0
    deals: int = 0
    backlog: int = 0
    fields: int = 0
    waiting: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    by_month: Counter[str] = field(default_factory=Counter)
    by_owner: Counter[str] = field(default_factory=Counter)
    by_category: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """The object of `go-live --json`."""
        return {
            "connection": self.connection,
            "tasks": self.tasks,
            "deals": self.deals,
            "backlog": self.backlog,
            "fields": self.fields,
            "waiting": self.waiting,
            "skipped": _sorted(self.skipped),
            "by_month": _sorted(self.by_month),
            "by_owner": _sorted(self.by_owner),
            "by_category": _sorted(self.by_category),
        }


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in sorted(counts.items()) if count}
