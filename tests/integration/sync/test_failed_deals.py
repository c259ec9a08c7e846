"""A deal that our own code fails on: named, tried again at every sync, missed by the ledger, and no other with it."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from connectors.base import MonthCount
from mappings.model import Classification, FollowUpPlan, LostDeal
from service.audit.ledger import ledger
from service.losses.rules import Rules
from service.store import apart
from service.store.models import DealRow
from service.sync.runner import sync
from tests.integration.connections.test_connections import Desk, desk

__all__ = ["desk"]


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The ids of deals that our code fails on."""
    ids: set[str] = set()
    sound = Rules.apply

    def apply(rules: Rules, deal: LostDeal, *more: object) -> tuple[Classification, FollowUpPlan]:
        if deal.key.deal_id in ids:
            raise KeyError("a note of somebody's")
        return sound(rules, deal, *more)  # type: ignore[arg-type]  # passed on as given

    monkeypatch.setattr(Rules, "apply", apply)
    return ids


def stored(desk: Desk) -> dict[str, date | None]:
    with desk.app.store.read() as tx:
        return {row.crm_deal_id: row.lost_on for row in tx.scalars(select(DealRow)) if row.state == "lost"}


def lost_ids(desk: Desk) -> list[str]:
    connector, _ = desk.app.connector(desk.row())
    return [
        deal.key.deal_id for page in connector.changed_deals(None) for deal in page.deals if isinstance(deal, LostDeal)
    ]


def test_the_others_of_its_page_are_taken_and_it_is_named(desk: Desk, odd: set[str]) -> None:
    ids = lost_ids(desk)
    odd.add(ids[7])

    report = desk.sync()

    assert set(stored(desk)) == set(ids) - odd
    (line,) = report.failures
    assert ids[7] in line
    assert "KeyError in" in line
    assert "somebody" not in line, "the error's own words may be a note"
    assert [one["ok"] for one in desk.row().health if one["check"] == "deals"] == [False]


def test_it_is_tried_again_at_the_next_sync_though_it_did_not_change(desk: Desk, odd: set[str]) -> None:
    ids = lost_ids(desk)
    odd |= {ids[0], ids[-1]}
    desk.sync()
    assert len(desk.sync().failures) == 2

    odd.clear()
    report = desk.sync()

    assert (report.failures, set(stored(desk))) == ([], set(ids))
    assert [one for one in desk.row().health if one["check"] == "deals"] == []


def test_a_dry_run_goes_on_past_it_and_says_so(desk: Desk, odd: set[str]) -> None:
    ids = lost_ids(desk)
    odd.add(ids[7])
    report = sync(desk.app, "acme", dry_run=True, monotonic=lambda: 0.0)
    assert report.counts.new == len(ids) - 1
    (line,) = report.failures
    assert f"{ids[7]} would not be taken" in line
    assert stored(desk) == {}
    assert [one for one in desk.row().health if one["check"] == "deals"] == []


def test_the_ledger_names_it(desk: Desk, odd: set[str]) -> None:
    connector, _ = desk.app.connector(desk.row())
    deals = [deal for page in connector.changed_deals(None) for deal in page.deals if isinstance(deal, LostDeal)]
    months = [deal.close_date.isoformat()[:7] for deal in deals if deal.close_date]
    odd.add(deals[3].key.deal_id)
    desk.sync()
    with desk.app.store.read() as tx:
        lines = ledger(tx, desk.row(), [MonthCount(month=month, count=1) for month in months])
    (line,) = [one for one in lines if one.difference]
    assert line.difference == 1
    assert [one["deal_id"] for one in line.failed] == list(odd)


def test_something_broken_for_all_deals_stops_the_sync(
    desk: Desk, odd: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    odd |= set(lost_ids(desk))
    monkeypatch.setattr(apart, "MOST_FAILED", 3)
    with pytest.raises(KeyError):
        desk.sync()
    assert stored(desk) == {}


def test_months_that_only_failed_deals_fall_into_are_lines_too(desk: Desk, odd: set[str]) -> None:
    odd |= set(lost_ids(desk))
    desk.sync()
    with desk.app.store.read() as tx:
        lines = ledger(tx, desk.row(), [MonthCount(month="2020-01", count=0)])
    assert sum(len(one.failed) for one in lines) == len(odd)
