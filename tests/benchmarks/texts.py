"""Lines to preview, put together from word lists of our own; the same ones for the same count."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import orjson

REASONS = (
    "Price", "No budget", "Timing", "Lost to competitor", "No decision", "Went with incumbent", "Feature gap",
    "Project cancelled", "No response", "Other", "Champion left", "Security review", "Budget frozen", "Duplicate",
)  # fmt: skip
OPENINGS = (
    "Spoke to {who} today.", "Call with {who}:", "{who} wrote back.", "Short mail from {who}.", "Debrief with {who}.",
    "Heard from {who} in the end.", "Met {who} at their office.", "{who} rang to say it is over.",
)  # fmt: skip
MIDDLES = (
    "They signed with {rival} until {month} {year}.", "The budget for {year} is spent.", "Asked us to call in {month}.",
    "Procurement stopped it over clause {number}.", "They will look at this again after {month} {year}.",
    "The team of {number} people was let go.", "Their fiscal year starts in {month}.", "{rival} was {number}% cheaper.",
    "No decision will be taken before {month}.", "They found our product too hard to roll out to {number} users.",
    "The new director wants to wait for the reorganisation.", "They built it in house in {number} days.",
)  # fmt: skip
ENDINGS = (
    "Keep in touch.", "Nothing else to do for now.", "A pity after {number} meetings.", "Contract value was {number}k.",
    "Reference {number}.", "They liked the demo.", "Ask {who} again.", "File closed under {number}.",
)  # fmt: skip
PEOPLE = ("Ines", "Jonas", "the CFO", "Marta", "their IT lead", "Ravi", "Chloe", "the buyer", "Sven", "Aiko")
RIVALS = ("Northbeam", "Clearpath", "Vantix", "Orbis", "Halden", "Quillon")
MONTHS = ("January", "March", "April", "May", "July", "September", "October", "November")
COUNTRIES = ("DE", "FR", "GB", "US", "JP", "NL", "ES", "IT", None)
REPEATING = 400


def write_lines(path: Path, count: int, *, distinct: bool) -> None:
    """That many deals; with `distinct` no two notes are alike, else there are some hundreds of them."""
    dice = random.Random(20261121)
    notes = [] if distinct else [some_note(dice, number) for number in range(REPEATING)]
    with path.open("wb") as target:
        for number in range(count):
            text = some_note(dice, number) if distinct else dice.choice(notes)
            target.write(orjson.dumps(_deal(dice, number, text)) + b"\n")


def _deal(dice: random.Random, number: int, text: str) -> dict[str, object]:
    return {
        "id": f"deal-{number}",
        "lost_on": (date(2026, 11, 20) - timedelta(days=dice.randrange(700))).isoformat(),
        "stated_reason": dice.choice(REASONS),
        "notes": text,
        "account": f"Account {number % 9000}",
        "country": dice.choice(COUNTRIES),
        "amount": dice.randrange(1, 200) * 500,
        "currency": "EUR",
    }


def some_note(dice: random.Random, number: int) -> str:
    """A note of four sentences; with its number no two are alike."""
    said = " ".join((dice.choice(OPENINGS), dice.choice(MIDDLES), dice.choice(MIDDLES), dice.choice(ENDINGS)))
    filled = said.format(
        who=dice.choice(PEOPLE),
        rival=dice.choice(RIVALS),
        month=dice.choice(MONTHS),
        year=dice.choice((2026, 2027, 2028)),
        number=dice.randrange(2, 90),
    )
    return f"{filled} Deal number {number}."
