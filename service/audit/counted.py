"""The losses of a period, counted for all the tables of a page. A unit of work that only reads keeps the answers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from math import fsum
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from sqlalchemy.orm import Session

from service.audit.lens import Lens
from service.store.losses import Column, Losses, losses_between
from service.store.session import KEPT

Answer = TypeVar("Answer")
FILTERS = (
    "connection_id", "owner_id", "category", "sub_reason", "stated_category", "competitor", "country", "industry",
    "band",
)  # fmt: skip


class Cell(NamedTuple):
    """Losses that are alike in all of this. `amount` is None where none of them has one."""

    category: str
    sub_reason: str | None
    stated: str
    currency: str | None
    band: str
    deals: int
    amount: Decimal | None


def cells(tx: Session, lens: Lens) -> Sequence[Cell]:
    """The losses by reason, currency and size, with their amounts."""
    return _kept(tx, ("cells", repr(lens)), lambda: _cells(_picked(tx, lens)))


def segments(tx: Session, lens: Lens, name: str) -> Sequence[tuple[Any, str, int]]:
    """(value, category, how many) by one of FILTERS."""
    return _kept(tx, (name, repr(lens)), lambda: [(*key, n) for key, n in _picked(tx, lens).count((name, "category"))])


def by_week(tx: Session, lens: Lens) -> list[tuple[date, str, str | None, int]]:
    """(Monday, category, sub-reason, how many)."""
    return [(*key, count) for key, count in _picked(tx, lens).count(("week", "category", "sub_reason"))]


def by_owner(tx: Session, lens: Lens) -> list[tuple[int, str | None, str, int]]:
    """(connection id, CRM owner id, category, how many)."""
    return [(*key, count) for key, count in _picked(tx, lens).count(("connection_id", "owner_id", "category"))]


def summed(counts: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    """How many in all for each key."""
    found: dict[Any, int] = {}
    for key, count in counts:
        found[key] = found.get(key, 0) + count
    return found


class _Picked:
    """Those of the losses that a lens shows."""

    def __init__(self, tx: Session, lens: Lens) -> None:
        # With the period before, which the same page asks for.
        self._all = losses_between(tx, lens.period.before.start, lens.period.end)
        self._rows: range | list[int] = range(len(self._all.amounts))
        self._keep(self._all.days, self._all.days_of(lens.period.start, lens.period.end))
        for name in FILTERS:
            if (wanted := getattr(lens, name)) is not None:
                self._keep(self._all.columns[name], {wanted})
        if lens.owners is not None:
            self._keep_owners(self._all, set(lens.owners))

    def codes(self, name: str) -> Sequence[int]:
        """A column of them."""
        codes: Sequence[int] = self._of(self._column(name).codes)
        return codes

    @property
    def amounts(self) -> Sequence[float]:
        """Their amounts."""
        amounts: Sequence[float] = self._of(self._all.amounts)
        return amounts

    def values(self, names: Sequence[str], codes: Sequence[int]) -> tuple[Any, ...]:
        """What the codes of these columns stand for."""
        return tuple(self._column(name).values[code] for name, code in zip(names, codes, strict=True))

    def count(self, names: Sequence[str]) -> list[tuple[Any, int]]:
        """How many there are of each combination of values."""
        counts = Counter(zip(*map(self.codes, names), strict=True))
        return [(self.values(names, key), count) for key, count in counts.items()]

    def _column(self, name: str) -> Column:
        return self._all.weeks if name == "week" else self._all.columns[name]

    def _of(self, column: Any) -> Any:
        if isinstance(self._rows, range):
            return column  # all of them
        return itemgetter(*self._rows)(column) if len(self._rows) > 1 else [column[row] for row in self._rows]

    def _keep(self, column: Column, wanted: set[Any]) -> None:
        codes, fitting = column.codes, {place for place, value in enumerate(column.values) if value in wanted}
        if len(fitting) < len(column.values):
            self._rows = [row for row in self._rows if codes[row] in fitting]

    def _keep_owners(self, losses: Losses, owners: set[tuple[int, str]]) -> None:
        connections, people = losses.columns["connection_id"], losses.columns["owner_id"]
        fitting = {
            (one, other)
            for one, connection in enumerate(connections.values)
            for other, owner in enumerate(people.values)
            if (connection, owner) in owners
        }
        self._rows = [row for row in self._rows if (connections.codes[row], people.codes[row]) in fitting]


def _picked(tx: Session, lens: Lens) -> _Picked:
    return _kept(tx, ("picked", repr(lens)), lambda: _Picked(tx, lens))


_REASON = ("category", "sub_reason", "stated_category", "currency", "band")


def _cells(picked: _Picked) -> list[Cell]:
    found: defaultdict[tuple[int, ...], list[float]] = defaultdict(list)
    for key, amount in zip(zip(*map(picked.codes, _REASON), strict=True), picked.amounts, strict=True):
        found[key].append(amount)
    return [Cell._make((*picked.values(_REASON, key), len(amounts), _sum(amounts))) for key, amounts in found.items()]


def _sum(amounts: list[float]) -> Decimal | None:
    """Exactly, and then to the four decimals that the store keeps. What is not a number is no amount."""
    there = [one for one in amounts if one == one]  # noqa: PLR0124 -- only what is not a number differs from itself
    return Decimal(f"{fsum(there):.4f}") if there else None


def _kept(tx: Session, key: tuple[str, str], ask: Callable[[], Answer]) -> Answer:
    kept: dict[tuple[str, str], Answer] | None = tx.info.get(KEPT)
    if kept is None:
        return ask()
    if key not in kept:
        kept[key] = ask()
    return kept[key]
