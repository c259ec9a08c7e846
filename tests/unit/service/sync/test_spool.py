"""Pages kept between the CRM and the database: what was read is not asked for again, and nothing comes twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest

from connectors.base import Checkpoint, GoneDeal, GoneHow, OpenDeal, Page, UnreadableRecord, Watermark, WonDeal
from mappings.model import Account, DealKey, LostDeal, Money, Note
from service.store.models import ConnectionRow
from service.sync.spool import Place, Spool

MARK = Watermark(stamp=datetime(2026, 11, 21, 9, 30, 1, 250_000, tzinfo=UTC), id="7")
LAST = 40


def row(**values: object) -> ConnectionRow:
    shared = {"id": 1, "account_id": "org", "url": "https://crm", "notes": "full"}
    return ConnectionRow(**{**shared, "fields": {}, "scope": {}, "options": {}, **values})


def page(number: int) -> Page:
    key = DealKey("org", f"d{number}")
    note = Note(text="No, thank you.", field="description")
    money = Money(amount=Decimal("10.50"), currency="EUR")
    lost = LostDeal(
        key=key, lost_on=date(2026, 9, 1), account=Account(id="a", name="Löwe"), amount=money, notes=(note,)
    )
    others = (OpenDeal(key=DealKey("org", "o")), WonDeal(key=DealKey("org", "w"), won_on=date(2026, 9, 2)))
    return Page(
        deals=(lost, *others, GoneDeal(key=DealKey("org", "g"), how=GoneHow.MERGED, merged_into="d1")),
        unreadable=(UnreadableRecord(record_id="u", says="odd"),),
        checkpoint=Checkpoint(cursor=f"after {number}") if number < LAST else None,
        watermark=MARK if number == LAST else None,
        read_at=MARK.stamp,
    )


class Crm:
    """Gives the pages from a place on, and counts them."""

    def __init__(self) -> None:
        self.read = 0

    def __call__(self, since: Place) -> Iterator[Page]:
        start = int(since.cursor.split()[1]) + 1 if isinstance(since, Checkpoint) else 1
        for number in range(start, LAST + 1):
            self.read += 1
            yield page(number)


def taken(pages: Iterator[Page], count: int) -> list[Page]:
    return [next(pages) for _ in range(count)]


def test_after_a_kill_what_was_read_is_not_asked_for_again(tmp_path: Path) -> None:
    crm = Crm()
    first = Spool(tmp_path, row())
    seen = taken(first.pages(None, crm), 25)
    first.saved(seen[9])

    again = list(Spool(tmp_path, row()).pages(seen[9].checkpoint, crm))

    assert again == [page(number) for number in range(11, LAST + 1)]
    assert crm.read == LAST


def test_what_the_database_has_already_does_not_come_again(tmp_path: Path) -> None:
    """Killed after the commit, and before the file could be given up."""
    seen = taken(Spool(tmp_path, row()).pages(None, Crm()), 25)
    again = list(Spool(tmp_path, row()).pages(seen[19].checkpoint, Crm()))
    assert again == [page(number) for number in range(21, LAST + 1)]


def test_a_page_that_was_cut_off_is_read_again(tmp_path: Path) -> None:
    crm = Crm()
    taken(Spool(tmp_path, row()).pages(None, crm), 5)
    (file,) = (tmp_path / "spool").iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    second = Spool(tmp_path, row())
    assert taken(second.pages(None, crm), 7) == [page(number) for number in range(1, 8)]
    assert list(Spool(tmp_path, row()).pages(None, crm)) == [page(number) for number in range(1, LAST + 1)]
    assert crm.read == LAST + 1


@pytest.mark.parametrize("change", [{"fields": {"reason": ["Other"]}}, {"options": {"x": "1"}}, {"account_id": "two"}])
def test_what_was_read_under_another_mapping_is_left_alone(tmp_path: Path, change: dict[str, object]) -> None:
    taken(Spool(tmp_path, row()).pages(None, Crm()), 5)
    crm = Crm()
    list(Spool(tmp_path, row(**change)).pages(None, crm))
    assert crm.read == LAST


def test_another_starting_point_reads_from_there(tmp_path: Path) -> None:
    taken(Spool(tmp_path, row()).pages(None, Crm()), 5)
    crm = Crm()
    assert len(list(Spool(tmp_path, row()).pages(MARK, crm))) == crm.read == LAST


@pytest.mark.parametrize("notes", ["facts", "off"])
def test_notes_that_are_not_to_be_kept_are_kept_nowhere(tmp_path: Path, notes: str) -> None:
    list(Spool(tmp_path, row(notes=notes)).pages(None, Crm()))
    assert not (tmp_path / "spool").exists()


def test_nothing_is_left_behind_when_all_is_saved(tmp_path: Path) -> None:
    spool = Spool(tmp_path, row())
    for one in spool.pages(None, Crm()):
        spool.saved(one)
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_disk_that_is_full_costs_no_page(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file stands in the folder's place")
    read: Callable[[Place], Iterator[Page]] = Crm()
    assert len(list(Spool(tmp_path, row()).pages(None, read))) == LAST


class Slow:
    """A CRM whose pages come in three parts each; it goes on from the parts it is given, and counts what it makes."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self, since: Place) -> Iterator[Page]:
        start, parts = 1, since.parts if isinstance(since, Checkpoint) else ()
        if isinstance(since, Checkpoint):
            start = int(since.cursor.split()[1]) + 1
        for number in range(start, 6):
            for part in range(len(parts), 3):
                self.made.append(f"{number}.{part}")
                mark = f"{number}.{part}".encode()
                parts = (*parts, mark)
                yield Page(deals=(), checkpoint=Checkpoint(cursor=f"after {number - 1}"), part=mark, read_at=at(part))
            assert parts == tuple(f"{number}.{part}".encode() for part in range(3))
            parts = ()
            yield replace(page(number), read_at=at(9))


def at(minute: int) -> datetime:
    return MARK.stamp.replace(minute=minute)


@pytest.mark.parametrize("killed_after", range(1, 20))
def test_no_part_of_a_page_is_made_twice(tmp_path: Path, killed_after: int) -> None:
    crm = Slow()

    def dying(since: Place) -> Iterator[Page]:
        for number, one in enumerate(crm(since), start=1):
            yield one
            if number == killed_after:
                return

    seen = [one.deals for one in Spool(tmp_path, row()).pages(None, dying)]
    whole = list(Spool(tmp_path, row()).pages(None, crm))

    assert [one.deals for one in whole] == [page(number).deals for number in range(1, 6)]
    assert seen == [one.deals for one in whole][: len(seen)]
    assert crm.made == [f"{number}.{part}" for number in range(1, 6) for part in range(3)]


def test_a_page_is_as_old_as_its_first_part(tmp_path: Path) -> None:
    """What a webhook brought since then is newer, and must not be overwritten."""
    parts = Spool(tmp_path, row()).pages(None, lambda since: islice(Slow()(since), 2))
    assert list(parts) == []
    assert [one.read_at for one in Spool(tmp_path, row()).pages(None, Slow())][:2] == [at(0), at(9)]
