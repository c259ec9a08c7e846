"""What a sync did."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from service.pipeline import IngestCounts


@dataclass(slots=True)
class SyncReport:
    """What a sync did, as `rekindle sync --json` shows it. Counting for the ledger is counted apart."""

    connection: str
    counts: IngestCounts = field(default_factory=IngestCounts)
    written: int = 0
    failed: int = 0
    calls: int = 0
    ledger_calls: int = 0
    seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object that interfaces fix."""
        return {
            "connection": self.connection,
            **asdict(self.counts),
            "written": self.written,
            "failed": self.failed,
            "calls": self.calls,
            "ledger_calls": self.ledger_calls,
            "seconds": round(self.seconds, 2),
            "warnings": self.warnings,
            "failures": self.failures,
        }
