"""Reading ahead: nothing is lost, doubled or out of order by it, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.base import Checkpoint, GoneDeal, GoneHow, Page, Watermark
from connectors.errors import ServerError
from mappings.model import DealKey
from service.sync.readahead import ENOUGH, in_helpings, read_ahead

MARK = Watermark(stamp=datetime(2026, 11, 21, tzinfo=UTC))


def _page(number: int, size: int, *, is_last: bool = False) -> Page:
    deals = tuple(GoneDeal(key=DealKey("a", f"{number}-{n}"), how=GoneHow.DELETED) for n in range(size))
    if is_last:
        return Page(deals=deals, watermark=MARK, warnings=(f"said on {number}",))
    return Page(deals=deals, checkpoint=Checkpoint(cursor=f"page {number}"), warnings=(f"said on {number}",))


def _ids(pages: list[Page]) -> list[str]:
    return [deal.key.deal_id for page in pages for deal in page.deals]


def test_small_pages_come_joined_with_the_place_of_the_last_one() -> None:
    pages = [_page(1, 100), _page(2, ENOUGH), _page(3, 10), _page(4, 5, is_last=True)]

    joined = list(read_ahead(iter(pages)))

    assert [page.checkpoint for page in joined] == [Checkpoint(cursor="page 2"), None]
    assert [page.watermark for page in joined] == [None, MARK]
    assert _ids(joined) == _ids(pages)
    assert [line for page in joined for line in page.warnings] == [f"said on {n}" for n in (1, 2, 3, 4)]


def test_what_was_read_before_a_failure_is_handed_on_before_it_is_raised() -> None:
    def failing() -> Iterator[Page]:
        yield _page(1, 3)
        raise ServerError("the CRM failed")

    reading = read_ahead(failing())
    first = next(reading)
    with pytest.raises(ServerError):
        next(reading)

    assert _ids([first]) == ["1-0", "1-1", "1-2"]
    assert first.checkpoint == Checkpoint(cursor="page 1")


def test_a_reader_that_is_left_reads_no_further() -> None:
    begun: list[int] = []

    def endless() -> Iterator[Page]:
        number = 0
        while True:
            number += 1
            begun.append(number)
            yield _page(number, ENOUGH)

    reading = read_ahead(endless())
    next(reading)
    reading.close()  # type: ignore[attr-defined]  # a generator has it

    assert len(begun) <= 4


def test_a_read_without_deals_still_brings_its_watermark() -> None:
    assert [page.watermark for page in in_helpings([Page(deals=(), watermark=MARK)])] == [MARK]


def test_a_large_page_comes_in_pieces_that_stay_at_the_place_where_it_was_begun() -> None:
    pages = [_page(1, 2 * ENOUGH), _page(2, 2 * ENOUGH), _page(3, 2 * ENOUGH, is_last=True)]
    begun_at = Checkpoint(cursor="page 0")

    pieces = list(read_ahead(iter(pages), begun_at))

    assert [len(piece.deals) for piece in pieces] == [ENOUGH] * 6
    places = [begun_at, *(page.checkpoint for page in pages)]
    assert [piece.checkpoint for piece in pieces] == [places[0], places[1], places[1], places[2], places[2], None]
    assert [piece.watermark for piece in pieces] == [None] * 5 + [MARK]
    assert _ids(pieces) == _ids(pages)
    assert [line for piece in pieces for line in piece.warnings] == [f"said on {n}" for n in (1, 2, 3)]
