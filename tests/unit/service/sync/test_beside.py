"""A first read on two cores: the same helpings in the same order, and another process only where there is much."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from connectors.base import Checkpoint, Page, Watermark
from connectors.errors import ServerError
from mappings.model import DealKey, LostDeal
from service.losses.ahead import Reading
from service.sync import beside
from service.sync.beside import with_meanings

MARK = Watermark(stamp=datetime(2026, 11, 22, tzinfo=UTC))
READING = Reading(mapping_text="", policy_text="", today=date(2026, 11, 23), connection="acme")


class Dead:
    """Another process that was handed blocks, and died."""

    begun = 0

    def __init__(self, _job: object) -> None: ...

    def begin(self, _block: bytes) -> object:
        Dead.begun += 1
        return lambda: None

    def close(self) -> None: ...


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "Beside", Dead)
    monkeypatch.setattr(beside, "cores", lambda: 2)
    monkeypatch.setattr(beside, "MANY", 3)
    Dead.begun = 0


def helping(number: int, size: int, *, is_last: bool = False) -> Page:
    deals = tuple(LostDeal(key=DealKey("a", f"{number}-{place}"), lost_on=date(2026, 11, 2)) for place in range(size))
    if is_last:
        return Page(deals=deals, watermark=MARK)
    return Page(deals=deals, checkpoint=Checkpoint(cursor=f"{number}"))


@pytest.mark.parametrize("sizes", [(5,), (1, 1, 1), (2, 5)])
def test_a_small_read_starts_no_process(sizes: tuple[int, ...]) -> None:
    pages = [helping(number, size, is_last=number == len(sizes)) for number, size in enumerate(sizes, start=1)]

    assert list(with_meanings(pages, READING)) == [(page, None) for page in pages]
    assert Dead.begun == 0


def test_a_large_one_comes_in_order_whatever_becomes_of_the_process() -> None:
    pages = [helping(1, 4), helping(2, 0), helping(3, 1), helping(4, 2, is_last=True)]

    assert list(with_meanings(pages, READING)) == [(page, None) for page in pages]
    assert Dead.begun == 3, "nothing is handed over where no deal is lost"


def test_what_was_read_before_a_failure_is_handed_on_before_it_is_raised() -> None:
    def failing() -> Iterator[Page]:
        yield helping(1, 4)
        yield helping(2, 4)
        raise ServerError("the CRM failed")

    reading = with_meanings(failing(), READING)

    assert [next(reading)[0].checkpoint, next(reading)[0].checkpoint] == [
        Checkpoint(cursor="1"),
        Checkpoint(cursor="2"),
    ]
    with pytest.raises(ServerError):
        next(reading)
