"""Lines to preview, put together from word lists of our own; the same ones for the same count.

A note has one to three sentences, thirty words in the mean. Of ten sentences seven are put together anew from who, what
was done, with what and how (some hundred thousand clauses, and pairs of them), two are frames with names, dates and
figures in them, and one is a set phrase as reps repeat them ("Keep in touch."). Names of people and companies are put
together too, so that new words keep coming. Where every text is to be new, a note that came before is thrown again: no
text of the run occurs twice, nor is any made new by a number at its end.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import orjson

REASONS = (
    "Price", "No budget", "Timing", "Lost to competitor", "No decision", "Went with incumbent", "Feature gap",
    "Project cancelled", "No response", "Other", "Champion left", "Security review", "Budget frozen", "Duplicate",
)  # fmt: skip
FIRST_NAMES = (
    "Ines", "Jonas", "Marta", "Ravi", "Chloe", "Sven", "Aiko", "Lars", "Priya", "Tomasz", "Elena", "Bruno", "Fatima",
    "Oliver", "Greta", "Kenji", "Nadia", "Paul", "Sofia", "Hugo", "Mireille", "Anton", "Bianca", "Yusuf", "Carla",
    "Dmitri", "Edith", "Felix", "Gwen", "Henrik",
)  # fmt: skip
SYLLABLES = (
    "bar", "cas", "del", "far", "gol", "hen", "jor", "kel", "lan", "mar", "nor", "pel", "quin", "ros", "sal", "tar",
    "vin", "wes", "yor", "zan",
)  # fmt: skip
NAME_ENDS = (
    "berg", "well", "sen", "ton", "ova", "ini", "mann", "ski", "ard", "ley", "etti", "off", "quist", "wood",
)  # fmt: skip
COMPANY_ENDS = (
    "soft", "line", "works", "path", "grid", "beam", "logic", "wave", "cloud", "desk", "flow", "base", "point",
    "cast", "forge",
)  # fmt: skip
ROLES = (
    "the CFO", "their IT lead", "the buyer", "the head of operations", "their new director", "the works council",
    "procurement", "the plant manager", "a consultant of theirs", "the founder", "their legal team",
    "the sales director", "the project lead", "the board", "finance", "the regional manager",
)  # fmt: skip
ACTS = (
    "went through", "asked again about", "put aside", "compared", "liked", "criticised", "could not follow",
    "signed off", "sent questions on", "wants to rework", "was surprised by", "postponed", "presented", "turned down",
    "approved", "has doubts about", "tested", "forgot about", "asked for changes to", "stopped", "is waiting for",
    "prepared", "reviewed", "reported on", "negotiated", "did not open", "forwarded", "will not pay for",
    "questioned", "measured",
)  # fmt: skip
THINGS = (
    "the pilot", "our offer", "the roll-out plan", "the data protection sheet", "the licence model",
    "the training days", "the migration of old records", "the interface to their ERP", "the mobile app",
    "the reporting module", "the price list", "the service levels", "the security questionnaire", "the business case",
    "the demo environment", "the contract draft", "the payment terms", "the implementation costs",
    "the support hours", "the user rights", "the import of addresses", "the dashboard", "the backup concept",
    "the second site", "the maintenance fee", "the references", "the test accounts", "the timeline",
    "the change request", "the hosting in their country", "the bulk mailings", "the shipping labels",
    "the warehouse scanners", "the audit trail", "the approval steps", "the field service", "the renewal",
    "the add-ons",
)  # fmt: skip
MANNERS = (
    "without much interest", "in detail", "twice", "after a long wait", "over lunch", "by mail", "on short notice",
    "together with two colleagues", "before the holidays", "in the weekly round", "with some irritation",
    "for an hour", "during the site visit", "as agreed", "out of the blue", "with their auditors", "at the fair",
    "in writing", "in the steering meeting", "for the third time", "after the merger", "once more", "under pressure",
    "politely",
)  # fmt: skip
LINKS = ("", "", "", "and", "but", "because", "so that later", "while", "although")
FRAMES = (
    "They signed with {rival} until {month} {year}.", "The budget for {year} is spent.", "Call {person} in {month}.",
    "Procurement stopped it over clause {number}.", "They will look at this again after {month} {year}.",
    "{person} asked us to come back on {day} {month} {year}.", "Their fiscal year starts in {month}.",
    "{rival} was {number}% cheaper.", "No decision will be taken before {month}.",
    "They built it in house in {number} days.", "The contract with {rival} runs out on {day} {month} {year}.",
    "{person} left the company in {month}.", "Too expensive for {number} users, says {person}.",
    "No need before they have {number} people in the team.", "They are bound to {rival} for {few} more years.",
    "We should try again in {few} months.",
    "Since {month} nobody has answered; last mail to {person} on {day} {month}.",
    "Spending is frozen until Q{quarter} {year}.",
)  # fmt: skip
PHRASES = (
    "Keep in touch.", "Nothing else to do for now.", "They liked the demo.", "No response.",
    "Not interested at the moment.", "Went with a competitor.", "Price too high.", "To be continued.", "See mail.",
    "Left a voicemail.",
)  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
COUNTRIES = ("DE", "FR", "GB", "US", "JP", "NL", "ES", "IT", None)
REPEATING = 400
FIRST_TICKET = 100_000


def write_lines(path: Path, count: int, *, distinct: bool, most_sentences: int = 3, with_tickets: bool = False) -> None:
    """That many deals; with `distinct` no two notes are alike, else there are some hundreds of them.

    `with_tickets`: each of the hundreds ends in a number of its own, as notes do that a help desk writes.
    """
    dice = random.Random(20261121)
    notes = new_notes(dice, most_sentences)
    kept = [] if distinct else [next(notes) for _ in range(REPEATING)]
    with path.open("wb") as target:
        for number in range(count):
            text = next(notes) if distinct else dice.choice(kept)
            if with_tickets:
                text = f"{text} Ticket {FIRST_TICKET + number}."
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


def new_notes(dice: random.Random, most_sentences: int = 3) -> Iterator[str]:
    """Notes of one sentence to so many without end, no two of them alike."""
    written: set[str] = set()
    while True:
        note = " ".join(_sentence(dice) for _ in range(dice.randint(1, most_sentences)))
        if note not in written:
            written.add(note)
            yield note


def _sentence(dice: random.Random) -> str:
    kind = dice.random()
    if kind < 0.1:
        return dice.choice(PHRASES)
    if kind < 0.3:
        return dice.choice(FRAMES).format(
            person=_person(dice),
            rival=_company(dice),
            month=dice.choice(MONTHS),
            year=dice.choice((2026, 2027, 2028)),
            day=dice.randint(1, 28),
            number=dice.randrange(2, 90),
            few=dice.randint(2, 9),
            quarter=dice.randint(1, 4),
        )
    told = _told(dice)
    link = dice.choice(LINKS)
    return f"{told[0].upper()}{told[1:]}{f', {link} {_told(dice)}' if link else ''}."


def _told(dice: random.Random) -> str:
    who = dice.choice(ROLES) if dice.random() < 0.6 else _person(dice)
    return f"{who} {dice.choice(ACTS)} {dice.choice(THINGS)} {dice.choice(MANNERS)}"


def _person(dice: random.Random) -> str:
    first = dice.choice(FIRST_NAMES)
    if dice.random() < 0.5:
        return first
    return f"{first} {(dice.choice(SYLLABLES) + dice.choice(SYLLABLES) + dice.choice(NAME_ENDS)).capitalize()}"


def _company(dice: random.Random) -> str:
    return (dice.choice(SYLLABLES) + dice.choice(SYLLABLES)).capitalize() + dice.choice(COMPANY_ENDS)
