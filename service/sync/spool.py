"""Pages that were read and are not saved yet, kept in a file: a sync that was killed need not ask for them again.

Pages are saved some at a time, because a transaction costs the same for a page as for ten. What is under way between
the CRM and the database would be read again after every kill. Here each page is appended as it comes, with the place
it was read from; a later sync takes those that go on from the place that the database holds, and no others.
"""

from __future__ import annotations

import hashlib
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from connectors.base import (
    Checkpoint,
    DealState,
    GoneDeal,
    OpenDeal,
    Page,
    UnreadableRecord,
    Watermark,
    WonDeal,
)
from mappings.model import LostDeal
from service.losses.notes import NotesMode
from service.store.models import ConnectionRow

Place = Checkpoint | Watermark | None
_KINDS: tuple[type[DealState], ...] = (LostDeal, OpenDeal, WonDeal, GoneDeal)
_HEAD = struct.Struct(">II")  # length and checksum of what follows
_PAGES_A_FILE = 16
_ENCODER = msgspec.msgpack.Encoder()


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """A page as it stands in a file."""

    at: str
    deals: list[tuple[int, msgspec.Raw]]
    unreadable: tuple[UnreadableRecord, ...]
    warnings: tuple[str, ...]
    checkpoint: str | None
    watermark: Watermark | None
    read_at: datetime | None
    part: bytes = b""


_DECODER = msgspec.msgpack.Decoder(_Kept)


class Spool:
    """The pages of one connection, in files of a few pages each. One sync uses it at a time."""

    def __init__(self, folder: Path, connection: ConnectionRow) -> None:
        self._folder = folder / "spool"
        self._name = f"{connection.id}"
        self._mark = _read_as(connection)
        # Where notes are not to be kept whole, they are not kept whole here either.
        self._is_on = connection.notes == NotesMode.FULL
        self._lock = threading.Lock()  # pages are added by the thread that reads, and given up by the one that saves
        self._files: list[tuple[Path, list[str]]] = []
        self._number = 0
        # The last place that is here, with the parts of the page that follows it, and when the first was asked for.
        self._begun: Checkpoint | None = None
        self._begun_at: datetime | None = None
        self._is_open = False  # whether the last file may be added to: one found here may end in the middle of a page

    def pages(self, since: Place, read: Callable[[Place], Iterator[Page]]) -> Iterator[Page]:
        """The pages from a place on: first those that are here, then what `read` gives from where they end."""
        if not self._is_on:
            yield from (page for page in read(since) if not page.part)
            return
        place = since
        for page in self._kept(since):
            yield page
            if page.checkpoint is None:
                return
            place = page.checkpoint
        at = self._spelt(place)
        begun_at = self._begun_at
        for fresh in read(self._begun or place):
            # Where its first part was asked for long ago, what was read elsewhere since then is newer.
            page = replace(fresh, read_at=begun_at or fresh.read_at)
            self._add(at, page)
            if not page.part:
                begun_at = None
                yield page
                at = self._spelt(page.checkpoint)

    def saved(self, page: Page) -> None:
        """The pages up to this one are in the database."""
        end = self._spelt(page.checkpoint)
        with self._lock:
            done = next((number for number, (_, ends) in enumerate(self._files) if end in ends), None)
            if done is None:
                return
            if self._files[done][1][-1] == end:
                done += 1
            for path, _ in self._files[:done]:
                _remove(path)
            self._files = self._files[done:]
            self._is_open = self._is_open and bool(self._files)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            for path in self._there():
                _remove(path)
            self._files, self._is_open = [], False

    def _kept(self, since: Place) -> Iterator[Page]:
        at = self._spelt(since)
        self._begun, self._begun_at = None, None
        for path in self._there():
            self._number = int(path.stem.rpartition("-")[2])
            ends: list[str] = []
            is_of_use = False
            for kept in list(_load(path)):
                if kept.at != at:
                    continue
                if kept.part and kept.checkpoint is not None:
                    parts = self._begun.parts if self._begun else ()
                    self._begun_at = self._begun_at or kept.read_at
                    self._begun = Checkpoint(cursor=kept.checkpoint, parts=(*parts, kept.part))
                    is_of_use = True
                    continue
                try:
                    page = _page(kept)
                except msgspec.DecodeError:  # of another version's making: what follows is read again
                    break
                at, self._begun, self._begun_at = self._spelt(page.checkpoint), None, None
                ends.append(at)
                if len(ends) == 1:
                    self._files.append((path, ends))
                yield page
            if not ends and not is_of_use:
                _remove(path)

    def _add(self, at: str, page: Page) -> None:
        kinds = [_KINDS.index(type(deal)) for deal in page.deals]
        checkpoint = page.checkpoint.cursor if page.checkpoint else None
        deals = list(zip(kinds, page.deals, strict=True))
        whole = (at, deals, page.unreadable, page.warnings, checkpoint, page.watermark, page.read_at, page.part)
        body = _ENCODER.encode(whole)
        with self._lock, suppress(OSError):  # a full disk: then these pages are read again, if it comes to that
            if not self._is_open or len(self._files[-1][1]) >= _PAGES_A_FILE:
                self._number += 1
                self._files.append((self._folder / f"{self._name}-{self._number:09d}.pages", []))
                self._is_open = True
                self._folder.mkdir(mode=0o700, exist_ok=True)
            path, ends = self._files[-1]
            if not page.part:
                ends.append(self._spelt(page.checkpoint))
            with path.open("ab") as file:
                file.write(_HEAD.pack(len(body), zlib.crc32(body)) + body)

    def _there(self) -> list[Path]:
        return sorted(self._folder.glob(f"{self._name}-*.pages"))

    def _spelt(self, place: Place) -> str:
        """A place as text, with what the deals were read as: under another mapping it is another place."""
        if isinstance(place, Checkpoint):
            return f"{self._mark} at {place.cursor}"
        if isinstance(place, Watermark):
            return f"{self._mark} since {place.stamp.isoformat()} {place.id}"
        return f"{self._mark} all"


def _read_as(connection: ConnectionRow) -> str:
    what = (connection.account_id, connection.url, connection.fields, connection.scope_in_force, connection.options)
    return hashlib.sha256(msgspec.json.encode(what)).hexdigest()[:16]


def _load(path: Path) -> Iterator[_Kept]:
    """The whole pages of a file; what was cut off, or is of another version's making, ends it."""
    try:
        content = path.read_bytes()
    except OSError:
        return
    start = 0
    while start + _HEAD.size <= len(content):
        length, checksum = _HEAD.unpack_from(content, start)
        body = content[start + _HEAD.size : start + _HEAD.size + length]
        if len(body) < length or zlib.crc32(body) != checksum:
            return
        try:
            yield _DECODER.decode(body)
        except msgspec.DecodeError:
            return
        start += _HEAD.size + length


def _page(kept: _Kept) -> Page:
    return Page(
        deals=tuple(msgspec.msgpack.decode(raw, type=_KINDS[kind]) for kind, raw in kept.deals),
        unreadable=kept.unreadable,
        warnings=kept.warnings,
        checkpoint=None if kept.checkpoint is None else Checkpoint(cursor=kept.checkpoint),
        watermark=kept.watermark,
        read_at=kept.read_at,
    )


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
