"""A book of deals becomes a portal: the same facts, in the places and zones a portal keeps them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sandbox.book_making import make_book
from connectors.sandbox.hubspot import HubSpotPortal, PortalSettings

TODAY = date(2026, 11, 20)
BOOK = make_book(deals=400, today=TODAY)
LOST = [deal for deal in BOOK.deals if deal.state == "lost"]
ZONE = ZoneInfo(BOOK.zone)


def _deals(**settings: Any) -> dict[str, dict[str, str]]:
    portal = HubSpotPortal(BOOK, PortalSettings(**settings))
    rows = portal.snapshot()["deals"]
    return {row["properties"]["hs_object_id"]: row["properties"] for row in rows}


def _local_day(text: str) -> date:
    return datetime.fromisoformat(text).astimezone(ZONE).date()


def test_every_deal_of_the_book_is_there_in_its_state() -> None:
    found = Counter(
        "won" if row["hs_is_closed_won"] == "true" else "lost" if row["hs_is_closed_lost"] == "true" else "open"
        for row in _deals().values()
    )

    assert found == Counter(deal.state for deal in BOOK.deals)


def test_losses_are_spread_over_every_lost_stage() -> None:
    stages = {row["dealstage"] for row in _deals().values() if row["hs_is_closed_lost"] == "true"}

    assert stages == {"closedlost", "226141905", "226141906"}


def test_days_are_days_in_the_portals_zone() -> None:
    rows = _deals()
    for deal in LOST:
        row = rows[str(9_000 + deal.number)]
        assert deal.lost_on is not None
        entered = row[f"hs_v2_date_entered_{row['dealstage']}"]
        assert _local_day(row["closedate"]) == deal.close_date
        assert _local_day(entered) == max(deal.lost_on, deal.created_at.astimezone(ZONE).date())
        assert datetime.fromisoformat(row["closedate"]).astimezone(ZONE).time() == time(0)


def test_the_reason_is_an_option_and_the_notes_are_text() -> None:
    portal = HubSpotPortal(BOOK)
    labels = {option.value: option.label for option in portal.state.properties["deals"]["lost_reason"].options}
    rows = {row["id"]: row["properties"] for row in portal.snapshot()["deals"]}

    for deal in LOST:
        row = rows[str(9_000 + deal.number)]
        assert labels.get(row.get("lost_reason", "")) == deal.reason
        assert row.get("closed_lost_reason") == (deal.notes or None)


def test_a_portal_without_a_reason_property_keeps_all_words_in_the_text() -> None:
    rows = _deals(reason_property=None)
    told = next(deal for deal in LOST if deal.reason and deal.notes)

    row = rows[str(9_000 + told.number)]

    assert "lost_reason" not in row
    assert row["closed_lost_reason"] == f"{told.reason}. {told.notes}"


def test_nothing_happened_on_the_day_of_the_book_or_later() -> None:
    today = datetime.combine(TODAY, time(0), tzinfo=ZONE).astimezone(UTC)

    assert all(datetime.fromisoformat(row["hs_lastmodifieddate"]) < today for row in _deals().values())


def test_old_records_keep_an_owner_who_has_left() -> None:
    former = {str(60_000 + user.number) for user in BOOK.users if not user.is_active}

    assert former & {row["hubspot_owner_id"] for row in _deals().values()}
