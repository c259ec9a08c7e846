"""A reading, the day it was said, and the account -> facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from mappings.facts.arithmetic import Frame, add_months, add_span, first_day
from mappings.facts.mention import Base, DateMention, Edge, Role, When
from mappings.facts.reading import read_dates
from mappings.fiscal_weeks import LAST, start_about
from mappings.model import Account, Fact, FactKind, WeekdayTurn
from mappings.values import replace

_TURNS = frozenset({Role.YEAR_STARTS, Role.YEAR_ENDS})
_WITHIN_A_YEAR = frozenset({Base.MONTH, Base.QUARTER, Base.HALF, Base.SEASON, Base.DAY})


def resolve(
    mentions: Sequence[DateMention], *, field: str, said_on: date, account: Account, contract_end: date | None = None
) -> tuple[Fact, ...]:
    """The facts of one text in the order of its words.

    `contract_end` is the CRM's own field, for words that count back from the end ("six months before it ends").
    """
    if not mentions:
        return ()
    start, turn = _fiscal_year(mentions, account, said_on)
    frame = Frame(said_on=said_on, country=account.country, fiscal_start=start, fiscal_turn=turn)
    mentions = [
        mention
        for mention in mentions
        if not (((mention.is_told or mention.lapses) and _is_over(mention, frame)) or _has_just_passed(mention, frame))
    ]
    if len(mentions) > 1:
        mentions = _with_notice(_without_old_ends(mentions, frame), frame)
    facts = [_fact(mention, field, frame) for mention in _refined(mentions, said_on)]
    if len(mentions) > 1 and any(mention.is_denied for mention in mentions):
        mentions, facts = _without_denied(mentions, facts)
    ends_on = contract_end or next((f.on for f in facts if f.kind is FactKind.CONTRACT_END and f.on), None)
    return tuple(
        _counted_back(fact, mention, ends_on) if mention.role is Role.BEFORE_END else fact
        for fact, mention in zip(facts, mentions, strict=True)
    )


def _is_over(mention: DateMention, frame: Frame) -> bool:
    """Whether a story's day has passed; the end of a term that began then may still lie ahead."""
    if mention.lapses and not mention.is_told:
        end = first_day(replace(mention.when, edge=Edge.END), frame)
        return end is not None and end < frame.said_on
    day = first_day(mention.when, frame)
    return mention.role is Role.DATE and day is not None and day <= frame.said_on


def _without_denied(mentions: list[DateMention], facts: list[Fact]) -> tuple[list[DateMention], list[Fact]]:
    """ "Not this year. Try next fall": the day they name goes before the year after."""
    both = list(zip(mentions, facts, strict=True))
    named = [(m, f) for m, f in both if not m.is_denied]
    is_named = any(fact.on and fact.kind is FactKind.REVISIT for _, fact in named)
    kept = named if is_named else both
    return [mention for mention, _ in kept], [fact for _, fact in kept]


def _has_just_passed(mention: DateMention, frame: Frame) -> bool:
    """ "Call on 2 April", said on the 15th: a day that has just passed is that one, and not the next year's."""
    when = mention.when
    if (
        mention.kind is not FactKind.REVISIT
        or when.base not in _DAYS
        or when.year is not None
        or when.shift is not None
    ):
        return False
    day = first_day(when, frame)
    if day is None or (day.month, day.day) == (2, 29):
        return False
    if mention.is_listed:
        return (
            day.year > frame.said_on.year and add_months(day, -12) < frame.said_on and day.month <= frame.said_on.month
        )
    return _NEARLY_A_YEAR < (day - frame.said_on).days <= _A_YEAR


_DAYS = frozenset({Base.DAY, Base.NUMERIC})
_A_YEAR = 366
_NEARLY_A_YEAR = 365 - 21  # days


def _without_old_ends(mentions: list[DateMention], frame: Frame) -> list[DateMention]:
    """Of several contract ends those to come: "there since 2024, the licence runs to September 2026"."""
    ends = [m for m in mentions if m.kind is FactKind.CONTRACT_END and m.role is Role.DATE]
    days = {id(m): first_day(replace(m.when, edge=Edge.END), frame) for m in ends} if len(ends) > 1 else {}
    if not any(day and day >= frame.said_on for day in days.values()):
        return mentions
    return [m for m in mentions if (day := days.get(id(m))) is None or day >= frame.said_on]


def _with_notice(mentions: list[DateMention], frame: Frame) -> list[DateMention]:
    """The notice is what lies between the last day to cancel and the end."""
    deadline = next((first_day(m.when, frame) for m in mentions if m.role is Role.DEADLINE), None)
    kept = [mention for mention in mentions if mention.role is not Role.DEADLINE]
    if deadline is None:
        return kept
    ends = (first_day(m.when, frame) for m in kept if m.kind is FactKind.CONTRACT_END and m.role is Role.DATE)
    notice = next(((end - deadline).days for end in ends if end), 0)
    return [
        replace(m, notice_days=notice) if m.kind is FactKind.CONTRACT_END and 0 < notice <= _LONGEST_NOTICE else m
        for m in kept
    ]


_LONGEST_NOTICE = 366


def _refined(mentions: Sequence[DateMention], said_on: date) -> list[DateMention]:
    """ "Next year. Try in March": a month after a year or two is the month of that year."""
    refined: list[DateMention] = []
    reached: date | None = None
    for mention in mentions:
        when = mention.when
        if mention.kind is not FactKind.REVISIT:
            refined.append(mention)
        elif when.unit == "y" and when.base is Base.SPAN:
            reached = add_span(said_on, when.n, "y")
            refined.append(mention)
        elif when.unit == "y" and when.base is Base.UNIT and when.shift and not when.fiscal:
            reached = date(said_on.year + when.shift, 1, 1)
            refined.append(mention)
        elif reached and when.base in _WITHIN_A_YEAR and when.year is None and when.shift is None:
            refined.append(replace(mention, when=replace(when, year=_year_after(when, reached))))
        else:
            refined.append(mention)
    return refined


def _year_after(when: When, reached: date) -> int:
    ahead = first_day(when, Frame(said_on=reached, country=None, fiscal_start=None))
    return (ahead or reached).year


def _fact(mention: DateMention, field: str, frame: Frame) -> Fact:
    on: date | None = None
    month, day, turn = 0, 1, None
    if mention.role in _TURNS:
        month, day = year_start(mention, frame)
        turn = weekday_turn(mention)
    elif mention.role is Role.SIGNED:
        on = _end_of_term(mention, frame)
    elif mention.role is not Role.BEFORE_END and not _is_running_budget(mention, frame):
        on = first_day(mention.when, frame)
    return Fact(
        kind=mention.kind,
        on=on,
        text=mention.text,
        field=field,
        start=mention.start,
        end=mention.end,
        fiscal_year_start_month=month or None,
        fiscal_year_start_day=day if month else 1,
        fiscal_year_turn=turn if month else None,
        term_months=mention.term_months,
        notice_days=mention.notice_days,
    )


def _is_running_budget(mention: DateMention, frame: Frame) -> bool:
    """ "The budget for 2026 is spent", said in 2026: the year that is running is no day to come."""
    is_named = mention.when.base is Base.YEAR or (mention.when.base in _PARTS and mention.when.year is not None)
    if mention.kind is not FactKind.BUDGET_CYCLE or not is_named:
        return False
    if mention.when.fiscal and frame.fiscal_start:
        return False
    day = first_day(mention.when, frame)
    return mention.when.edge is Edge.START and day is not None and day <= frame.said_on


_PARTS = frozenset({Base.QUARTER, Base.HALF})


def _end_of_term(mention: DateMention, frame: Frame) -> date | None:
    """A term after the day of signing, which lies in the past unless the words give another year."""
    if mention.term_months is None:
        return None
    if mention.when.base is Base.NONE:
        return add_months(frame.said_on, mention.term_months)
    signed_on = first_day(replace(mention.when, edge=Edge.START), frame)
    if signed_on is None:
        return None
    if mention.when.year is None and mention.when.shift is None:
        while signed_on > frame.said_on:
            signed_on = add_months(signed_on, -12)
    return add_months(signed_on, mention.term_months)


def _counted_back(fact: Fact, mention: DateMention, ends_on: date | None) -> Fact:
    if ends_on is None:
        return fact
    return replace(fact, on=add_span(ends_on, -mention.when.n, mention.when.unit))


def _fiscal_year(
    mentions: Sequence[DateMention], account: Account, said_on: date
) -> tuple[tuple[int, int] | None, WeekdayTurn | None]:
    """First month and day of the fiscal year, and the weekday it turns on: the account's field beats the words."""
    if account.fiscal_year_turn:
        return start_about(account.fiscal_year_turn), account.fiscal_year_turn
    frame = Frame(said_on=said_on, country=account.country, fiscal_start=None)
    turns = [mention for mention in mentions if mention.role in _TURNS]
    stated = ((year_start(mention, frame), weekday_turn(mention)) for mention in turns)
    start, turn = next(((start, turn) for start, turn in stated if start[0]), (None, None))
    month = account.fiscal_year_start_month
    if month and not (turn and month in {turn.month, start_about(turn)[0]}):
        return (month, 1), None
    return start, turn


def weekday_turn(mention: DateMention) -> WeekdayTurn | None:
    """The weekday that a fiscal year of 52 or 53 weeks turns on, from words that name it."""
    if mention.when.base is not Base.WEEKDAY_OF:
        return None
    nth, weekday = divmod(mention.when.day, 10)
    return WeekdayTurn(
        month=mention.when.n,
        weekday=weekday,
        nth=LAST if nth == 9 else nth,
        is_first_day=mention.role is Role.YEAR_STARTS,
    )


def read_fiscal_turn(text: str) -> WeekdayTurn | None:
    """The weekday that a fiscal year turns on, from a field that says it in words: "last Saturday of January"."""
    turns = (weekday_turn(mention) for mention in read_dates(f"Fiscal year: {text}"))
    return next((turn for turn in turns if turn), None)


def year_start(mention: DateMention, frame: Frame) -> tuple[int, int]:
    """Month and day on which the fiscal year starts, from words that name its start or its end; (0, 1) if none."""
    if turn := weekday_turn(mention):
        return start_about(turn)
    day = first_day(_with_edge(mention), frame)
    if day is None:
        return 0, 1
    if mention.role is Role.YEAR_ENDS:
        day += timedelta(days=1)
    return day.month, day.day


def _with_edge(mention: DateMention) -> When:
    """A year that ends in a month ends on its last day, and one that starts in it starts on its first."""
    when = mention.when
    if mention.role is Role.YEAR_ENDS and when.edge is not Edge.AFTER:
        return replace(when, edge=Edge.END)
    return when
