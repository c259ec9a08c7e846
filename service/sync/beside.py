"""A first read on two cores: what the losses of a helping mean is worked out elsewhere while the one before is saved.

Only where there is much to read: another process takes a second to begin, and needs memory of its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial

from connectors.base import Page
from mappings.model import LostDeal
from service.cores import Beside, Job, cores
from service.losses.ahead import Ahead, Reader, Reading, packed, read_losses, unpacked

MANY = 1000
"""Deals in a helping with more to come (the last one has a watermark): such a read is worth another process."""

Waiting = tuple[Page, Callable[[], Ahead | None]]


def with_meanings(helpings: Iterable[Page], reading: Reading) -> Iterator[tuple[Page, Ahead | None]]:
    """Each helping, in order, with what its losses mean where that was worked out elsewhere.

    An error of the reading is raised after what was read before it has been handed on.
    """
    waiting: deque[Waiting] = deque()
    is_large = False
    with closing(Beside(Job(begin=partial(Reader.begin, reading), work=read_losses))) as other:
        try:
            for page in helpings:
                is_large = is_large or (page.watermark is None and len(page.deals) >= MANY and cores() > 1)
                waiting.append((page, _begin(other, page, reading) if is_large else _nothing))
                while len(waiting) > (1 if is_large else 0):
                    yield _next(waiting)
        except Exception:
            while waiting:
                yield _next(waiting)
            raise
        while waiting:
            yield _next(waiting)


def _begin(other: Beside[Reader, bytes, bytes], page: Page, reading: Reading) -> Callable[[], Ahead | None]:
    deals = [deal for deal in page.deals if isinstance(deal, LostDeal)]
    if not deals:
        return _nothing
    answer = other.begin(packed(deals))
    return lambda: unpacked(deals, reading, answer() or b"")


def _next(waiting: deque[Waiting]) -> tuple[Page, Ahead | None]:
    page, answer = waiting.popleft()
    return page, answer()


def _nothing() -> None:
    return None
