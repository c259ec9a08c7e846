"""What another scope is said to take and leave out is what the next reading makes of it."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from connectors.base import DealState
from mappings.model import Account, Money
from service.connections.foresee_scope import foresee_scope
from service.store.models import DealRow
from service.store.scopes import excluded_counts
from service.store.session import Store
from tests.integration.sets_world import SetsWorld

SCOPES: list[dict[str, Any]] = [
    {},
    {"min_amount": "500"},
    {"include": {"pipeline": ["New business"]}, "min_amount": "500.5"},
    {"exclude": {"record_type": ["partner"], "type": ["Renewal"]}},
    {"include": {"type": ["renewal", "Upsell"]}, "exclude": {"pipeline": ["Elsewhere"]}},
    {"include": {"record_type": ["There is none of it"]}},
]


@pytest.fixture
def sets(store: Store) -> SetsWorld:
    return SetsWorld(store)


def book(sets: SetsWorld) -> list[DealState]:
    kinds = product(("Direct", "Partner", None), ("New business", "Elsewhere"), ("Renewal", "Upsell", None))
    sums = (Decimal(0), Decimal(500), Decimal("500.50"), Decimal(10_000))
    amounts = (None, *(Money(amount=one, currency="EUR") for one in sums))
    return [
        sets.lost(
            f"d{number}",
            account=Account(id=f"A{number}", name=f"Account {number}", country="DE"),
            record_type=record_type,
            pipeline=pipeline,
            deal_type=deal_type,
            amount=amounts[number % 5],
        )
        for number, (record_type, pipeline, deal_type) in enumerate(kinds)
    ]


@pytest.mark.parametrize("scope", SCOPES)
def test_counts_before_and_after_agree(sets: SetsWorld, scope: dict[str, Any]) -> None:
    sets.set(scope={"exclude": {"pipeline": ["Elsewhere"]}})
    deals = book(sets)
    sets.read(*deals)
    sets.work()
    before = {row.crm_deal_id for row in sets.all(DealRow) if row.excluded_by is None}
    open_before = len(sets.crm.open())
    with sets.store.read() as tx:
        told = foresee_scope(tx, sets.connection_id, scope)

    sets.set(scope=scope)
    sets.read(*deals)
    sets.work()

    after = {row.crm_deal_id for row in sets.all(DealRow) if row.excluded_by is None}
    with sets.store.read() as tx:
        inside, left_out = excluded_counts(tx, sets.connection_id)
    assert (told.inside, dict(told.left_out)) == (inside, dict(left_out))
    assert (told.entering, told.leaving) == (len(after - before), len(before - after))
    assert open_before > 0
    if not told.entering:
        assert open_before - len(sets.crm.open()) == told.tasks_closed
