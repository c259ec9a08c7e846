"""What reading deals gives: their states, the pages they come in, and where a read stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from mappings.model import DealKey, LostDeal


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """How far an ordered stream of changes has been read: the stamp, and the id among equal stamps."""

    stamp: datetime
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A resumable place inside a long read. `cursor` is the connector's own text; nobody else reads it.

    `parts` are what pages of this place have given of the page that follows it, in order, where they were kept.
    """

    cursor: str
    parts: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDeal:
    """A deal that is not closed. Known lost deals that turn up as this were reopened.

    `outputs` are, as for a lost deal, the present values of the CRM fields that we write to: what we wrote while it
    was lost still stands there.
    """

    key: DealKey
    account_id: str | None = None
    modified_at: datetime | None = None
    outputs: Mapping[str, str | None] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WonDeal:
    """A deal that is closed and won. `outputs` as for an open deal."""

    key: DealKey
    won_on: date | None = None
    account_id: str | None = None
    modified_at: datetime | None = None
    outputs: Mapping[str, str | None] = field(default_factory=dict, hash=False)


class GoneHow(StrEnum):
    """Why a deal is no longer there."""

    DELETED = "deleted"
    MERGED = "merged"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneDeal:
    """A deal that no longer exists. `merged_into` is the surviving deal's id, where the CRM tells."""

    key: DealKey
    how: GoneHow = GoneHow.NOT_FOUND
    merged_into: str | None = None


DealState = LostDeal | OpenDeal | WonDeal | GoneDeal


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableRecord:
    """One record that could not be understood; the others of its page go on."""

    record_id: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a read. Save it, then its `checkpoint`.

    `checkpoint` is None on the last page. `watermark` is set on the last page only: the point from which the next
    incremental read starts (the connector subtracts its own overlap when it reads). `read_at` is when the page was
    asked for; whoever asks sets it.

    A page with a `part` is none yet: it has no deals, and its checkpoint is the place from where it was begun. Whoever
    keeps the part and gives it back with that checkpoint saves having it read again; nobody has to.
    """

    deals: tuple[DealState, ...]
    checkpoint: Checkpoint | None = None
    watermark: Watermark | None = None
    unreadable: tuple[UnreadableRecord, ...] = ()
    warnings: tuple[str, ...] = ()
    read_at: datetime | None = None
    part: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCount:
    """The CRM's own count of closed-lost deals by month of the close date. `month` is YYYY-MM, "" without one."""

    month: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountActivity:
    """What happens at a prospect's account, for sensing before a write.

    `last_activity_on` leaves out our own tasks. `won_on` is the latest win.
    """

    account_id: str
    open_deal_ids: tuple[str, ...] = ()
    won_on: date | None = None
    last_activity_on: date | None = None
