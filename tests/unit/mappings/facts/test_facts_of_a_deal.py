"""Which facts a deal has, and in which order a plan prefers them."""

from __future__ import annotations

from datetime import date

from mappings.facts import extract_facts
from mappings.model import Account, DealKey, Fact, FactKind, LostDeal, Note, StatedReason

LOST_ON = date(2026, 8, 15)


def deal(
    *,
    reasons: tuple[str, ...] = (),
    notes: tuple[Note | str, ...] = (),
    contract_end: date | None = None,
    stated_follow_up: date | None = None,
) -> LostDeal:
    return LostDeal(
        key=DealKey("org", "1"),
        lost_on=LOST_ON,
        account=Account(),
        stated_reasons=tuple(StatedReason(field="reason", value=value) for value in reasons),
        notes=tuple(note if isinstance(note, Note) else Note(field="notes", text=note) for note in notes),
        contract_end=contract_end,
        stated_follow_up=stated_follow_up,
    )


def first(facts: tuple[Fact, ...], kind: FactKind) -> Fact:
    return next(fact for fact in facts if fact.kind is kind)


def test_a_reason_label_that_names_a_time_is_a_fact_of_its_field() -> None:
    [fact] = extract_facts(deal(reasons=("Not now - try again in 6 months",)))
    assert (fact.kind, fact.on, fact.field, fact.text) == (
        FactKind.REVISIT,
        date(2027, 2, 15),
        "reason",
        "in 6 months",
    )


def test_of_several_days_to_come_back_the_last_said_comes_first() -> None:
    facts = extract_facts(deal(notes=("Call in October.", "No, rather call in December. Or call in November.")))
    assert [fact.on for fact in facts] == [date(2026, 11, 1), date(2026, 12, 1), date(2026, 10, 1)]


def test_words_count_from_the_day_of_their_note() -> None:
    later = Note(field="notes", text="call in a month", said_on=date(2026, 9, 1))
    facts = extract_facts(deal(notes=(later, "call in three months")))
    assert [fact.on for fact in facts] == [date(2026, 10, 1), date(2026, 11, 15)]


def test_a_day_comes_before_an_event_without_one() -> None:
    facts = extract_facts(deal(notes=("Call in October.", "Let's talk when the dust settles")))
    assert [fact.on for fact in facts] == [date(2026, 10, 1), None]


def test_the_crm_field_beats_the_words_and_takes_their_notice() -> None:
    text = "Their contract ends in March 2027 with 90 days notice"
    fact = first(extract_facts(deal(notes=(text,), contract_end=date(2027, 5, 31))), FactKind.CONTRACT_END)
    assert (fact.on, fact.field, fact.notice_days, fact.start, fact.end) == (
        date(2027, 5, 31),
        "contract_end",
        90,
        0,
        0,
    )


def test_a_day_entered_by_a_person_beats_the_words() -> None:
    facts = extract_facts(deal(notes=("call in October",), stated_follow_up=date(2027, 1, 11)))
    assert [(fact.on, fact.field) for fact in facts] == [
        (date(2027, 1, 11), "next_follow_up"),
        (date(2026, 10, 1), "notes"),
    ]


def test_months_before_the_end_count_back_from_the_crm_field() -> None:
    facts = extract_facts(deal(notes=("Call six months before it ends",), contract_end=date(2027, 8, 31)))
    assert first(facts, FactKind.REVISIT).on == date(2027, 2, 28)


def test_months_before_an_end_nobody_knows_have_no_day() -> None:
    [fact] = extract_facts(deal(notes=("Call six months before it ends",)))
    assert (fact.kind, fact.on) == (FactKind.REVISIT, None)


def test_a_deal_without_a_word_about_time_has_no_facts() -> None:
    assert extract_facts(deal(reasons=("Price",), notes=("Too expensive.",))) == ()
