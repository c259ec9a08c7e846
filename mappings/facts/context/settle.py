"""Mentions of one text that speak of one thing become one: a term, a notice and a day of signing join the end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mappings.facts.mention import Base, DateMention, Role
from mappings.model import FactKind
from mappings.values import replace

_DATELESS = frozenset({Base.NONE})
_PART_OF_ANOTHER = frozenset({Role.SIGNED, Role.DEADLINE})


def settle(mentions: Sequence[DateMention]) -> tuple[DateMention, ...]:
    """The mentions in the order of the words, without those that add nothing."""
    if len(mentions) == 1 and mentions[0].role not in _PART_OF_ANOTHER:
        return tuple(mentions)
    ordered = sorted(mentions, key=lambda mention: mention.start)
    contracts = [mention for mention in ordered if mention.kind is FactKind.CONTRACT_END]
    others = [mention for mention in ordered if mention.kind is not FactKind.CONTRACT_END]
    kept = [*_settle_contracts(contracts), *_without_empty(others)]
    return tuple(sorted(kept, key=lambda mention: mention.start))


def _without_empty(mentions: Sequence[DateMention]) -> list[DateMention]:
    """An undated mention says nothing beside a dated one of its kind; of several undated ones the first stays."""
    kept: list[DateMention] = []
    for kind in (FactKind.BUDGET_CYCLE, FactKind.REVISIT):
        of_kind = [mention for mention in mentions if mention.kind is kind]
        dated = [mention for mention in of_kind if mention.when.base not in _DATELESS]
        dated = _without_whole_years(dated) if kind is FactKind.BUDGET_CYCLE else dated
        if any(mention.role is not Role.DATE for mention in dated):  # what the next fiscal year is, they said
            dated = [m for m in dated if not (m.when.fiscal and m.when.base is Base.UNIT)]
        kept += dated or of_kind[:1]
    return kept


def _without_whole_years(mentions: list[DateMention]) -> list[DateMention]:
    """ "The budget for next year is set in November": the year is what it is for."""
    whole = [m for m in mentions if m.when.base is Base.YEAR or m.when.unit == "y"]
    finer = [m for m in mentions if m.role is Role.DATE and m not in whole]
    return [m for m in mentions if m not in whole or _UNTIL.match(m.text)] if finer else mentions


_UNTIL = re.compile(r"until|till|til|bis|jusqu|hasta|até|tot|fino|not before", re.IGNORECASE)


def _settle_contracts(contracts: Sequence[DateMention]) -> list[DateMention]:
    if not contracts:
        return []
    term = next((mention.term_months for mention in contracts if mention.term_months), None)
    notice = next((mention.notice_days for mention in contracts if mention.notice_days is not None), None)
    ends = [m for m in contracts if m.role is Role.DATE and m.when.base not in _DATELESS]
    if not ends and term:
        ends = [m for m in contracts if m.role is Role.SIGNED and m.when.base not in _DATELESS][:1]
        ends = ends or [m for m in contracts if m.role is Role.SIGNED and m.term_months][:1]
    if not ends:
        ends = [m for m in contracts if m.role is not Role.SIGNED][:1]
        ends = [replace(m, role=Role.DATE) if m.role is Role.DEADLINE else m for m in ends]
    deadlines = [m for m in contracts if m.role is Role.DEADLINE][:1] if ends else []
    ends += [m for m in deadlines if notice is None]
    return [replace(mention, term_months=mention.term_months or term, notice_days=notice) for mention in ends]
