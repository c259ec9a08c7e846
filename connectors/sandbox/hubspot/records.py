"""The records of one object type, in the order of their ids, and what search can see of them yet."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.hubspot.catalog import ObjectType


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An earlier or present value of one property."""

    value: str
    at_ms: int
    source: str = "INTEGRATION"


@dataclass(slots=True, kw_only=True)
class Record:
    """A record. `properties` holds only values that are set, each as text."""

    id: int
    properties: dict[str, str]
    created_ms: int
    modified_ms: int
    archived_ms: int | None = None
    history: dict[str, list[Change]] = field(default_factory=dict)  # newest first, only for what has changed
    rendered: bytes = b""  # in the form last asked for, until something changes
    rendered_form: Any = None


@dataclass(slots=True, kw_only=True)
class Shadow:
    """What search sees of a record until a change gets into the index; None: nothing, the record being new."""

    until_ms: int
    properties: dict[str, str] | None


class Table:
    """All records of one type, archived ones included."""

    def __init__(self, kind: ObjectType, *, first_id: int) -> None:
        self.kind = kind
        self.first_id = first_id
        self.records: dict[int, Record] = {}
        self.ids: list[int] = []
        self.archived_ids: list[int] = []
        self.merged: dict[int, int] = {}
        self.shadows: dict[int, list[Shadow]] = {}  # of each record the oldest view first
        self.revision = 0
        self._next_id = first_id
        self._indexes: dict[str, tuple[int, dict[str, int]]] = {}

    def new_id(self) -> int:
        """The id of the next record."""
        self._next_id += 1
        return self._next_id

    @property
    def last_id(self) -> int:
        """The highest id given out so far."""
        return self._next_id

    def add(self, record: Record) -> None:
        """Keep a new record."""
        self.records[record.id] = record
        self._next_id = max(self._next_id, record.id)
        insort(self.ids, record.id)
        self.revision += 1

    def find(self, record_id: int, *, archived: bool = False) -> Record | None:
        """The record, or the one it was merged into."""
        while record_id in self.merged:
            record_id = self.merged[record_id]
        record = self.records.get(record_id)
        return record if record and (record.archived_ms is not None) == archived else None

    def find_by(self, name: str, value: str) -> Record | None:
        """The live record with this value of a unique property, without regard to case."""
        revision, index = self._indexes.get(name, (-1, {}))
        if revision != self.revision:
            index = {r.properties[name].lower(): r.id for r in self.live() if name in r.properties}
            self._indexes[name] = (self.revision, index)
        record_id = index.get(value.lower())
        return self.records[record_id] if record_id is not None else None

    def live(self) -> Iterator[Record]:
        """The records that are not archived, by id."""
        return (self.records[record_id] for record_id in self.ids)

    def page(self, *, after: int, limit: int, archived: bool) -> tuple[list[Record], bool]:
        """Up to `limit` records with ids over `after`, and whether there are more."""
        ids = self.archived_ids if archived else self.ids
        start = bisect_right(ids, after)
        return [self.records[i] for i in ids[start : start + limit]], start + limit < len(ids)

    def before_change(self, record: Record, *, visible_ms: int, now_ms: int) -> None:
        """Remember what search goes on seeing of a record until `visible_ms`."""
        self.revision += 1
        record.rendered_form = None
        if visible_ms > now_ms:
            self._settle(now_ms)
            shadow = Shadow(until_ms=visible_ms, properties=dict(record.properties))
            self.shadows.setdefault(record.id, []).append(shadow)

    def hide_new(self, record: Record, *, visible_ms: int, now_ms: int) -> None:
        """Keep a new record out of search until `visible_ms`."""
        if visible_ms > now_ms:
            self.shadows[record.id] = [Shadow(until_ms=visible_ms, properties=None)]

    def archive(self, record: Record, at_ms: int) -> None:
        """Move a record to the recycle bin."""
        record.archived_ms = at_ms
        record.rendered_form = None
        self._drop(record.id)
        insort(self.archived_ids, record.id)

    def absorb(self, record: Record, *, into: Record) -> None:
        """Let a record vanish into another: its id answers with the survivor from now on."""
        self._drop(record.id)
        del self.records[record.id]
        self.merged[record.id] = into.id

    def indexed(self, now_ms: int, *, from_ms: int, from_id: int) -> Iterator[tuple[Record, dict[str, str]]]:
        """What search sees now: each live record with the properties the index knows.

        Leaves out most records with a stamp or id below the bounds, not all.
        """
        self._settle(now_ms)
        shadows, records = self.shadows, self.records
        for record_id in self.ids[bisect_left(self.ids, from_id) :]:
            record = records[record_id]
            if record_id in shadows:
                known = shadows[record_id][0].properties
                if known is not None:
                    yield record, known
            elif record.modified_ms >= from_ms:
                yield record, record.properties

    def index_state(self, now_ms: int) -> tuple[int, int]:
        """Changes whenever a search could answer differently."""
        self._settle(now_ms)
        return self.revision, sum(map(len, self.shadows.values()))

    def _settle(self, now_ms: int) -> None:
        for record_id, shadows in list(self.shadows.items()):
            left = [shadow for shadow in shadows if shadow.until_ms > now_ms]
            if left:
                self.shadows[record_id] = left
            else:
                del self.shadows[record_id]

    def _drop(self, record_id: int) -> None:
        self.revision += 1
        self.shadows.pop(record_id, None)
        self.ids.pop(bisect_right(self.ids, record_id) - 1)
