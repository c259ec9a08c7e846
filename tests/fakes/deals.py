"""Deals as the CRM in memory holds them, read in pages in order of change, counted and looked at by account."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from connectors.base import (
    AccountActivity,
    Checkpoint,
    DealState,
    GoneDeal,
    MonthCount,
    OpenDeal,
    Page,
    Watermark,
    WonDeal,
)
from mappings.model import LostDeal

OVERLAP = timedelta(minutes=30)
"""So much before the watermark is read again: a change may become visible after later ones."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

Place = tuple[datetime, str]
"""Where a deal stands in the order of change: its stamp, and its id among equal stamps."""
START: Place = (LONG_AGO, "")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How far a read has come: what it gives, the place it goes on from, and the furthest that was ever read."""

    only_lost: bool
    after: Place
    furthest: Place

    @classmethod
    def starting(cls, since: Watermark | Checkpoint | None) -> Reading:
        """Where a read starts: at the beginning, at the overlap before a watermark, or where another one stopped."""
        if since is None:
            return cls(only_lost=True, after=START, furthest=START)
        if isinstance(since, Watermark):
            return cls(only_lost=False, after=(since.stamp - OVERLAP, ""), furthest=(since.stamp, since.id))
        only_lost, after, furthest = json.loads(since.cursor)
        return cls(only_lost=only_lost, after=_place(*after), furthest=_place(*furthest))

    def page(self, deals: Iterable[DealState], *, size: int) -> tuple[Page, Reading]:
        """The next page, and how far the read has come with it. The last page bears the watermark."""
        due = sorted((deal for deal in deals if self._gives(deal)), key=place_of)
        here = tuple(due[:size])
        after = place_of(here[-1]) if here else self.after
        come = replace(self, after=after, furthest=max(after, self.furthest))
        if len(due) > size:
            return Page(deals=here, checkpoint=come.checkpoint), come
        stamp, id_ = come.furthest
        return Page(deals=here, watermark=Watermark(stamp=stamp, id=id_)), come

    @property
    def checkpoint(self) -> Checkpoint:
        places = [(stamp.isoformat(), id_) for stamp, id_ in (self.after, self.furthest)]
        return Checkpoint(cursor=json.dumps([self.only_lost, *places]))

    def _gives(self, deal: DealState) -> bool:
        kinds = LostDeal if self.only_lost else LostDeal | OpenDeal | WonDeal
        return isinstance(deal, kinds) and place_of(deal) > self.after


def pages(
    since: Watermark | Checkpoint | None, *, read: Callable[[], Iterable[DealState]], size: int
) -> Iterator[Page]:
    """All pages of a read; `read` asks for the deals as they are at each of them."""
    reading = Reading.starting(since)
    while True:
        page, reading = reading.page(read(), size=size)
        yield page
        if page.watermark is not None:
            return


def place_of(deal: DealState) -> Place:
    """Where the deal stands in the order of change; those nobody ever stamped come first."""
    stamp = None if isinstance(deal, GoneDeal) else deal.modified_at
    return (stamp or LONG_AGO, deal.key.deal_id)


def _place(stamp: str, id_: str) -> Place:
    return datetime.fromisoformat(stamp), id_


def touched(deal: DealState, at: datetime) -> DealState:
    """The deal after a change at that instant."""
    return deal if isinstance(deal, GoneDeal) else replace(deal, modified_at=at)


def lost_by_month(deals: Iterable[DealState]) -> Iterator[MonthCount]:
    """The CRM's own counts, by the month of the close date."""
    months = Counter(
        f"{deal.close_date:%Y-%m}" if deal.close_date else "" for deal in deals if isinstance(deal, LostDeal)
    )
    return (MonthCount(month=month, count=count) for month, count in sorted(months.items()))


def activity_of(account_id: str, deals: Iterable[DealState]) -> AccountActivity:
    """An account's open deals and its latest win."""
    here = [deal for deal in deals if isinstance(deal, OpenDeal | WonDeal) and deal.account_id == account_id]
    return AccountActivity(
        account_id=account_id,
        open_deal_ids=tuple(deal.key.deal_id for deal in here if isinstance(deal, OpenDeal)),
        won_on=max((deal.won_on for deal in here if isinstance(deal, WonDeal) and deal.won_on), default=None),
    )
