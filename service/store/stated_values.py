"""Stated reasons by the value that a person would map: what the lists among the reason fields say.

Many accounts have a list of reasons and a text beside it. Nearly every text is another one, so that the two together
hardly ever repeat; the value is what the list says, and the text says more about the single deal. Where no list says
anything, the value is all that is stated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from service.store.among import among
from service.store.changes import losses_version
from service.store.codec import key_of_reasons
from service.store.models import ClassificationRow, ConnectionRow, DealRow, EpisodeRow
from service.store.reasons import IN_SCOPE, Stated, count_stated, with_words
from service.store.session import REMEMBERED

Texts = tuple[tuple[str, str], ...]
LISTS = "reason_lists"
"""Under this name of `connections.described` stand the reason fields that are lists."""
MOST_REMEMBERED = 500_000
"""Distinct reasons whose value is kept in memory; with more of them it is worked out anew."""
MOST_KEPT = 20_000
"""Distinct values whose counts are kept until a deal changes."""
_LOADING = Lock()


@dataclass(slots=True)
class Fold:
    """The value of each distinct reason, by keys, and the words of each value. The words of a key never change."""

    values: dict[int, int] = field(default_factory=dict)
    texts: dict[int, Texts] = field(default_factory=dict)

    def value_of(self, key: int) -> int:
        """The value of a distinct reason; of one that came a moment ago, the reason itself."""
        return self.values.get(key, key)

    def keys_of(self, value: int) -> list[int]:
        """The distinct reasons that have this value."""
        return [key for key, one in self.values.items() if one == value]


def value_of(texts: Texts, lists: Iterable[str]) -> Texts:
    """What the lists say of a reason; all of it where they say nothing, as "-" does."""
    said = tuple((name, words) for name, words in texts if name in lists)
    return said if any(letter.isalnum() for _, words in said for letter in words) else texts


@dataclass(slots=True)
class _Known:
    """What was worked out from the deals as they are; `basis` is another once one of them has changed."""

    basis: Any
    folds: dict[int, Fold] | None = None
    values: dict[int | None, list[Stated]] = field(default_factory=dict)
    meanings: dict[tuple[int, int], Counter[str]] | None = None


def count_values(tx: Session, connection_id: int | None = None) -> list[Stated]:
    """Every distinct value, the most frequent first; as `count_stated`, whose keys are folded where there are lists."""
    known = _known(tx)
    if connection_id in known.values:
        return known.values[connection_id]
    stated = count_stated(tx, connection_id)
    folds, found = _folds(tx, known, stated if connection_id is None else None), dict[tuple[int, int], Stated]()
    for one in stated:
        fold = folds.get(one.connection_id)
        key = fold.value_of(one.key) if fold else one.key
        there = found.get((one.connection_id, key))
        texts = fold.texts.get(key, ()) if fold else ()
        found[one.connection_id, key] = _added(there, one) if there else replace(one, key=key, texts=texts)
    values = sorted(found.values(), key=lambda one: (-one.count, one.sample_id))
    if len(values) <= MOST_KEPT:
        known.values[connection_id] = values
    return values


def count_meanings(tx: Session) -> dict[tuple[int, int], Counter[str]]:
    """How many deals of each connection and value are taken to be of each category."""
    known = _known(tx)
    if known.meanings is not None:
        return known.meanings
    folds = _folds(tx, known)
    found: dict[tuple[int, int], Counter[str]] = {}
    # The sums keep SQLite at the episodes: it would else look up all of them one by one.
    query = (
        select(DealRow.connection_id, DealRow.reason_key, ClassificationRow.category, func.count())
        .select_from(EpisodeRow)
        .join(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id + 0)
        .join(DealRow, DealRow.id == EpisodeRow.deal_id + 0)
        .where(EpisodeRow.ended_as.is_(None), IN_SCOPE)
        .group_by(DealRow.connection_id, DealRow.reason_key, ClassificationRow.category)
    )
    for connection, key, category, count in tx.execute(query):
        fold = folds.get(connection)
        value = fold.value_of(key or 0) if fold else key or 0
        found.setdefault((connection, value), Counter())[category] += count
    known.meanings = found
    return found


def stating_value(tx: Session, connection_id: int, value: int) -> ColumnElement[bool]:
    """That a deal of the connection states this value."""
    fold = _folds(tx, _known(tx)).get(connection_id)
    keys = fold.keys_of(value) if fold else [value]
    return (DealRow.connection_id == connection_id) & among(DealRow.reason_key, keys)


def words_of_value(tx: Session, connection_id: int, value: int) -> Texts:
    """The words of a value, by field; empty where no deal states it."""
    there = [one for one in count_values(tx, connection_id) if one.key == value]
    return with_words(tx, there[:1])[0].texts if there else ()


def _known(tx: Session) -> _Known:
    """What is known of the deals as they are now."""
    basis = losses_version(tx), _lists(tx)
    remembered: dict[str, Any] | None = tx.info.get(REMEMBERED)
    if remembered is None:
        return _Known(basis)
    kept: _Known | None = remembered.get("stated")
    if kept is None or kept.basis != basis:
        kept = remembered["stated"] = _Known(basis)
    return kept


def _lists(tx: Session) -> dict[int, frozenset[str]]:
    """By connection the lists among its reason fields, where it has other reason fields beside them."""
    rows = tx.execute(select(ConnectionRow.id, ConnectionRow.fields, ConnectionRow.described))
    found = {id_: (set(mapped.get("reason", ())), set(told.get(LISTS, ()))) for id_, mapped, told in rows}
    return {id_: frozenset(reasons & lists) for id_, (reasons, lists) in found.items() if reasons & lists < reasons}


def _folds(tx: Session, known: _Known, stated: Sequence[Stated] | None = None) -> dict[int, Fold]:
    """By connection; none where the lists are all that is stated, or there is no list. `stated` is everything that
    is, where it is at hand."""
    if known.folds is not None:
        return known.folds
    wanted = {id_: names for id_, names in known.basis[1].items() if names}
    every = (count_stated(tx) if stated is None else stated) if wanted else ()
    remembered: dict[str, Any] | None = tx.info.get(REMEMBERED)
    with _LOADING:
        folds: dict[frozenset[str], Fold] = {} if remembered is None else remembered.setdefault("folds", {})
        for names in {*wanted.values()}:
            fold = folds.setdefault(names, Fold())
            if len(fold.values) > MOST_REMEMBERED:
                fold = folds[names] = Fold()
            theirs = [one for one in every if wanted.get(one.connection_id) == names and one.key not in fold.values]
            for one in with_words(tx, theirs):
                texts = value_of(one.texts, names)
                fold.values[one.key] = key = key_of_reasons(texts)
                fold.texts[key] = texts
        known.folds = {id_: folds[names] for id_, names in wanted.items()}
        return known.folds


def _added(there: Stated, one: Stated) -> Stated:
    amounts = dict(there.amounts)
    for currency, amount in one.amounts.items():
        amounts[currency] = amounts.get(currency, Decimal(0)) + amount
    return replace(there, count=there.count + one.count, amounts=amounts)
