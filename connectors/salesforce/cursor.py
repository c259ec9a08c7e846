"""A place inside a long read, as text: enough to go on after a crash, when the server has forgotten the read. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

import orjson

from connectors.base import Checkpoint, Watermark
from connectors.errors import Rejected
from connectors.salesforce.values import Record, as_instant, as_text


class Mode(StrEnum):
    """What is being read, and by which interface."""

    LOST = "lost"  # every closed-lost deal, by REST
    CHANGES = "changes"  # every deal changed since the watermark, by REST
    BULK = "bulk"  # every closed-lost deal, from the results of a Bulk job


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """`at`, `at_id`: the last deal read, in the order of stamp and id. `high`, `high_id`: the highest one seen.

    `start` is the time of the read's first answer: what changed later may have been missed, so the next read must
    not start behind it. `since` is the watermark of a read of changes. `job`, `version`, `locator` and `header`
    belong to a Bulk job's results.
    """

    mode: Mode
    since: datetime | None = None
    at: datetime | None = None
    at_id: str = ""
    high: datetime | None = None
    high_id: str = ""
    start: datetime | None = None
    job: str = ""
    version: str = ""
    locator: str = ""
    header: tuple[str, ...] = ()

    def past(self, records: tuple[Record, ...]) -> Cursor:
        """The place behind these records, which are in order."""
        last = next((place for place in map(_place, reversed(records)) if place), None)
        if last is None:
            return self
        high, high_id = max(last, (self.high, self.high_id)) if self.high else last
        return replace(self, at=last[0], at_id=last[1], high=high, high_id=high_id)

    def seen(self, records: tuple[Record, ...]) -> Cursor:
        """The highest deal seen, these records included, in whatever order they are."""
        places = [place for place in map(_place, records) if place]
        if self.high:
            places.append((self.high, self.high_id))
        if not places:
            return self
        high, high_id = max(places)
        return replace(self, high=high, high_id=high_id)

    def watermark(self) -> Watermark | None:
        """Where the next read starts: the highest deal seen, or the start of this read where that is earlier."""
        if self.high is None:
            return None
        limit = max(self.start, self.since or self.start) if self.start else self.high  # never behind the last one
        if limit < self.high:
            return Watermark(stamp=limit)
        return Watermark(stamp=self.high, id=self.high_id)


def to_checkpoint(cursor: Cursor) -> Checkpoint:
    """The cursor as text."""
    return Checkpoint(cursor=orjson.dumps(asdict(cursor)).decode())


def from_checkpoint(checkpoint: Checkpoint) -> Cursor:
    """The cursor of a text that `to_checkpoint` made. Raises Rejected for any other."""
    try:
        parts = orjson.loads(checkpoint.cursor)
        return Cursor(
            mode=Mode(parts["mode"]),
            since=as_instant(parts["since"]),
            at=as_instant(parts["at"]),
            at_id=str(parts["at_id"]),
            high=as_instant(parts["high"]),
            high_id=str(parts["high_id"]),
            start=as_instant(parts["start"]),
            job=str(parts["job"]),
            version=str(parts["version"]),
            locator=str(parts["locator"]),
            header=tuple(parts["header"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Rejected("The stored place in this read cannot be understood; read from the start.") from error


def _place(record: Record) -> tuple[datetime, str] | None:
    try:
        stamp = as_instant(record.get("SystemModstamp"))
    except ValueError:
        return None
    return (stamp.astimezone(UTC), as_text(record.get("Id")) or "") if stamp else None
