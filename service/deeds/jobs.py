"""The address of something that was asked for and is done elsewhere: by a worker, or by a thread of some process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from service.errors import NothingSuch
from service.store.models import ConnectionRow, RunRow
from service.store.runs import first_run_after, latest_runs

GIVEN_UP_AFTER = timedelta(minutes=2)
"""What has not begun by then is not coming."""

KINDS = ("sync", "go-live", "undo")


class JobState(StrEnum):
    """How far it is. `lost`: nothing began in time; ask again."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What was asked for: the first run of that kind after the newest one there was then."""

    kind: str
    after: int
    asked_at: datetime

    @property
    def id(self) -> str:
        """Its part of the address."""
        return f"{self.kind}-{self.after}-{int(self.asked_at.timestamp())}"


def new_job(tx: Session, connection: ConnectionRow, kind: str, *, now: datetime) -> Job:
    """The job that is about to be asked for."""
    newest = latest_runs(tx, connection.id, limit=1)
    return Job(kind=kind, after=newest[0].id if newest else 0, asked_at=now)


def job_of(id_: str) -> Job:
    """The job of that address. Raises NothingSuch."""
    kind, _, numbers = next(
        ((one, "-", id_[len(one) + 1 :]) for one in KINDS if id_.startswith(f"{one}-")), ("", "", "")
    )
    after, _, asked = numbers.partition("-")
    if not all(part.isascii() and part.isdecimal() and len(part) < 11 for part in (after, asked)):
        raise NothingSuch("There is no such job.", remedy="Take its address from the answer that began it.")
    return Job(kind=kind, after=int(after), asked_at=datetime.fromtimestamp(int(asked), UTC))


def job_state(tx: Session, connection: ConnectionRow, job: Job, *, now: datetime) -> tuple[JobState, RunRow | None]:
    """How far it is, and its run once that has begun."""
    run = first_run_after(tx, connection.id, job.after, kind=job.kind)
    if run is None:
        return (JobState.WAITING if now - job.asked_at < GIVEN_UP_AFTER else JobState.LOST), None
    if run.finished_at is None:
        is_held = connection.sync_leased_until is not None and connection.sync_leased_until > now
        return (JobState.RUNNING if is_held else JobState.LOST), run
    return (JobState.FAILED if run.error else JobState.DONE), run
