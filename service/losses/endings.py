"""Deals that are lost no more: reopened, won, merged or deleted. Their episode ends there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from connectors.base import GoneDeal, GoneHow, WonDeal
from service.losses.arrivals import Arrivals
from service.store.deals import KnownDeal
from service.store.models import DealState


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an episode ends, in one word for the store and one sentence for people."""

    known: KnownDeal
    state: DealState
    ended_as: str
    ended_on: date
    why: str
    merged_into: str | None = None
    modified_at: datetime | None = None


def endings(arrivals: Arrivals, today: date) -> Sequence[Ending]:
    """The endings among a batch's arrivals."""
    return [
        *(_reopened(deal.modified_at, known, today) for deal, known in arrivals.reopened),
        *(_won(deal, known, today) for deal, known in arrivals.won),
        *(_gone(deal, known, today) for deal, known in arrivals.gone),
    ]


def unseen_endings(arrivals: Arrivals, today: date) -> Sequence[Ending]:
    """The endings of losses whose deals were reopened, and lost again, since they were last read."""
    return [
        _reopened(None, one.known, today) for one in arrivals.lost if one.known is not None and one.is_unseen_reopening
    ]


def _reopened(modified_at: datetime | None, known: KnownDeal, today: date) -> Ending:
    return Ending(
        known=known,
        state=DealState.OPEN,
        ended_as="reopened",
        ended_on=today,
        why="The deal was reopened.",
        modified_at=modified_at or known.modified_at,
    )


def _won(deal: WonDeal, known: KnownDeal, today: date) -> Ending:
    return Ending(
        known=known,
        state=DealState.WON,
        ended_as="won",
        ended_on=deal.won_on or today,
        why="The deal was won.",
        modified_at=deal.modified_at or known.modified_at,
    )


def _gone(deal: GoneDeal, known: KnownDeal, today: date) -> Ending:
    is_merged = deal.how is GoneHow.MERGED
    survivor = f" into deal {deal.merged_into}" if deal.merged_into else ""
    return Ending(
        known=known,
        state=DealState.GONE,
        ended_as="merged" if is_merged else "deleted",
        ended_on=today,
        why=f"The deal was merged{survivor}." if is_merged else "The deal was deleted.",
        merged_into=deal.merged_into,
        modified_at=known.modified_at,
    )
