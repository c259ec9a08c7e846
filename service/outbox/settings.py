"""The outbox's waits, as settings: tests run them in milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxSettings:
    """`look_after_s` is the total time-out of one request: until then the answer to a lost attempt may still arrive,
    and its task may still appear. `brake` is how many unplanned writes an hour may bring.
    `patience_s` is how long a command waits for tried writes to be settled. A write that the CRM failed
    on `max_attempts` times becomes a dead letter: with the back-off's cap that is half a day. `jitter` gives a
    number in [0, 1).
    """

    batch_size: int = 100
    lease_s: float = 30.0
    look_after_s: float = 70.0
    backoff_s: float = 2.0
    backoff_cap_s: float = 900.0
    brake: int = 200
    patience_s: float = 0.0
    max_attempts: int = 50
    jitter: Callable[[], float] = field(default=lambda: 0.0, compare=False)

    @property
    def lease(self) -> timedelta:
        """How long a claimed row stays its worker's."""
        return timedelta(seconds=self.lease_s)

    @property
    def look_after(self) -> timedelta:
        """How long after an attempt its outcome may be looked for."""
        return timedelta(seconds=self.look_after_s)

    def next_try(self, now: datetime, attempts: int, retry_after_s: float | None) -> datetime:
        """When to try again after so many attempts; never before the CRM's own word.

        Up to half as long again at random, so that workers turned away together do not come back together.
        """
        doubled = min(self.backoff_s * 2.0 ** min(max(attempts - 1, 0), 60), self.backoff_cap_s)
        return now + timedelta(seconds=max(doubled, retry_after_s or 0.0) + 0.5 * doubled * self.jitter())
