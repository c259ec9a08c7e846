"""What a fresh read of a deal means, compared with what is stored."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import DealState as ReadDeal
from connectors.base import GoneDeal, GoneHow, OpenDeal, WonDeal
from mappings.model import DealKey, LostDeal, LostOnSource, Money
from service.losses.arrivals import Arrivals, Loss, sort_arrivals
from service.losses.scope import Scope, scope_from
from service.store.codec import fingerprint
from service.store.deals import KnownDeal
from service.store.models import DealState

KEY = DealKey("org", "1")
READ_AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


def lost(**values: Any) -> LostDeal:
    return LostDeal(**{"key": KEY, "lost_on": date(2026, 10, 1), "modified_at": READ_AT, **values})


def known(deal: LostDeal | None = None, **values: Any) -> KnownDeal:
    fields: dict[str, Any] = {
        "id": 5,
        "state": DealState.LOST,
        "fingerprint": fingerprint(deal or lost()),
        "excluded_by": None,
        "stated_follow_up": None,
        "modified_at": READ_AT,
        "episode_id": 9,
        "episode_number": 1,
        "is_episode_running": True,
        "lost_on": date(2026, 10, 1),
        "mapping_version": "m1",
        "policy_version": "p1",
        "plan_made_on": date(2026, 10, 2),
    }
    return KnownDeal(**{**fields, **values})


def arrivals(
    *deals: ReadDeal,
    stored: KnownDeal | None = None,
    scope: Scope | None = None,
    read_at: datetime | None = None,
) -> Arrivals:
    return sort_arrivals(
        deals,
        {KEY.deal_id: stored} if stored else {},
        scope=scope or Scope(),
        mapping_version="m1",
        policy_version="p1",
        read_at=read_at,
    )


def test_a_deal_never_seen_is_new() -> None:
    assert [one.loss for one in arrivals(lost()).lost] == [Loss.NEW]


def test_the_same_deal_again_changes_nothing() -> None:
    found = arrivals(lost(), stored=known())

    assert (found.lost, len(found.unchanged)) == ([], 1)


def test_our_own_writes_and_a_newer_stamp_alone_change_nothing() -> None:
    again = lost(modified_at=READ_AT + timedelta(hours=1), outputs={"Rejection_Category__c": "budget"})

    assert arrivals(again, stored=known()).lost == []


@pytest.mark.parametrize("older", ["mapping_version", "policy_version"])
def test_what_stands_on_older_rules_is_taken_again(older: str) -> None:
    on_older: dict[str, Any] = {older: "before"}

    found = arrivals(lost(), stored=known(**on_older))

    assert [one.loss for one in found.lost] == [Loss.CHANGED]


def test_a_read_older_than_what_is_stored_changes_nothing() -> None:
    late = lost(name="Old name", modified_at=READ_AT - timedelta(minutes=5))

    assert arrivals(late, stored=known()).lost == []


def test_a_stamp_that_lay_ahead_keeps_out_nothing_that_is_read_later() -> None:
    ahead = known(modified_at=READ_AT + timedelta(hours=11), read_at=READ_AT)
    reopened = OpenDeal(key=KEY, modified_at=READ_AT + timedelta(minutes=5))

    assert arrivals(reopened, stored=ahead, read_at=READ_AT + timedelta(minutes=6)).reopened
    assert arrivals(reopened, stored=ahead, read_at=READ_AT - timedelta(minutes=1)).reopened == []


def test_a_loss_within_a_page_that_was_begun_long_before_is_no_second_one() -> None:
    after_the_pause = READ_AT + timedelta(hours=20)
    deal = lost(modified_at=after_the_pause, open_until=after_the_pause)
    stored = known(deal, modified_at=after_the_pause, read_at=READ_AT)

    assert arrivals(deal, stored=stored, read_at=READ_AT + timedelta(hours=21)).lost == []


def test_of_a_deal_read_twice_in_a_page_the_newer_counts() -> None:
    newer = lost(name="New name", modified_at=READ_AT + timedelta(minutes=5))

    assert [one.deal.name for one in arrivals(newer, lost()).lost] == ["New name"]


def test_a_reopened_deal_that_is_lost_again_begins_an_episode() -> None:
    found = arrivals(lost(), stored=known(state=DealState.OPEN, is_episode_running=False))

    assert [one.loss for one in found.lost] == [Loss.LOST_AGAIN]


def test_an_unknown_open_or_won_deal_is_dropped() -> None:
    found = arrivals(OpenDeal(key=KEY), WonDeal(key=DealKey("org", "2")))

    assert (found.dropped, found.reopened, found.won) == (2, [], [])


def test_a_lost_deal_that_is_open_now_was_reopened_once() -> None:
    first = arrivals(OpenDeal(key=KEY), stored=known())
    second = arrivals(OpenDeal(key=KEY), stored=known(state=DealState.OPEN))

    assert (len(first.reopened), len(second.reopened)) == (1, 0)


def test_a_merged_deal_is_gone() -> None:
    gone = GoneDeal(key=KEY, how=GoneHow.MERGED, merged_into="2")

    assert len(arrivals(gone, stored=known()).gone) == 1


def test_a_deal_outside_the_scope_is_kept_with_the_rule_that_leaves_it_out() -> None:
    scope = scope_from({"include": {"record_type": ["Sales"]}, "min_amount": "1000"})

    other_type = arrivals(lost(record_type="Partner"), scope=scope).lost[0]
    small = arrivals(lost(record_type="sales", amount=Money(amount=Decimal(999))), scope=scope).lost[0]
    taken = arrivals(lost(record_type="Sales", amount=Money(amount=Decimal(1000))), scope=scope).lost[0]

    assert other_type.excluded_by == "include record_type=Sales"
    assert small.excluded_by == "min_amount 1000"
    assert taken.excluded_by is None


@pytest.mark.parametrize(
    "values",
    [
        {"lost_on_source": LostOnSource.TODAY},
        {"lost_on_source": LostOnSource.CLOSE_DATE, "close_date": date(2027, 1, 31)},
    ],
)
def test_a_day_of_loss_that_nobody_told_does_not_move_as_time_passes(values: dict[str, Any]) -> None:
    stored = known(lost(lost_on=date(2026, 10, 1), **values))
    later = lost(lost_on=date(2026, 11, 20), modified_at=READ_AT + timedelta(days=19), **values)

    assert arrivals(later, stored=stored).unchanged == [stored]
