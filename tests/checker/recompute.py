"""The timing policy read word by word: days are found by walking the calendar, never by a formula.

Nothing here comes from the planner: not its calendars, not its tables, not its parser.
"""

from __future__ import annotations

import calendar
import functools
import tomllib
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import holidays

from tests.checker.fiscal_tables import COMPANIES, GOVERNMENTS, US_STATES

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Said:
    """One fact as it was stated."""

    kind: str
    on: date | None = None
    fiscal_month: int | None = None
    fiscal_day: int = 1
    fiscal_turn: tuple[int, int, int, bool] | None = (
        None  # month, weekday, nth (-1 last, 0 nearest its end), starts then
    )
    term_months: int | None = None
    notice_days: int | None = None
    from_field: bool = False


@dataclass(frozen=True)
class Loss:
    """A lost deal and what it was taken to mean, in plain values. `said` has the preferred fact of a kind first."""

    lost_on: date
    category: str
    sub_reason: str | None = None
    finality: str = "open"
    needs_review: bool = False
    country: str | None = None
    region: str | None = None
    industry: str | None = None
    public_sector: bool | None = None
    fiscal_field: int | None = None
    fiscal_turn_field: tuple[int, int, int, bool] | None = None
    competitor: str | None = None
    amount: int | None = None
    contract_end_field: date | None = None
    next_follow_up: date | None = None
    do_not_contact: bool = False
    said: tuple[Said, ...] = ()


@dataclass
class Expected:
    """A step as the policy's text gives it."""

    purpose: str
    computed_on: date
    anchor: str
    provisional: bool = False
    d: date | None = None
    due_on: date = date.min
    merged: list[str] = field(default_factory=list)

    def as_row(self) -> tuple[Any, ...]:
        return (self.purpose, self.computed_on, self.due_on, self.anchor, self.provisional, tuple(self.merged))


def months_later(day: date, months: int) -> date:
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@functools.lru_cache(maxsize=4000)
def is_working_day(country: str | None, day: date) -> bool:
    book = holiday_book(country)
    if book is None:
        return day.isoweekday() not in (6, 7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return not book.is_weekend(day) and day not in book


@functools.cache
def holiday_book(country: str | None) -> holidays.HolidayBase | None:
    try:
        return holidays.country_holidays(country) if country else None
    except NotImplementedError:
        return None


class Checker:
    """Plans by one policy document."""

    def __init__(self, document: str) -> None:
        self.document = tomllib.loads(document)
        self.black = {f"{day:%m-%d}" for day in (date(2024, 1, 1) + n * DAY for n in range(366)) if self.is_black(day)}

    def numbers(self, loss: Loss) -> dict[str, Any]:
        """The timing numbers for this loss: the document's, its segments', its competitor's."""
        numbers = dict(self.document["timing"])
        for segment in self.document.get("segment", []):
            if in_segment(segment, loss):
                changes = segment["timing"]
                numbers = {
                    **numbers,
                    **changes,
                    "intervals": {**numbers["intervals"], **changes.get("intervals", {})},
                }
        for rival in self.document.get("competitor", []):
            names = [rival["name"].lower(), *(alias.lower() for alias in rival.get("aliases", []))]
            if loss.competitor and loss.competitor.lower() in names:
                numbers |= {key: rival[key] for key in ("notice_days", "term_months") if key in rival}
        for said in reversed(loss.said):  # words beat what the policy supposes
            if said.notice_days is not None:
                numbers["notice_days"] = said.notice_days
            if said.term_months is not None:
                numbers["term_months"] = said.term_months
        return numbers

    def is_black(self, day: date) -> bool:
        """Whether a day lies between the two ends of a blackout, by walking from its first day to its last."""
        for span in self.document["blackout"]:
            walker = day
            for _ in range(366):
                if f"{walker:%m-%d}" == span["from"]:
                    return True
                if walker != day and f"{walker:%m-%d}" == span["to"]:
                    break
                walker -= DAY
        return False

    def is_fit(self, loss: Loss, day: date) -> bool:
        """A business day outside the blackout."""
        return is_working_day(loss.country, day) and f"{day:%m-%d}" not in self.black

    def plan(self, loss: Loss, today: date) -> tuple[list[Expected], list[Expected]]:
        """The steps, and those that stand under `later`."""
        n = self.numbers(loss)
        lost_on = min(today, loss.lost_on)
        earliest = max(today, lost_on + n["cool_off_days"] * DAY)
        steps = self.computed(loss, n, lost_on, today, earliest)
        kept: list[Expected] = []
        for step in steps:
            if not self.document["enabled"].get(step.purpose, True):
                continue
            due = self.actable(loss, step, earliest)
            if due is None:
                continue
            step.due_on = due
            same = [other for other in kept if other.due_on == due]
            if same:
                if step.purpose != same[0].purpose:
                    same[0].merged.append(step.purpose)
            else:
                kept.append(step)
        kept.sort(key=lambda step: step.due_on)
        limit = months_later(today, n["horizon_months"])
        return [s for s in kept if s.computed_on <= limit], [s for s in kept if s.computed_on > limit]

    def actable(self, loss: Loss, step: Expected, earliest: date) -> date | None:
        """Forward; back where forward would pass D; none where neither fits between `earliest` and D."""
        day = step.computed_on
        while not self.is_fit(loss, day):
            day += DAY
        if step.d is None or day <= step.d:
            return day
        day = step.computed_on
        while day >= earliest:
            if self.is_fit(loss, day):
                return day
            day -= DAY
        return None

    def computed(self, loss: Loss, n: dict[str, Any], lost_on: date, today: date, earliest: date) -> list[Expected]:
        # 1. never, do-not-contact, not a rejection
        if loss.finality == "never" or loss.do_not_contact or loss.category == "not_a_rejection":
            return []
        if (loss.category, loss.sub_reason) == ("need", "company_closed"):
            return []
        steps = (
            stated_date(loss, today, earliest)
            or contract(loss, n, lost_on, earliest)
            or budget(loss, n, today, earliest)
            or interval(loss, n, lost_on, today, earliest)
        )
        went_elsewhere = loss.category == "competitor" and loss.sub_reason != "built_in_house"
        if went_elsewhere and not loss.needs_review:
            day = business_days_after(loss, lost_on, n["last_offer_business_days"])
            if day >= today:
                steps.append(Expected("last_offer", day, "policy"))
        return steps


def in_segment(segment: dict[str, Any], loss: Loss) -> bool:
    if segment.get("countries") and loss.country not in segment["countries"]:
        return False
    if segment.get("industries") and (loss.industry or "").lower() not in [x.lower() for x in segment["industries"]]:
        return False
    if "amount_from" in segment and (loss.amount is None or loss.amount < segment["amount_from"]):
        return False
    return not ("amount_below" in segment and (loss.amount is None or loss.amount >= segment["amount_below"]))


def of_kind(loss: Loss, kind: str) -> list[Said]:
    return [said for said in loss.said if said.kind == kind]


def first_day(said: Iterable[Said]) -> date | None:
    days = [one.on for one in said if one.on is not None]
    return days[0] if days else None


def contract_end_of(loss: Loss) -> date | None:
    """A CRM field beats words."""
    in_field = [said for said in of_kind(loss, "contract_end") if said.from_field]
    return first_day(in_field) or loss.contract_end_field or first_day(of_kind(loss, "contract_end"))


def stated_date(loss: Loss, today: date, earliest: date) -> list[Expected]:
    r = loss.next_follow_up or first_day(of_kind(loss, "revisit"))
    if r is None:
        return []
    return [Expected("reconnect", earliest if r < today else r, "stated_date")]


def contract(loss: Loss, n: dict[str, Any], lost_on: date, earliest: date) -> list[Expected]:
    notice = n["notice_days"] * DAY
    stated_end = contract_end_of(loss)
    if stated_end is not None:
        turn = 0
        while months_later(stated_end, turn * n["term_months"]) - notice < earliest:
            turn += 1
        d = months_later(stated_end, turn * n["term_months"]) - notice
        leads = (
            ("position", n["position_days"]),
            ("business_case", n["business_case_days"]),
            ("decide", n["decide_days"]),
        )
        steps = [Expected(purpose, d - lead * DAY, "contract_expiry", d=d) for purpose, lead in leads]
        steps = [step for step in steps if step.computed_on >= earliest]
        return steps or [Expected("decide", earliest, "contract_expiry", d=d)]
    chosen_other = loss.category == "competitor" and loss.sub_reason != "built_in_house"
    locked = (loss.category, loss.sub_reason) == ("timing", "contract_locked")
    if loss.needs_review or not (chosen_other or locked):
        return []
    turn = 0
    while months_later(lost_on, n["assumed_end_months"] + turn * n["term_months"]) - notice < earliest:
        turn += 1
    d = months_later(lost_on, n["assumed_end_months"] + turn * n["term_months"]) - notice
    return [
        Expected("ask_contract_end", max(lost_on + n["ask_contract_end_days"] * DAY, earliest), "contract_expiry"),
        Expected("position", max(d - n["position_days"] * DAY, earliest), "contract_expiry", provisional=True, d=d),
    ]


def budget(loss: Loss, n: dict[str, Any], today: date, earliest: date) -> list[Expected]:
    facts = of_kind(loss, "budget_cycle")
    no_money = loss.category == "budget" and loss.sub_reason != "over_budget" and not loss.needs_review
    if not facts and not no_money:
        return []
    v = first_day(facts)
    if v is not None:
        years = 0
        while months_later(v, 12 * years) < today:
            years += 1
        day = months_later(v, 12 * years) - n["review_lead_days"] * DAY
        return [Expected("get_into_plan", max(day, earliest), "budget_cycle")]
    (month, day_of_month), assumed = fiscal_start(loss, facts)
    turn = None if assumed else fiscal_turn(loss, facts)
    starts = [
        date(year, month, min(day_of_month, calendar.monthrange(year, month)[1]))
        for year in range(earliest.year - 2, earliest.year + 6)
    ]
    if turn is not None:
        starts = starts_by_weekday(*turn, range(earliest.year - 2, earliest.year + 6))
    lead = n["public_plan_lead_days"] if loss.public_sector else n["plan_lead_days"]
    candidates = []
    for f in starts:
        candidates += [
            Expected("get_into_plan", f - lead * DAY, "budget_cycle", provisional=assumed),
            Expected("money_landed", f + n["landed_days"] * DAY, "budget_cycle", provisional=assumed),
        ]
    candidates = [step for step in candidates if step.computed_on >= earliest]
    candidates.sort(key=lambda step: step.computed_on)
    return candidates[: n["budget_steps"]]


def fiscal_start(loss: Loss, facts: list[Said]) -> tuple[tuple[int, int], bool]:
    """Month and day, and whether that is assumed."""
    if loss.fiscal_turn_field is not None:
        return (1, 1), False  # the day is another each year, see starts_by_weekday
    if loss.fiscal_field is not None:
        return (loss.fiscal_field, 1), False
    worded = [(said.fiscal_month, said.fiscal_day) for said in facts if said.fiscal_month is not None]
    if worded:
        month, day = worded[0]
        assert month is not None
        return (month, day), False
    if loss.public_sector:
        if loss.country == "US" and loss.region in US_STATES:
            return US_STATES[loss.region], True
        if loss.country in GOVERNMENTS:
            return GOVERNMENTS[loss.country], True
    return COMPANIES.get(loss.country or "", (1, 1)), True


def fiscal_turn(loss: Loss, facts: list[Said]) -> tuple[int, int, int, bool] | None:
    """The weekday that the year turns on: the field's, else the one said, unless the field names another month."""
    if loss.fiscal_turn_field is not None:
        return loss.fiscal_turn_field
    worded = [said for said in facts if said.fiscal_month is not None]
    if not worded or worded[0].fiscal_turn is None:
        return None
    turn = worded[0].fiscal_turn
    return turn if loss.fiscal_field in (None, turn[0], worded[0].fiscal_month) else None


def starts_by_weekday(month: int, weekday: int, nth: int, is_start: bool, years: Iterable[int]) -> list[date]:
    """The first day of each year of 52 or 53 weeks, by walking through every day of these years."""
    return [start_by_weekday(month, weekday, nth, is_start, year) for year in years]


@functools.lru_cache(maxsize=100_000)
def start_by_weekday(month: int, weekday: int, nth: int, is_start: bool, year: int) -> date:
    here = [day for day in (date(year, 1, 1) + n * DAY for n in range(366)) if day.year == year]
    if nth == 0:
        end = max(day for day in here if day.month == month)
        [turn] = [day for day in (end + n * DAY for n in range(-3, 4)) if day.weekday() == weekday]
    else:
        days = [day for day in here if day.month == month and day.weekday() == weekday]
        turn = days[-1] if nth == -1 else days[nth - 1]
    return turn if is_start else turn + DAY


def interval(loss: Loss, n: dict[str, Any], lost_on: date, today: date, earliest: date) -> list[Expected]:
    if loss.category == "unknown":
        if (today - lost_on).days > n["ask_reason_within_days"]:
            return []
        day = business_days_after(loss, lost_on, n["ask_reason_business_days"])
        return [Expected("ask_reason", max(day, today), "policy")]
    wait = n["intervals"].get(f"{loss.category}.{loss.sub_reason}", n["intervals"].get(loss.category))
    if loss.needs_review or wait is None:
        return []
    return [Expected("reconnect", max(lost_on + wait * DAY, earliest), "policy")]


def business_days_after(loss: Loss, day: date, count: int) -> date:
    """The country's business days count; the blackout does not."""
    while count:
        day += DAY
        if is_working_day(loss.country, day):
            count -= 1
    return day
