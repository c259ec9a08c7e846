"""The rules of the policy, in their order: each gives the days of a plan as computed, not yet business days.

Source of every number: mappings/data/policy.toml.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from mappings.calendars import FiscalStart, add_months
from mappings.model import Anchor, FactKind, Purpose
from mappings.taxonomy import Category
from mappings.timing import because as because_of
from mappings.timing import known as dates
from mappings.timing.draft import Draft
from mappings.timing.known import Known
from mappings.timing.words import days_words, in_full, loss_words, months_words


def drafts_of(known: Known) -> list[Draft]:
    """The steps of the first rule that applies, then the last offer; in the plan's order."""
    for rule in RULES:
        drafts = rule(known)
        if drafts is not None:
            return [*drafts, *last_offer(known)]
    return last_offer(known)


def by_stated_date(known: Known) -> list[Draft] | None:
    """Rule 2: the day they asked for, or `earliest` where that has passed."""
    stated = dates.stated_day(known)
    if stated is None:
        return None
    is_past = stated.on < known.today
    because = f"{_who_named(known, stated)} {in_full(stated.on)}"
    if is_past:
        because += f", which had passed; {because_of.first_day_left(known)}"
    draft = Draft(
        purpose=Purpose.RECONNECT,
        on=known.earliest if is_past else stated.on,
        anchor=Anchor.STATED_DATE,
        because=because + _after_contract(known, stated.on),
        about=stated.on,
        facts=stated.facts,
    )
    return [draft]


def _who_named(known: Known, stated: dates.Dated) -> str:
    if stated.facts[0].field == dates.STATED_FOLLOW_UP_FIELD:
        return f"Next Follow-up for {known.who} was set to"
    return f"{known.who} asked to be contacted again on"


def _after_contract(known: Known, stated: date) -> str:
    end = dates.contract_end(known)
    if end is None:
        return ""
    deadline = end.on - timedelta(dates.notice_days(known))
    if stated <= deadline:
        return ""
    contract = because_of.contract_name(known)
    return f"; that is after {in_full(deadline)}, the last useful day before their {contract} ends on {in_full(end.on)}"


def by_contract_expiry(known: Known) -> list[Draft] | None:
    """Rule 3: before the last useful day of the contract they chose instead."""
    end = dates.contract_end(known)
    if end is not None:
        return _before_known_end(known, end)
    is_locked = not known.in_review and (known.category, known.sub_reason) == (Category.TIMING, "contract_locked")
    if is_locked or known.is_kind(Category.COMPETITOR, but="built_in_house"):
        return _before_assumed_end(known)
    return None


def _before_known_end(known: Known, end: dates.Dated) -> list[Draft]:
    terms = dates.term_months(known)
    ends_on, deadline = usable_end(known, end.on, 0)
    whose = f"{because_of.possessive(known.who)} {because_of.contract_name(known)}"
    intro = f"{whose} ends on {in_full(ends_on)}"
    if ends_on != end.on:
        intro = (
            f"{whose} was to end on {in_full(end.on)} and is taken to run on by {months_words(terms)} at a time, "
            f"now to {in_full(ends_on)}"
        )
    intro = f"{intro}; {because_of.last_useful_day(known, deadline)}"

    def step(purpose: Purpose, on: date, words: str) -> Draft:
        return Draft(
            purpose=purpose, on=on, anchor=Anchor.CONTRACT_EXPIRY, because=f"{intro}; {words}", deadline=deadline,
            about=ends_on, facts=end.facts,
        )  # fmt: skip

    steps = [
        step(purpose, deadline - timedelta(lead), f"{what} {days_words(lead)} before it")
        for purpose, lead, what in contract_leads(known)
        if deadline - timedelta(lead) >= known.earliest
    ]
    return steps or [step(Purpose.DECIDE, known.earliest, because_of.first_day_left(known))]


def contract_leads(known: Known) -> tuple[tuple[Purpose, int, str], ...]:
    """The steps before a last useful day: so many days ahead of it, and what is due then."""
    timing = known.timing
    return (
        (Purpose.POSITION, timing.position_days, "the first talk is due"),
        (Purpose.BUSINESS_CASE, timing.business_case_days, "the figures are due"),
        (Purpose.DECIDE, timing.decide_days, "the decision is due"),
    )


def _before_assumed_end(known: Known) -> list[Draft]:
    timing = known.timing
    asked = known.lost_on + timedelta(timing.ask_contract_end_days)
    whose = f"{because_of.possessive(known.who)} {because_of.contract_name(known)}"
    ask = Draft(
        purpose=Purpose.ASK_CONTRACT_END,
        on=max(asked, known.earliest),
        anchor=Anchor.CONTRACT_EXPIRY,
        because=f"Nobody has written down when {whose} ends; {because_of.lost(known)}, "
        + (
            f"and we ask {days_words(timing.ask_contract_end_days)} after the loss"
            if asked >= known.earliest
            else f"and {because_of.first_day_left(known)}"
        ),
    )
    ends_on, deadline = usable_end(known, known.lost_on, timing.assumed_end_months)
    on = deadline - timedelta(timing.position_days)
    lead = f"the first talk is due {days_words(timing.position_days)} before it"
    position = Draft(
        purpose=Purpose.POSITION,
        on=max(on, known.earliest),
        anchor=Anchor.CONTRACT_EXPIRY,
        because=f"{whose} is assumed to end on {in_full(ends_on)}, counting from the loss on "
        f"{because_of.loss_day(known)}; {because_of.last_useful_day(known, deadline)}; "
        + (lead if on >= known.earliest else because_of.first_day_left(known)),
        provisional=True,
        deadline=deadline,
        about=ends_on,
    )
    return [ask, position]


def usable_end(known: Known, origin: date, months: int) -> tuple[date, date]:
    """The first end, by whole terms from the original date, whose last useful day is not before `earliest`."""
    notice = timedelta(dates.notice_days(known))
    term = dates.term_months(known)
    ends_on = add_months(origin, months)
    while ends_on - notice < known.earliest:
        months += term
        ends_on = add_months(origin, months)
    return ends_on, ends_on - notice


def by_budget_cycle(known: Known) -> list[Draft] | None:
    """Rule 4: before their budget review, else about the start of their fiscal year."""
    if not known.is_kind(Category.BUDGET, but="over_budget") and not dates.has_budget_cycle(known):
        return None
    review = dates.review_day(known)
    return _about_fiscal_years(known) if review is None else [_before_review(known, review)]


def _before_review(known: Known, review: dates.Dated) -> Draft:
    lead = known.timing.review_lead_days
    reviewed_on, months = review.on, 0
    while reviewed_on < known.today:
        months += 12
        reviewed_on = add_months(review.on, months)
    on = reviewed_on - timedelta(lead)
    because = f"{known.who} reviews the budget on {in_full(reviewed_on)}"
    if reviewed_on != review.on:
        because += f", as on {in_full(review.on)}"
    return Draft(
        purpose=Purpose.GET_INTO_PLAN,
        on=max(on, known.earliest),
        anchor=Anchor.BUDGET_CYCLE,
        because=f"{because}; "
        + (
            f"what is to be in it is needed {days_words(lead)} before"
            if on >= known.earliest
            else because_of.first_day_left(known)
        ),
        about=reviewed_on,
        facts=review.facts,
    )


def _about_fiscal_years(known: Known) -> list[Draft]:
    start, lead = dates.fiscal_start(known), plan_lead(known)
    candidates = [one for one in fiscal_days(known, start) if one[0] >= known.earliest]
    facts = tuple(fact for fact in known.facts if fact.kind is FactKind.BUDGET_CYCLE)
    return [
        Draft(
            purpose=purpose,
            on=on,
            anchor=Anchor.BUDGET_CYCLE,
            because=because_of.fiscal_year(known, start, starts_on, purpose, lead),
            provisional=start.is_assumed,
            about=starts_on,
            facts=facts,
        )
        for on, _, purpose, starts_on in candidates[: known.timing.budget_steps]
    ]  # fmt: skip


def plan_lead(known: Known) -> int:
    """Days before a fiscal year in which its budget is planned."""
    is_public = known.deal.account.public_sector is True
    return known.timing.public_plan_lead_days if is_public else known.timing.plan_lead_days


def fiscal_days(known: Known, start: FiscalStart) -> list[tuple[date, bool, Purpose, date]]:
    """The days that hang on fiscal years about `earliest`, those before it included, with the year's start."""
    timing, lead = known.timing, plan_lead(known)
    years_on = lead // 365 + 1 + timing.budget_steps  # so many whole preparations lie ahead at least
    return sorted(
        (on, purpose is Purpose.MONEY_LANDED, purpose, starts_on)
        for starts_on in start.around(known.earliest, years_back=1 + timing.landed_days // 365, years_on=years_on)
        for on, purpose in (
            (starts_on - timedelta(lead), Purpose.GET_INTO_PLAN),
            (starts_on + timedelta(timing.landed_days), Purpose.MONEY_LANDED),
        )
    )


def by_interval(known: Known) -> list[Draft] | None:
    """Rule 5: some days after the loss, by its kind; or to ask for the reason where none is known."""
    if known.category is Category.UNKNOWN:
        return _ask_reason(known)
    interval = None if known.in_review else known.timing.interval(known.category, known.sub_reason)
    if interval is None:
        return None
    on = known.lost_on + timedelta(interval)
    words = f"we come back {days_words(interval)} after {loss_words(known.category, known.sub_reason)}"
    if on < known.earliest:
        words = f"{words}, which had passed; {because_of.first_day_left(known)}"
    return [
        Draft(
            purpose=Purpose.RECONNECT,
            on=max(on, known.earliest),
            anchor=Anchor.POLICY,
            because=f"{known.who}: {because_of.lost(known)}; {words}",
        )
    ]


def _ask_reason(known: Known) -> list[Draft] | None:
    timing = known.timing
    if (known.today - known.lost_on).days > timing.ask_reason_within_days:
        return None
    count = timing.ask_reason_business_days
    on = known.calendar.after(known.lost_on, count)
    words = f"the reason is asked for {count} business days after the loss"
    if on < known.today:
        words = f"{words}, which had passed when this was planned on {in_full(known.today)}"
    return [
        Draft(
            purpose=Purpose.ASK_REASON,
            on=max(on, known.today),
            anchor=Anchor.POLICY,
            because=f"{known.who}: {because_of.lost(known)} and no reason is written down; {words}",
        )
    ]


def last_offer(known: Known) -> list[Draft]:
    """Beside any rule: a competitor's win is fresh for two business days."""
    if not known.is_kind(Category.COMPETITOR, but="built_in_house"):
        return []
    count = known.timing.last_offer_business_days
    on = known.calendar.after(known.lost_on, count)
    if on < known.today:
        return []
    rival = f" to {known.rival}" if known.rival else " to someone else"
    return [
        Draft(
            purpose=Purpose.LAST_OFFER,
            on=on,
            anchor=Anchor.POLICY,
            because=f"{known.who}: {because_of.lost(known, rival)}; {count} business days later is the time to "
            "leave the door open",
        )
    ]


RULES: tuple[Callable[[Known], list[Draft] | None], ...] = (
    by_stated_date,
    by_contract_expiry,
    by_budget_cycle,
    by_interval,
)
