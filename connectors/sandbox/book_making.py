"""Makes a believable book of deals: the same one for the same seed and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from connectors.sandbox import book_words as words
from connectors.sandbox.book import Book, BookAccount, BookContact, BookDeal, BookUser
from connectors.sandbox.book_notes import NOTES

_SITUATIONS = tuple(words.SITUATION_WEIGHTS)
_SITUATION_WEIGHTS = tuple(words.SITUATION_WEIGHTS.values())
_COUNTRY_WEIGHTS = tuple(row[3] for row in words.COUNTRIES)
_STATES, _STATE_WEIGHTS = ("lost", "won", "open"), (58, 24, 18)
_LANGUAGE = {country: language for country, language, _, _ in words.COUNTRIES}


def make_book(seed: int = 7, *, deals: int = 500, today: date, distinct_notes: bool = False) -> Book:
    """A believable book of deals as of `today`: some half of them lost, the others open or won.

    The same arguments give the same book. Nothing in it happened on `today` or later, but for open deals' close
    dates. With `distinct_notes` no two notes are equal, so that nothing can be answered from a cache.
    """
    dice = Random(seed)
    users = _users(dice, max(6, min(40, deals // 400)))
    accounts = _accounts(dice, max(8, deals * 2 // 5), len(users))
    contacts = _contacts(dice, accounts)
    maker = _DealMaker(dice, accounts, contacts, today, distinct_notes)
    return Book(users=users, accounts=accounts, contacts=contacts, deals=tuple(maker.deal(n + 1) for n in range(deals)))


def _users(dice: Random, count: int) -> tuple[BookUser, ...]:
    """Number 1 leads; number 3 has left, and number 2 is their manager."""
    zones = ("Europe/Berlin", "Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo")
    users = []
    for number in range(1, count + 1):
        first, last = words.FIRST_NAMES[number % len(words.FIRST_NAMES)], dice.choice(words.LAST_NAMES)
        users.append(
            BookUser(
                number=number,
                name=f"{first} {last}",
                email=f"{first}.{last}.{number}@seller.example".lower(),
                is_active=number != 3,
                manager_number={1: None, 3: 2}.get(number, 1),
                zone=zones[number % len(zones)],
            )
        )
    return tuple(users)


def _accounts(dice: Random, count: int, users: int) -> tuple[BookAccount, ...]:
    names = [
        f"{head}{tail} {trade}" for head in words.NAME_HEADS for tail in words.NAME_TAILS for trade in words.NAME_TRADES
    ]  # 21,280 of them; a larger book starts again with a Roman numeral behind
    dice.shuffle(names)
    rows = dice.choices(words.COUNTRIES, weights=_COUNTRY_WEIGHTS, k=count)
    accounts = []
    for number, (country, _, form, _) in enumerate(rows, start=1):
        position = number - 1 - len(words.FAMOUS)
        turn, place = divmod(position, len(names))
        name = words.FAMOUS[number - 1] if position < 0 else f"{names[place]}{' I' * turn} {form}"
        accounts.append(
            BookAccount(
                number=number,
                name=name,
                country=country if dice.random() < 0.93 else None,
                region=dice.choice(words.US_REGIONS) if country == "US" else None,
                industry=dice.choice(words.INDUSTRIES),
                fiscal_year_start_month=dice.choice((1, 4, 7, 10)) if dice.random() < 0.12 else None,
                owner_number=dice.randint(1, users),
            )
        )
    return tuple(accounts)


def _contacts(dice: Random, accounts: tuple[BookAccount, ...]) -> tuple[BookContact, ...]:
    contacts: list[BookContact] = []
    for account in accounts:
        domain = "".join(c for c in account.name.lower() if c.isalpha())[:20]
        for _ in range(2 if dice.random() < 0.3 else 1):
            first, last = dice.choice(words.FIRST_NAMES), dice.choice(words.LAST_NAMES)
            contacts.append(
                BookContact(
                    number=len(contacts) + 1,
                    account_number=account.number,
                    first_name=first,
                    last_name=last,
                    email=f"{first}.{last}.{len(contacts) + 1}@{domain}.example".lower(),
                    has_opted_out=dice.random() < 0.03,
                    do_not_call=dice.random() < 0.02,
                )
            )
    return tuple(contacts)


@dataclass(frozen=True, slots=True)
class _Loss:
    reason: str | None
    notes: str | None
    competitor: str | None
    contract_end: date | None


_NO_LOSS = _Loss(None, None, None, None)


class _DealMaker:
    def __init__(
        self,
        dice: Random,
        accounts: tuple[BookAccount, ...],
        contacts: tuple[BookContact, ...],
        today: date,
        distinct_notes: bool,
    ) -> None:
        self.dice = dice
        self.accounts = accounts
        self.people: dict[int, list[BookContact]] = {}
        for contact in contacts:
            self.people.setdefault(contact.account_number, []).append(contact)
        self.today = today
        self.distinct_notes = distinct_notes
        # One deal in twelve was last touched by the same nightly import, so that many share one stamp.
        self.import_at = datetime.combine(today - timedelta(days=21), time(2, 0, 7), tzinfo=UTC)

    def deal(self, number: int) -> BookDeal:
        dice = self.dice
        account = self.accounts[(number - 1) if number <= 6 else dice.randrange(len(self.accounts))]
        contact = dice.choice(self.people[account.number]) if dice.random() < 0.9 else None
        state = dice.choices(_STATES, _STATE_WEIGHTS)[0]
        close_date = self._close_date(state)
        lost_on = close_date if state == "lost" else None
        loss = self._loss(account, contact, close_date) if state == "lost" else _NO_LOSS
        ended = min(close_date, self.today - timedelta(days=1))
        created = ended - timedelta(days=dice.randint(20, 220))
        return BookDeal(
            number=number,
            account_number=account.number,
            contact_number=contact.number if contact else None,
            owner_number=account.owner_number,
            name=f"{account.name} - {dice.choice(words.PRODUCTS)}",
            state=state,
            amount=Decimal(dice.randint(12, 2400)) * 50 if dice.random() < 0.95 else None,
            created_at=self._moment(created),
            modified_at=self._modified_at(created if state == "open" else ended, ended),
            close_date=close_date,
            lost_on=lost_on,
            reason=loss.reason,
            notes=self._told_apart(loss.notes, number),
            competitor=loss.competitor,
            contract_end=loss.contract_end,
        )

    def _close_date(self, state: str) -> date:
        if state == "open":
            return self.today + timedelta(days=self.dice.randint(-20, 150))
        # Losses thin out with age: the younger half of the book is from the last year.
        return self.today - timedelta(days=1 + int(1100 * self.dice.random() ** 1.7))

    def _moment(self, day: date) -> datetime:
        seconds = self.dice.randint(7 * 3600, 18 * 3600)
        return datetime.combine(day, time(), tzinfo=UTC) + timedelta(seconds=seconds)

    def _modified_at(self, since: date, ended: date) -> datetime:
        if self.dice.random() < 1 / 12 and since < self.import_at.date():
            return self.import_at
        latest = (self.today - ended).days - 1
        return self._moment(ended + timedelta(days=min(latest, self.dice.choice((0, 0, 0, 1, 3, 9)))))

    def _told_apart(self, notes: str | None, number: int) -> str | None:
        return f"{notes} (call sheet {number})" if notes and self.distinct_notes else notes

    def _loss(self, account: BookAccount, contact: BookContact | None, lost_on: date) -> _Loss:
        dice = self.dice
        situation = dice.choices(_SITUATIONS, _SITUATION_WEIGHTS)[0]
        language = _LANGUAGE.get(account.country or "US", "en")
        labels = words.REASONS[situation]
        # Most orgs keep one English picklist whatever their sellers speak.
        reason = dice.choice(labels.get(language, labels["en"]) if dice.random() < 0.35 else labels["en"])
        rival = dice.choice(words.RIVALS) if situation == "competitor" else None
        end = _month_end(lost_on, dice.randint(6, 26)) if rival else None
        notes = self._notes(situation, language, contact, rival, end, lost_on) if dice.random() < 0.7 else None
        return _Loss(
            reason=reason if dice.random() < 0.95 else None,
            notes=notes,
            competitor=rival if dice.random() < 0.6 else None,
            contract_end=end if dice.random() < 0.35 else None,
        )

    def _notes(
        self,
        situation: str,
        language: str,
        contact: BookContact | None,
        rival: str | None,
        end: date | None,
        said: date,
    ) -> str:
        texts = NOTES[situation]
        spoken = language if language in texts else "en"
        named = end or _month_end(said, self.dice.randint(2, 14))
        return self.dice.choice(texts[spoken]).format(
            who=f"{contact.first_name} {contact.last_name}" if contact else "reception",
            rival=rival or "",
            month=words.MONTHS[spoken][named.month - 1],
            year=named.year,
            end=named.isoformat(),
            n=self.dice.randint(2, 9),
        )


def _month_end(day: date, months: int) -> date:
    """The last day of the month `months` after the day's own."""
    month = day.year * 12 + day.month + months
    return date(month // 12, month % 12 + 1, 1) - timedelta(days=1)
