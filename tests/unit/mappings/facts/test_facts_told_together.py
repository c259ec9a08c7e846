"""Facts that one clause gives to another: "talk to us then", the last day to cancel, a day that has just passed."""

from __future__ import annotations

from datetime import date

import pytest

from mappings.facts import read_dates, resolve
from mappings.facts.mention import Base
from mappings.model import Account, FactKind


@pytest.mark.parametrize(
    "text",
    [
        "Budget planning starts in October, talk to us then.",
        "Budgets get set in October. Circle back then.",
        "Die Planung beginnt im Oktober, melden Sie sich dann.",
        "Le budget est préparé en octobre, recontactez-nous alors.",
        "El presupuesto se aprueba en octubre, llámenos entonces.",
        "O orçamento é fechado em outubro, ligue nessa altura.",
        "De begroting start in oktober, bel dan terug.",
        "Il budget si decide a ottobre, risentiamoci allora.",
        "予算編成は10月から。その頃に連絡してほしい。",
    ],
)
def test_then_is_the_day_of_the_budget_and_a_day_to_come_back(text: str) -> None:
    kinds = {mention.kind: mention.when.n for mention in read_dates(text) if mention.when.base is Base.MONTH}

    assert kinds == {FactKind.BUDGET_CYCLE: 10, FactKind.REVISIT: 10}


@pytest.mark.parametrize(
    "text",
    [
        "Budget planning starts in October, don't call before then.",
        "Budget planning starts in October, don't call us then.",
        "Budget planning starts in October, nothing will move until then.",
    ],
)
def test_then_that_nobody_asks_for_is_no_day_to_come_back(text: str) -> None:
    days = {mention.when.base for mention in read_dates(text) if mention.kind is FactKind.REVISIT}

    assert days <= {Base.NONE}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Vertrag endet am 31.12.2026, muss bis 30.9. gekündigt werden.", 92),
        ("Fin de contrat le 31 décembre, résiliation avant le 30 septembre.", 92),
        ("Contract loopt per 31 december af, opzeggen kan tot 1 oktober.", 91),
        ("契約は12月31日まで、9月30日までに解約通知が必要。", 92),
    ],
)
def test_the_last_day_to_cancel_gives_the_notice(text: str, days: int) -> None:
    (fact,) = resolve(read_dates(text), field="notes", said_on=date(2026, 6, 15), account=Account())

    assert (fact.on, fact.notice_days) == (date(2026, 12, 31), days)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("with the incumbent thru 12/31/26, 90d notice", 90),
        ("Contract expires on 31 December 2026 and requires 60 days written notice.", 60),
        ("Auto-renews on 31 December unless cancelled by 1 December.", 30),
        ("verlängert sich automatisch zum 31.12., wenn nicht 3 Monate vorher gekündigt wird", 90),
        ("rinnovo tacito al 31 dicembre, disdetta 60gg prima", 60),
        ("renova em 31 de dezembro, avisar com 90 dias", 90),
        ("contract tot 31-12-2026, opzegtermijn 3 mnd", 90),
    ],
)
def test_notice_is_read_in_passing(text: str, days: int) -> None:
    (fact,) = resolve(read_dates(text), field="notes", said_on=date(2026, 6, 15), account=Account())

    assert (fact.on, fact.notice_days) == (date(2026, 12, 31), days)


@pytest.mark.parametrize(
    "text",
    [
        "Board meets 12 Nov, call the week after",
        "Gremium tagt am 12. November, in der Woche danach anrufen",
        "comité le 12 novembre, rappeler la semaine suivante",
        "comité el 12 de noviembre, llamar la semana siguiente",
        "raad op 12 november, de week erna bellen",
    ],
)
def test_the_week_after_is_counted_from_the_day_said_before(text: str) -> None:
    (fact,) = resolve(read_dates(text), field="notes", said_on=date(2026, 6, 15), account=Account())

    assert fact.on == date(2026, 11, 16)


def test_a_day_that_has_just_passed_is_not_taken_for_next_years() -> None:
    mentions = read_dates("Call on 9 June.")

    assert resolve(mentions, field="notes", said_on=date(2026, 6, 15), account=Account()) == ()
    (later,) = resolve(mentions, field="notes", said_on=date(2026, 11, 15), account=Account())
    assert later.on == date(2027, 6, 9)


def test_an_extension_for_years_and_a_call_are_two_facts() -> None:
    facts = resolve(
        read_dates("Extended for four years, ring again in 2029"),
        field="notes",
        said_on=date(2026, 6, 15),
        account=Account(),
    )

    assert {fact.kind: fact.on for fact in facts} == {
        FactKind.CONTRACT_END: date(2030, 6, 15),
        FactKind.REVISIT: date(2029, 1, 1),
    }


@pytest.mark.parametrize(
    "text",
    [
        "Thanks again for the call",
        "Nochmals danke für das Gespräch",
        "Obrigado novamente pela ligação",
        "The credit check came back clean",
        "No answer after the second call.",
        "Keine Antwort nach dem zweiten Anruf.",
        "Pas de réponse après la démo.",
    ],
)
def test_thanks_and_silence_ask_for_no_call(text: str) -> None:
    assert read_dates(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Under contract until January 2027. Wants us back 60 days before.",
        "Vertrag bis Januar 2027. 60 Tage vorher melden.",
        "Contrat jusqu'en janvier 2027. Rappeler 60 jours avant.",
        "Contrato hasta enero de 2027. Llamar 60 días antes.",
        "Contrato até janeiro de 2027. Ligar 60 dias antes.",
        "Contract tot januari 2027. 60 dagen ervoor bellen.",
        "Contratto fino a gennaio 2027. Richiamare 60 giorni prima.",
    ],
)
def test_so_long_before_is_counted_back_from_the_end_said_before(text: str) -> None:
    facts = resolve(read_dates(text), field="notes", said_on=date(2026, 6, 15), account=Account())

    assert {fact.kind: fact.on for fact in facts} == {
        FactKind.CONTRACT_END: date(2027, 1, 1),
        FactKind.REVISIT: date(2026, 11, 2),
    }


def test_so_long_before_what_has_no_date_is_not_counted_from_today() -> None:
    (fact,) = resolve(
        read_dates("Wants us back 60 days before."), field="notes", said_on=date(2026, 6, 15), account=Account()
    )

    assert fact.on is None
