"""Room in the day: each rule of spreading on its own."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from mappings.documents.policy_values import Spread
from mappings.model import Account
from service.reminders.spread import Load, Placeable, spread

MONDAY = date(2027, 3, 1)
TODAY = MONDAY - timedelta(days=60)


def is_weekday(day: date, _account: Account) -> bool:
    return day.weekday() < 5


def one(token: int, day: date = MONDAY, **values: Any) -> Placeable:
    return Placeable(**{"token": token, "owner_id": "rep", "planned_on": day, "computed_on": day, **values})


def placed(*steps: Placeable, load: Load | None = None, today: date = TODAY) -> dict[int, date]:
    return spread(steps, load or Load(), today=today, is_working_day=is_weekday)


def full(*days: date) -> Load:
    return Load.of({("rep", day): 5 for day in days})


def test_a_day_takes_five_and_a_week_fifteen() -> None:
    days = Counter(placed(*[one(number) for number in range(17)]).values())

    next_monday = MONDAY + timedelta(days=7)
    expected = {MONDAY + timedelta(days=number): 5 for number in range(3)} | {next_monday: 2}
    assert days == expected


def test_each_rep_has_room_of_their_own() -> None:
    steps = [one(number) for number in range(5)] + [one(9, owner_id="other")]

    assert placed(*steps)[9] == MONDAY


def test_what_a_rep_has_already_counts() -> None:
    assert placed(one(1), load=full(MONDAY))[1] == MONDAY + timedelta(days=1)


def test_a_step_is_not_moved_onto_a_day_off() -> None:
    friday = MONDAY + timedelta(days=4)

    assert placed(one(1, friday), load=full(friday))[1] == MONDAY + timedelta(days=7)


def test_a_deadline_moves_a_step_earlier_instead() -> None:
    tuesday = MONDAY + timedelta(days=1)

    days = placed(one(1, tuesday, deadline_on=tuesday), load=full(tuesday))

    assert days[1] == MONDAY


def test_without_a_free_day_before_the_deadline_the_cap_yields() -> None:
    tuesday = MONDAY + timedelta(days=1)

    days = placed(one(1, tuesday, deadline_on=tuesday), load=full(MONDAY, tuesday), today=MONDAY)

    assert days[1] == tuesday


def test_deadlines_go_first_then_stated_dates_then_computed_dates_then_amounts() -> None:
    load = Load.of({("rep", MONDAY): 4})
    steps = {
        "deadline": one(1, deadline_on=MONDAY + timedelta(days=30)),
        "stated": one(2, is_stated_date=True),
        "earlier": one(3, computed_on=MONDAY - timedelta(days=1)),
        "larger": one(4, amount=Decimal(9)),
        "smaller": one(5, amount=Decimal(1)),
    }
    left = dict(steps)
    for name in steps:
        days = placed(*reversed(left.values()), load=Load.of({("rep", MONDAY): 4}))
        assert days[left[name].token] == MONDAY, name
        del left[name]
    assert load.has_room("rep", MONDAY)


def test_the_order_never_depends_on_ids() -> None:
    first = placed(*[one(number, deal_name=f"Deal {number}") for number in range(6)])
    again = placed(*[one(100 - number, deal_name=f"Deal {number}") for number in reversed(range(6))])

    assert [first[number] for number in range(6)] == [again[100 - number] for number in range(6)]


def test_a_day_that_is_past_gives_way_to_today() -> None:
    assert placed(one(1, MONDAY - timedelta(days=9)), today=MONDAY)[1] == MONDAY


def test_a_whole_book_on_one_day_is_spread_quickly() -> None:
    days = Counter(placed(*[one(number) for number in range(3000)]).values())

    assert max(days.values()) == 5
    assert len(days) == 600


def test_how_much_fits_a_day_and_a_week_is_the_policys() -> None:
    load = Load(room=Spread(per_day=2, per_week=3))
    days = Counter(placed(*[one(number) for number in range(5)], load=load).values())
    assert days == {MONDAY: 2, MONDAY + timedelta(days=1): 1, MONDAY + timedelta(days=7): 2}
