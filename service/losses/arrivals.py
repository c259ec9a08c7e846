"""What a fresh read of a deal means, compared with what is stored: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from connectors.base import DealState as ReadDeal
from connectors.base import GoneDeal, OpenDeal, WonDeal
from mappings.model import LostDeal, LostOnSource
from service.losses.scope import Scope
from service.store.codec import fingerprint
from service.store.deals import KnownDeal
from service.store.models import DealState


class Loss(StrEnum):
    """How a lost deal arrives."""

    NEW = "new"  # never stored
    CHANGED = "changed"  # the same episode, other content or other rules
    LOST_AGAIN = "lost_again"  # a new episode


@dataclass(frozen=True, slots=True, kw_only=True)
class LostArrival:
    """A lost deal that there is work for. `known` is None for a new one."""

    deal: LostDeal
    loss: Loss
    known: KnownDeal | None
    fingerprint: str
    excluded_by: str | None

    @property
    def is_unseen_reopening(self) -> bool:
        """A new episode whose deal, as it was last read, was lost: nobody has ended that loss yet."""
        return self.loss is Loss.LOST_AGAIN and self.known is not None and self.known.is_episode_running


@dataclass(slots=True)
class Arrivals:
    """A batch of reads, sorted by what they mean. `dropped` are unknown deals that are not lost."""

    lost: list[LostArrival] = field(default_factory=list)
    unchanged: list[KnownDeal] = field(default_factory=list)
    reopened: list[tuple[OpenDeal, KnownDeal]] = field(default_factory=list)
    won: list[tuple[WonDeal, KnownDeal]] = field(default_factory=list)
    gone: list[tuple[GoneDeal, KnownDeal]] = field(default_factory=list)
    dropped: int = 0


def sort_arrivals(
    deals: Iterable[ReadDeal],
    known: Mapping[str, KnownDeal],
    *,
    scope: Scope,
    mapping_version: str,
    policy_version: str,
    read_at: datetime | None = None,
    is_publishing: bool = False,
) -> Arrivals:
    """Sort a batch. Of a deal read twice the newer counts; a read older than what is stored changes nothing.

    `read_at` is when the read began: it decides where the CRM's stamps do not. `is_publishing`: the documents are being
    applied to what is stored, so older versions alone are left to that.
    """
    arrivals = Arrivals()
    for deal_id, deal in _newest(deals).items():
        stored = known.get(deal_id)
        if isinstance(deal, LostDeal):
            versions = None if is_publishing else (mapping_version, policy_version)
            _sort_lost(arrivals, deal, stored, scope, versions, read_at)
        elif stored is None:
            arrivals.dropped += 1
        elif isinstance(deal, GoneDeal):
            _sort_gone(arrivals, deal, stored, read_at)
        elif _is_stale(deal, stored, read_at) or stored.state == _state_of(deal):
            arrivals.unchanged.append(stored)
        elif isinstance(deal, WonDeal):
            arrivals.won.append((deal, stored))
        else:
            arrivals.reopened.append((deal, stored))
    return arrivals


def _sort_lost(
    arrivals: Arrivals,
    deal: LostDeal,
    stored: KnownDeal | None,
    scope: Scope,
    versions: tuple[str, str] | None,
    read_at: datetime | None,
) -> None:
    deal = _with_day_of_loss(deal, stored)
    mark = fingerprint(deal)
    excluded_by = scope.excluding_rule(deal)
    if stored is None:
        loss = Loss.NEW
    elif _is_stale(deal, stored, read_at):
        arrivals.unchanged.append(stored)
        return
    elif stored.state != DealState.LOST or not stored.is_episode_running or was_open_since(deal, stored):
        loss = Loss.LOST_AGAIN
    elif _stands(stored, mark, excluded_by, versions):
        arrivals.unchanged.append(stored)
        return
    else:
        loss = Loss.CHANGED
    arrivals.lost.append(LostArrival(deal=deal, loss=loss, known=stored, fingerprint=mark, excluded_by=excluded_by))


def was_open_since(deal: LostDeal, stored: KnownDeal) -> bool:
    """Whether the deal's history shows it not lost after it was last read: it was reopened, and lost anew."""
    return deal.open_until is not None and stored.modified_at is not None and deal.open_until > stored.modified_at


def _with_day_of_loss(deal: LostDeal, stored: KnownDeal | None) -> LostDeal:
    """Where the CRM tells no day, or one to come, the loss was read as today's: it stays that of the first read."""
    is_guess = deal.lost_on_source is LostOnSource.TODAY or (
        deal.lost_on_source is LostOnSource.CLOSE_DATE
        and deal.close_date is not None
        and deal.close_date > deal.lost_on
    )
    if not is_guess or stored is None or not stored.is_episode_running or stored.lost_on is None:
        return deal
    return replace(deal, lost_on=min(stored.lost_on, deal.lost_on))


def _sort_gone(arrivals: Arrivals, deal: GoneDeal, stored: KnownDeal, read_at: datetime | None) -> None:
    if stored.state == DealState.GONE or _was_read_before(stored, read_at):
        arrivals.unchanged.append(stored)
    else:
        arrivals.gone.append((deal, stored))


def _stands(stored: KnownDeal, mark: str, excluded_by: str | None, versions: tuple[str, str] | None) -> bool:
    """Whether what is stored is already what this read and these rules would give."""
    if stored.fingerprint != mark or stored.excluded_by != excluded_by:
        return False
    return excluded_by is not None or versions is None or (stored.mapping_version, stored.policy_version) == versions


def _newest(deals: Iterable[ReadDeal]) -> dict[str, ReadDeal]:
    newest: dict[str, ReadDeal] = {}
    for deal in deals:
        other = newest.get(deal.key.deal_id)
        if other is None or not _is_older(deal, other):
            newest[deal.key.deal_id] = deal
    return newest


def _is_older(deal: ReadDeal, other: ReadDeal) -> bool:
    one, two = getattr(deal, "modified_at", None), getattr(other, "modified_at", None)
    return one is not None and two is not None and one < two


def _is_stale(deal: LostDeal | OpenDeal | WonDeal, stored: KnownDeal, read_at: datetime | None) -> bool:
    """Whether the store already holds a newer state of the deal than this read.

    Where stamps do not tell, the read that began later has the newer: a stamp may stand for two states (Salesforce's
    have whole seconds), and one that lay ahead when it was read is wrong, and would keep out all that comes after.
    """
    if deal.modified_at is None or stored.modified_at is None or deal.modified_at == stored.modified_at:
        return _was_read_before(stored, read_at)
    if stored.is_stamped_ahead and read_at is not None:
        return _was_read_before(stored, read_at)
    return deal.modified_at < stored.modified_at


def _was_read_before(stored: KnownDeal, read_at: datetime | None) -> bool:
    """Whether this read began before the one that gave what is stored."""
    return read_at is not None and stored.read_at is not None and read_at < stored.read_at


def _state_of(deal: OpenDeal | WonDeal) -> DealState:
    return DealState.WON if isinstance(deal, WonDeal) else DealState.OPEN
