"""Work on many deals that our own code may fail on: taken apart until the ones that fail stand alone.

A fault in one odd deal would otherwise stop all that are worked on together, each time anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError

from connectors.errors import ConnectorError
from service.errors import RekindleError
from service.store.failed_deals import save_failed_deals, say_failed_deals
from service.store.models import DealRow
from service.store.session import Store

T = TypeVar("T")
R = TypeVar("R")

MOST_FAILED = 50
"""More failures than this in one helping are no odd deals: something is broken, and stops the work."""
NOT_THE_DEALS = (OperationalError, InterfaceError, RekindleError, ConnectorError)


def take_apart(
    things: Sequence[T], take: Callable[[Sequence[T]], R], failed: Callable[[T, Exception], object]
) -> list[R]:
    """`take(things)`; where that fails for no reason outside them, its halves, and halves of halves.

    Gives what each part came to, and `failed` each thing that fails alone. `take` is one unit of work: what it did of a
    part that fails is undone.
    """
    taken: list[R] = []
    count = 0
    waiting = [things]
    while waiting:
        part = waiting.pop(0)
        try:
            taken.append(take(part))
        except NOT_THE_DEALS:
            raise
        except Exception as error:
            if not part or count >= MOST_FAILED:
                raise
            if len(part) == 1:
                count += 1
                failed(part[0], error)
            else:
                middle = len(part) // 2
                waiting = [part[:middle], part[middle:], *waiting]
    return taken


def note_failed(store: Store, connection_id: int, deal_row_id: int, error: Exception, *, now: datetime) -> None:
    """Record a stored deal that our code failed on, for health and ledger; every sync tries it again."""
    with store.begin() as tx:
        found = tx.execute(
            select(DealRow.crm_deal_id, DealRow.name, DealRow.close_month).where(DealRow.id == deal_row_id)
        ).one_or_none()
        if found is not None:
            save_failed_deals(tx, connection_id, [(*found, what_failed(error))], now=now)
            say_failed_deals(tx, connection_id)


def what_failed(error: Exception) -> str:
    """What a reader is told. The error's own words may hold a person's notes; its kind and place do not."""
    return f"our code failed on it ({type(error).__name__} in {_place(error)}); report this line."


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "an unknown place"
