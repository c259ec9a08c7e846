"""Reading the CRM ahead of what is being saved, in helpings of a size that a database likes.

A CRM's page may hold a hundred deals, a transaction costs the same for a thousand; and while one helping is saved the
next is under way. Nothing is skipped by it: a helping carries the checkpoint of its last page, so that what was read
and not saved is read again.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from connectors.base import Checkpoint, Page

ENOUGH = 1000
"""Deals in a helping: it is handed on with the page that reaches this."""


def read_ahead(pages: Iterable[Page], begun_at: Checkpoint | None = None) -> Iterator[Page]:
    """The pages joined into helpings, one of them read in advance by a thread of its own; the next is not begun before
    that one is taken, so that no more than two are held here. `begun_at` is the place that is saved already.

    An error of the reading is raised after what was read before it has been handed on.
    """
    ready: queue.Queue[Page | BaseException | None] = queue.Queue(maxsize=1)
    taken = threading.Semaphore(0)
    is_over = threading.Event()

    def read() -> None:
        try:
            for helping in in_helpings(pages, begun_at):
                _hand_on(ready, helping, is_over)
                del helping  # or it would be kept while the next one is read
                while not is_over.is_set() and not taken.acquire(timeout=0.2):
                    pass
                if is_over.is_set():
                    return
            _hand_on(ready, None, is_over)
        except BaseException as error:  # noqa: BLE001 -- raised again where it is waited for
            _hand_on(ready, error, is_over)

    threading.Thread(target=read, daemon=True, name="read-ahead").start()
    try:
        while (found := ready.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            taken.release()
            yield found
    finally:
        is_over.set()


def dated(pages: Iterable[Page], now: Callable[[], datetime]) -> Iterator[Page]:
    """The pages, each with the instant at which it, or the first part of it, was asked for."""
    asked_at = now()
    for page in pages:
        yield replace(page, read_at=asked_at)
        asked_at = asked_at if page.part else now()


def in_helpings(pages: Iterable[Page], begun_at: Checkpoint | None = None) -> Iterator[Page]:
    """Successive pages joined until there are enough deals, and cut where one has more than that. Where the reading
    fails, what there is comes first."""
    gathered: list[Page] = []
    try:
        for page in _cut(pages, begun_at):
            gathered.append(page)
            if sum(len(one.deals) for one in gathered) >= ENOUGH:
                joined = _joined(gathered)
                gathered = []
                del page
                yield joined
                del joined
    except Exception:
        if gathered:
            yield _joined(gathered)
        raise
    if gathered:
        yield _joined(gathered)


def _cut(pages: Iterable[Page], begun_at: Checkpoint | None) -> Iterator[Page]:
    """A large page in pieces, so that no more of it is worked on at once than of small ones. All but the last are at
    the place where the page was begun: after a crash it is read again as a whole."""
    for page in pages:
        count = -(-len(page.deals) // ENOUGH)
        size = -(-len(page.deals) // count) if count else 0
        for start in range(0, size * (count - 1), size or 1):
            yield Page(deals=page.deals[start : start + size], checkpoint=begun_at, read_at=page.read_at)
        yield replace(page, deals=page.deals[size * (count - 1) :]) if count > 1 else page
        begun_at = page.checkpoint
        del page


def _joined(pages: list[Page]) -> Page:
    """One page of several: the place reached is that of the last."""
    marks = [page.watermark for page in pages if page.watermark is not None]
    return replace(
        pages[-1],
        deals=tuple(deal for page in pages for deal in page.deals),
        unreadable=tuple(one for page in pages for one in page.unreadable),
        warnings=tuple(one for page in pages for one in page.warnings),
        watermark=marks[-1] if marks else None,
        read_at=pages[0].read_at,
    )


def _hand_on(
    ready: queue.Queue[Page | BaseException | None], found: Page | BaseException | None, is_over: threading.Event
) -> None:
    """Wait for room, for as long as somebody is there to take it."""
    while not is_over.is_set():
        try:
            ready.put(found, timeout=0.2)
        except queue.Full:
            continue
        return
