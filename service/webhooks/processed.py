"""What working on the inbox came to."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from service.pipeline import IngestCounts


@dataclass(slots=True)
class Processed:
    """`events` were taken up, of `deals` deals. `swept` were answered by one sync; `put_back` are tried again; `dead`
    were given up. `written` and `failed` are CRM writes. `next_at` is when the next event is due: None, none is open.
    """

    events: int = 0
    deals: int = 0
    swept: int = 0
    put_back: int = 0
    dead: int = 0
    written: int = 0
    failed: int = 0
    calls: int = 0
    counts: IngestCounts = field(default_factory=IngestCounts)
    failures: list[str] = field(default_factory=list)
    next_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """The object of `inbox run --json`."""
        numbers = {name: getattr(self, name) for name in ("events", "deals", "swept", "put_back", "dead", "written")}
        return {
            **numbers,
            "failed": self.failed,
            "calls": self.calls,
            **{name: count for name, count in asdict(self.counts).items() if name != "read"},
            "failures": self.failures,
            "next_at": self.next_at.isoformat() if self.next_at else None,
        }
