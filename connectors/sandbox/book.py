"""A book of deals that belongs to no CRM: the sandbox loads the same one into either."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BookUser:
    """A sales person of the imaginary seller. `number` counts from 1."""

    number: int
    name: str
    email: str
    is_active: bool = True
    manager_number: int | None = None
    zone: str = "Europe/Berlin"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookAccount:
    """A prospect. `country` is ISO alpha-2, `region` a US state's letters."""

    number: int
    name: str
    country: str | None = None
    region: str | None = None
    industry: str | None = None
    fiscal_year_start_month: int | None = None
    owner_number: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BookContact:
    """A person at a prospect."""

    number: int
    account_number: int
    first_name: str
    last_name: str
    email: str
    has_opted_out: bool = False
    do_not_call: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BookDeal:
    """A deal. `state` is open, won or lost; `reason` a picklist value, `notes` free text about the loss."""

    number: int
    account_number: int
    contact_number: int | None
    owner_number: int
    name: str
    state: str
    amount: Decimal | None
    created_at: datetime
    modified_at: datetime
    close_date: date
    lost_on: date | None = None
    reason: str | None = None
    notes: str | None = None
    competitor: str | None = None
    contract_end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Everything one sandbox account starts with."""

    users: tuple[BookUser, ...]
    accounts: tuple[BookAccount, ...]
    contacts: tuple[BookContact, ...]
    deals: tuple[BookDeal, ...]
    zone: str = "Europe/Berlin"
    currency: str = "EUR"
