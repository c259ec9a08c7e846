"""Lost deals by chance, dense where plans change: near today, near deadlines, on leap days, about the new year."""

from __future__ import annotations

import random
from datetime import date, timedelta

from mappings.taxonomy import TAXONOMY, Category
from tests.checker.recompute import Loss, Said

COUNTRIES = (None, "ZZ", "US", "GB", "DE", "FR", "JP", "IN", "AU", "NZ", "SA", "IL", "AE", "EG", "HK", "CN", "TW", "NP",
             "IR", "ET", "BR", "ZA", "KW", "WS", "TH")  # fmt: skip
REGIONS = (None, "CA", "NY", "TX", "MI", "AL", "PR")
COMPETITORS = (None, None, "Zendesk", "zendesk suite", "Acme Soft")


def today_by_chance(chance: random.Random) -> date:
    """A day within twenty years, often a hard one."""
    if chance.random() < 0.15:
        year = chance.randrange(2016, 2036)
        month, day = chance.choice([(2, 28), (12, 19), (12, 20), (12, 31), (1, 3), (1, 4), (3, 1)])
        return date(year, month, day)
    if chance.random() < 0.03:
        return date(chance.choice([2016, 2020, 2024, 2028, 2032]), 2, 29)
    return date(2016, 1, 1) + timedelta(chance.randrange(20 * 365))


def loss_by_chance(chance: random.Random, today: date) -> Loss:
    """One lost deal."""
    category = chance.choice(list(Category))
    sub_reason = chance.choice([None, *TAXONOMY[category].sub_reasons])
    return Loss(
        lost_on=_lost_on(chance, today),
        category=category.value,
        sub_reason=sub_reason,
        finality="never" if chance.random() < 0.03 else chance.choice(["open", "not_now"]),
        needs_review=chance.random() < 0.2,
        country=chance.choice(COUNTRIES),
        region=chance.choice(REGIONS),
        industry=chance.choice([None, "Retail", "manufacturing"]),
        public_sector=chance.choice([None, False, True]),
        fiscal_field=chance.choice([None, None, None, chance.randrange(1, 13)]),
        fiscal_turn_field=_turn(chance) if chance.random() < 0.1 else None,
        competitor=chance.choice(COMPETITORS),
        amount=chance.choice([None, 500, 50_000, 900_000]),
        contract_end_field=_near(chance, today) if chance.random() < 0.15 else None,
        next_follow_up=_near(chance, today) if chance.random() < 0.08 else None,
        do_not_contact=chance.random() < 0.02,
        said=tuple(_said(chance, today) for _ in range(chance.choice([0, 0, 0, 1, 1, 2, 3]))),
    )


def _lost_on(chance: random.Random, today: date) -> date:
    if chance.random() < 0.05:
        leap = date(today.year - today.year % 4, 2, 29)
        return min(leap, today)
    back = chance.choice([chance.randrange(-3, 20), chance.randrange(0, 400), chance.randrange(0, 3000)])
    return today - timedelta(back)


def _near(chance: random.Random, today: date) -> date:
    """Often about the deadlines: today, the cool-off, and the notice."""
    if chance.random() < 0.05:
        return date(today.year + 4 - today.year % 4 - chance.choice([0, 4, 8]), 2, 29)
    about = chance.choice([0, 14, 60, 74, 150, 400, 730, -400, -2000])
    return today + timedelta(about + chance.randrange(-20, 21) * chance.choice([1, 1, 10]))


def _said(chance: random.Random, today: date) -> Said:
    kind = chance.choice(["contract_end", "budget_cycle", "revisit"])
    on = None if chance.random() < 0.25 else _near(chance, today)
    if kind == "budget_cycle":
        month = chance.choice([None, chance.randrange(1, 13)])
        if chance.random() < 0.25:
            return _weeks(chance)
        return Said(
            kind,
            None if chance.random() < 0.5 else on,
            fiscal_month=month,
            fiscal_day=chance.choice([1, 1, 6, 16, 29, 31]),
        )
    if kind == "contract_end":
        return Said(
            kind,
            on,
            term_months=chance.choice([None, None, 1, 24, 36]),
            notice_days=chance.choice([None, None, 0, 30, 90, 400]),
            from_field=chance.random() < 0.2,
        )
    return Said(kind, on)


def _weeks(chance: random.Random) -> Said:
    """A fiscal year of 52 or 53 weeks, which starts about the first of a month."""
    turn = _turn(chance)
    month, _, nth, _ = turn
    return Said("budget_cycle", fiscal_month=month if nth > 0 else month % 12 + 1, fiscal_turn=turn)


def _turn(chance: random.Random) -> tuple[int, int, int, bool]:
    nth = chance.choice([-1, -1, 0, 1, 2])
    return chance.randrange(1, 13), chance.randrange(7), nth, nth > 0 or chance.random() < 0.3
