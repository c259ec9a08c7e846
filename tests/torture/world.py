"""An invented year of sales: people, companies and deals, drawn from a seed, in no CRM's own words."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

REASONS = (
    "Price",
    "No Budget / Lost Funding",
    "Lost to Competitor",
    "No Decision / Non-Responsive",
    "Timing",
    "Other",
    "Went with Zendesk",
    "Project cancelled",
    "Missing feature",
    "Duplicate",
    None,
)
NOTES = (
    None,
    "CFO froze all spend until the new fiscal year.",
    "Call us back next April, they said.",
    "They renewed with Zendesk for two years, contract ends March 2028.",
    "Champion left the company in summer.",
    "Dark since the demo; five mails & two calls <no answer>.",
    'It\'s "too expensive" for them\nMaybe next year.',
)
COUNTRIES = ("United States", "Germany", "Japan", "United Kingdom", "Australia", None)
CODES = {"United States": "US", "Germany": "DE", "Japan": "JP", "United Kingdom": "GB", "Australia": "AU"}


@dataclass(frozen=True)
class Person:
    """One who may own deals."""

    name: str
    email: str
    is_active: bool = True


@dataclass(frozen=True)
class Company:
    """One who may buy."""

    name: str
    country: str | None
    owner: int


@dataclass(frozen=True)
class Deal:
    """One sale, under way or over. `outcome` is open, won or lost."""

    name: str
    company: int | None
    owner: int
    amount: float | None
    outcome: str
    closed_on: date
    reason: str | None
    notes: str | None


@dataclass(frozen=True)
class World:
    """Everything that a CRM is filled with."""

    people: tuple[Person, ...]
    companies: tuple[Company, ...]
    deals: tuple[Deal, ...]


def make_world(seed: int, *, today: date, deals: int = 60) -> World:
    """A world with about half of its deals lost: lately, long ago, today, and some with next to nothing filled in."""
    draw = random.Random(seed)
    people = tuple(
        Person(name=f"Rep {letter}", email=f"rep.{letter.lower()}@example.com", is_active=letter != "D")
        for letter in "ABCDE"
    )
    companies = tuple(
        Company(name=f"Company {number} & Söhne", country=draw.choice(COUNTRIES), owner=draw.randrange(5))
        for number in range(max(4, deals * 2 // 3))
    )
    return World(
        people=people,
        companies=companies,
        deals=tuple(_deal(draw, number, today, companies) for number in range(deals)),
    )


def _deal(draw: random.Random, number: int, today: date, companies: tuple[Company, ...]) -> Deal:
    outcome = draw.choices(("lost", "open", "won"), (60, 20, 20))[0]
    days = draw.choice((0, 1, 7, 20, 60, 90, 150, 200, 300, 400, 500, 700, 1200))
    return Deal(
        name=f"Deal {number}",
        company=draw.randrange(len(companies)) if draw.random() < 0.9 else None,
        owner=draw.randrange(5),
        amount=draw.choice((None, 0.0, 1500.5, 24000.0, 990000.0)),
        outcome=outcome,
        closed_on=today + timedelta(days=30) if outcome == "open" else today - timedelta(days=days),
        reason=draw.choice(REASONS),
        notes=draw.choice(NOTES),
    )
