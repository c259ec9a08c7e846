"""A book of lost deals whose reminders fall due on one day, written straight into a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update

from connectors.base import DealState
from mappings.documents.mapping_set import shipped_mapping_set
from mappings.documents.policy import shipped_policy
from mappings.model import Account, DealKey, LostDeal, Money, Note, StatedReason
from service.losses.rules import Rules
from service.pipeline import ingest
from service.store.models import Base, ConnectionRow, OwnerRow, ReminderRow
from service.store.session import Store
from tests.fakes.account import ACCOUNT_ID

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = date(2026, 11, 23)
HELPING = 2000


def rules() -> Rules:
    """The shipped documents."""
    return Rules(mapping_set=shipped_mapping_set(), policy=shipped_policy())


def make_connection(store: Store, **values: Any) -> int:
    """A live connection in an empty database; its id."""
    Base.metadata.create_all(store.engine)
    row = {
        "name": "bench",
        "crm": "fake",
        "account_id": ACCOUNT_ID,
        "state": "live",
        "live_since": NOW - timedelta(days=30),
        "url": "https://crm.example",
        "auth": "token",
        "fields": {},
        "scope": {},
        "options": {},
        "described": {},
        "health": [],
        "write_ahead_days": 0,
        "created_at": NOW,
        **values,
    }
    with store.begin() as tx:
        connection_id: int = tx.scalars(insert(ConnectionRow).returning(ConnectionRow.id), [row]).all()[0]
        owners = [
            {"connection_id": connection_id, "owner_id": f"rep-{number}", "email": f"rep-{number}@seller.example"}
            for number in range(50)
        ]
        tx.execute(insert(OwnerRow), owners)
    return connection_id


def lose(store: Store, connection_id: int, count: int, *, first: int = 0) -> None:
    """So many deals, numbered from `first`, are lost and planned, each of an account of its own."""
    published = rules()
    for start in range(first, first + count, HELPING):
        deals: list[DealState] = [deal(number) for number in range(start, min(start + HELPING, first + count))]
        with store.begin() as tx:
            connection = tx.get_one(ConnectionRow, connection_id)
            ingest(tx, connection, deals, published, today=TODAY, now=NOW)


def make_due(store: Store, connection_id: int, count: int) -> None:
    """The first reminders are due today, all others in a year."""
    with store.begin() as tx:
        first = tx.scalars(select(ReminderRow.id).where(ReminderRow.position == 0).order_by(ReminderRow.id)).all()
        far = TODAY + timedelta(days=365)
        tx.execute(update(ReminderRow).values(due_on=far, act_on=None))
        tx.execute(
            update(ReminderRow).where(ReminderRow.id.in_(first[:count])).values(due_on=TODAY, act_on=TODAY),
            execution_options={"synchronize_session": False},
        )


def deal(number: int) -> LostDeal:
    return LostDeal(
        key=DealKey(ACCOUNT_ID, f"D{number}"),
        name=f"Deal {number}",
        lost_on=TODAY - timedelta(days=40 + number % 200),
        stated_reasons=(StatedReason(field="Reason", value=("Budget", "Timing", "Went dark")[number % 3]),),
        notes=(Note(field="Notes", text="They asked us to come back after the summer."),),
        account=Account(id=f"A{number}", name=f"Account {number}"),
        owner_id=f"rep-{number % 50}",
        amount=Money(amount=Decimal(1000 + number), currency="EUR"),
    )
