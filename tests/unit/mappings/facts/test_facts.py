"""Which facts a sentence states, in eight languages, as said on 15 August 2026 unless a test says otherwise."""

from __future__ import annotations

from datetime import date

import pytest

from mappings.facts import dump_mentions, load_mentions, read_dates, read_fiscal_turn, resolve
from mappings.model import Account, Fact, FactKind, WeekdayTurn

SAID_ON = date(2026, 8, 15)


def facts_in(text: str, *, said_on: date = SAID_ON, country: str | None = None, start: int | None = None) -> list[Fact]:
    account = Account(country=country, fiscal_year_start_month=start)
    return list(resolve(read_dates(text), field="notes", said_on=said_on, account=account))


def days_in(text: str, kind: FactKind, *, said_on: date = SAID_ON, country: str | None = None) -> list[str]:
    return [str(fact.on) for fact in facts_in(text, said_on=said_on, country=country) if fact.kind is kind]


REVISITS = [
    ("Please call us again in five months", "2027-01-15"),
    ("They want to circle back in a couple of months", "2026-10-15"),
    ("revisit in about a year", "2027-08-15"),
    ("Maybe in twenty-four months", "2028-08-15"),
    ("Asked to be contacted in Q2 of next year", "2027-04-01"),
    ("Try us after the summer", "2026-09-01"),
    ("First thing next year is better, reach out then", "2027-01-01"),
    ("Postponed to the second half of 2027", "2027-07-01"),
    ("not before June", "2027-06-01"),
    ("no sooner than October", "2026-10-01"),
    ("Ping me mid-November", "2026-11-15"),
    ("follow up by the end of the quarter", "2026-09-30"),
    ("call in late 2027", "2027-09-01"),
    ("Go-live is set for June, call in July", "2027-07-01"),
    ("after the board meeting in May", "2027-05-01"),
    ("Timing: 9-12 months", "2027-05-15"),
    ("Next year. Try in March.", "2027-01-01 2027-03-01"),
    ("Bitte im dritten Quartal 2027 noch einmal melden", "2027-07-01"),
    ("Nach dem Sommer wieder anrufen", "2026-09-01"),
    ("in einem halben Jahr nochmal nachfassen", "2027-02-15"),
    ("Wiedervorlage in KW 40", "2026-09-28"),
    ("frühestens ab Mitte März ein Thema", "2027-03-15"),
    ("à relancer après l'été", "2026-09-01"),
    ("rappeler au premier semestre de l'année prochaine", "2027-01-01"),
    ("revenir vers eux dans quelques semaines", "2026-09-05"),
    ("volver a llamar a mediados de marzo", "2027-03-15"),
    ("lo retomamos el año que viene", "2027-01-01"),
    ("Voltar a falar daqui a três meses", "2026-11-15"),
    ("retomar no próximo semestre", "2027-01-01"),
    ("volgend kwartaal terugbellen", "2026-10-01"),
    ("over een half jaar opnieuw contact opnemen", "2027-02-15"),
    ("ricontattare a inizio anno prossimo", "2027-01-01"),
    ("non prima di giugno, risentirci allora", "2027-06-01"),
    ("follow up by the end of March", "2027-03-31"),
    ("Reach out the week of March 8", "2027-03-08"),
    ("swamped until mid-December", "2026-12-15"),
    ("Not buying in the next 12 months", "2027-08-15"),
    ("nicht in diesem Jahr", "2027-01-01"),
    ("Nurture - 6 months", "2027-02-15"),
    ("[03/05/2026] spoke to the CFO, call back in September", "2026-09-01"),
    ("revisit H1-27", "2027-01-01"),
    ("retomar no 2T 2027", "2027-04-01"),
    ("Termin wieder Ende 06/27", "2027-06-30"),
    ("April ke baad call karo", "2027-05-01"),
    ("de l'été prochain, recontacter", "2027-06-01"),
    ("la retomamos en la segunda mitad de 2027", "2027-07-01"),
    ("半年後に改めて提案", "2027-02-15"),
    ("来年1月中旬に電話", "2027-01-15"),
    ("年明けに再度ご連絡", "2027-01-01"),
]


@pytest.mark.parametrize(("text", "days"), REVISITS)
def test_a_day_to_come_back_is_read(text: str, days: str) -> None:
    assert days_in(text, FactKind.REVISIT) == days.split()


CONTRACT_ENDS = [
    ("Their renewal with Acme is in March 2027", "2027-03-01"),
    ("the agreement runs until the end of June 2027", "2027-06-30"),
    ("two years left on the current contract", "2028-08-15"),
    ("a three-year deal signed in May 2025", "2028-05-01"),
    ("They just signed for 2 years with someone else", "2028-08-15"),
    ("locked in until Q3 next year", "2027-07-01"),
    ("Der Vertrag läuft erst zum 31.12.2027 aus", "2027-12-31"),
    ("Restlaufzeit noch 18 Monate", "2028-02-15"),
    ("Leur contrat arrive à échéance fin juin 2027", "2027-06-30"),
    ("El contrato vence en marzo de 2027", "2027-03-01"),
    ("les quedan 18 meses de contrato", "2028-02-15"),
    ("contrato com o concorrente até dezembro de 2027", "2027-12-01"),
    ("contract loopt tot eind 2027", "2027-12-31"),
    ("contratto triennale firmato a maggio 2025", "2028-05-01"),
    ("Vertrag läuft 24 Monate ab Oktober 2026", "2028-10-01"),
    ("Their contract doesn't end until 2028", "2028-01-01"),
    ("契約残り1年半", "2028-02-15"),
    ("契約は2027年3月末まで", "2027-03-31"),
    ("Under contract with another vendor", "None"),
    ("Contact at renewal", "None"),
]


@pytest.mark.parametrize(("text", "day"), CONTRACT_ENDS)
def test_the_end_of_a_contract_is_read(text: str, day: str) -> None:
    assert days_in(text, FactKind.CONTRACT_END) == [day]


def test_the_term_and_the_notice_join_the_end_of_the_contract() -> None:
    [fact] = facts_in("Auto-renews every September with 60 days' notice")
    assert (fact.on, fact.term_months, fact.notice_days) == (date(2026, 9, 1), 12, 60)


def test_a_term_with_a_stated_end_is_not_counted_from_the_signing() -> None:
    [fact] = facts_in("We signed a one-year contract in December and it runs till 15 January 2028.")
    assert (fact.on, fact.term_months) == (date(2028, 1, 15), 12)


def test_a_term_said_beside_the_signature_joins_the_end_it_leads_to() -> None:
    for text in ("haben im Mai für 2 Jahre unterschrieben", "renovaron en mayo por dos años", "5月に2年契約を更新した"):
        [fact] = facts_in(text)
        assert (fact.on, fact.term_months) == (date(2028, 5, 1), 24), text


def test_a_call_before_the_end_is_counted_back_from_it() -> None:
    for text in (
        "Contract ends 31 January 2027, call six months before it ends",
        "Contrat jusqu'au 31 janvier 2027, rappeler six mois avant la fin",
        "Contratto fino al 31 gennaio 2027, chiamare sei mesi prima della scadenza",
        "契約満了は2027年1月31日、満了の6か月前に連絡",
    ):
        assert days_in(text, FactKind.REVISIT, said_on=date(2026, 3, 1)) == ["2026-07-31"], text


def test_a_story_with_a_year_is_dropped_only_once_its_day_has_passed() -> None:
    text = "Their contract ended in December 2025"
    assert days_in(text, FactKind.CONTRACT_END, said_on=date(2026, 6, 15)) == []
    assert days_in("We have committed to them until 2028", FactKind.CONTRACT_END) == ["2028-01-01"]


FISCAL_STARTS = [
    ("Year end is 31 August", 9, 1),
    ("FY runs April-March", 4, 1),
    ("Das Geschäftsjahr läuft von Juli bis Juni", 7, 1),
    ("年度は4月から3月", 4, 1),
    ("our fiscal year ends March 31", 4, 1),
    ("FY ends 5 April", 4, 6),
    ("budget resets in July", 7, 1),
    ("Fiscal year runs October to September", 10, 1),
    ("Unser Geschäftsjahr endet am 30. September", 10, 1),
    ("exercice clos le 31 mars", 4, 1),
    ("el año fiscal termina en junio", 7, 1),
    ("ano fiscal começa em abril", 4, 1),
    ("boekjaar eindigt in juni", 7, 1),
    ("l'esercizio si chiude a giugno", 7, 1),
    ("spend is frozen until the new fiscal year (starts 1 April)", 4, 1),
    ("Not until our fiscal year starts in July", 7, 1),
    ("fechamento do ano fiscal em março", 4, 1),
    ("3月決算", 4, 1),
    ("budget bloccato fino al nuovo esercizio (1 luglio)", 7, 1),
    ("fiscal year: Oct 1", 10, 1),
    ("EOFY is 30 June", 7, 1),
    ("the budget year starts in May", 5, 1),
    ("Fiscal year: 1 July to 30 June", 7, 1),
    ("Fiscal year: 1 April – 31 March", 4, 1),
    ("Their fiscal year is October–September", 10, 1),
    ("July – June fiscal year", 7, 1),
    ("No money in FY26, resubmit for FY27 (starts 1 October)", 10, 1),
    ("Their funding year begins July 1.", 7, 1),
    ("Their year runs Feb to Jan.", 2, 1),
    ("Most of them follow an April - March fiscal year", 4, 1),
    ("Geschäftsjahr: 1. Oktober – 30. September", 10, 1),
    ("Exercice : 1er avril – 31 mars", 4, 1),
    ("Geschäftsjahr vom 1.7. bis 30.6.", 7, 1),
    ("Exercice du 1er juillet au 30 juin", 7, 1),
    ("Año fiscal del 1 de julio al 30 de junio", 7, 1),
    ("Boekjaar van 1 oktober tot 30 september", 10, 1),
    ("新しい予算は4月から使える", 4, 1),
    ("Their fiscal Q2 starts in July", 4, 1),
    ("Fiscal Q3 begins on 1 January", 7, 1),
]


@pytest.mark.parametrize(("text", "month", "day"), FISCAL_STARTS)
def test_the_start_of_the_fiscal_year_is_read(text: str, month: int, day: int) -> None:
    [fact] = facts_in(text)
    assert (fact.kind, fact.on) == (FactKind.BUDGET_CYCLE, None)
    assert (fact.fiscal_year_start_month, fact.fiscal_year_start_day) == (month, day)


TURNS = [
    ("Our fiscal year ends on the last Saturday of January.", 1, 5, -1, False),
    ("52/53-week fiscal year ending the Saturday closest to January 31", 1, 5, 0, False),
    ("FY ends last Friday in September", 9, 4, -1, False),
    ("Their fiscal year starts on the first Sunday in February", 2, 6, 1, True),
    ("Das Geschäftsjahr endet am letzten Samstag im Januar", 1, 5, -1, False),
    ("Notre exercice se termine le dernier samedi de janvier", 1, 5, -1, False),
    ("El año fiscal termina el último sábado de enero", 1, 5, -1, False),
    ("O ano fiscal termina no último sábado de janeiro", 1, 5, -1, False),
    ("Het boekjaar eindigt op de laatste zaterdag van januari", 1, 5, -1, False),
    ("L'esercizio si chiude l'ultimo sabato di gennaio", 1, 5, -1, False),
    ("会計年度は1月の最終土曜日に終わる", 1, 5, -1, False),
]


@pytest.mark.parametrize(("text", "month", "weekday", "nth", "is_first_day"), TURNS)
def test_the_weekday_a_fiscal_year_turns_on_is_read(
    text: str, month: int, weekday: int, nth: int, is_first_day: bool
) -> None:
    [fact] = facts_in(text)
    assert fact.fiscal_year_turn == WeekdayTurn(month=month, weekday=weekday, nth=nth, is_first_day=is_first_day)
    assert fact.fiscal_year_start_month == month + (not is_first_day)


def test_a_field_may_say_the_weekday_a_fiscal_year_turns_on() -> None:
    turn = WeekdayTurn(month=1, weekday=5, nth=-1)
    assert read_fiscal_turn("last Saturday of January") == turn
    assert read_fiscal_turn("ends on the last Saturday in January") == turn
    assert read_fiscal_turn("first Sunday of February") == WeekdayTurn(month=2, weekday=6, nth=1, is_first_day=True)
    assert read_fiscal_turn("starts in April") is None


REVIEWS = [
    ("budget review in May", "2027-05-01"),
    ("Planning for the new budget starts in October", "2026-10-01"),
    ("Spending is frozen until Q4", "2026-10-01"),
    ("Haushalt wird im November verabschiedet", "2026-11-01"),
    ("le budget est arbitré en octobre", "2026-10-01"),
    ("presupuesto para el próximo trimestre", "2026-10-01"),
    ("orçamento só no ano que vem", "2027-01-01"),
    ("begrotingsronde in september", "2026-09-01"),
    ("il budget viene approvato a novembre", "2026-11-01"),
    ("予算編成は10月から", "2026-10-01"),
]


@pytest.mark.parametrize(("text", "day"), REVIEWS)
def test_the_day_a_budget_is_looked_at_is_read(text: str, day: str) -> None:
    assert days_in(text, FactKind.BUDGET_CYCLE) == [day]


UNDATED = [
    ("No budget left this year", FactKind.BUDGET_CYCLE),
    ("dieses Jahr kein Budget mehr", FactKind.BUDGET_CYCLE),
    ("plus de budget cette année", FactKind.BUDGET_CYCLE),
    ("no budget for 2027", FactKind.BUDGET_CYCLE),
    ("when things calm down", FactKind.REVISIT),
    ("next budget cycle", FactKind.BUDGET_CYCLE),
    ("renewal in [MONTH YEAR]", FactKind.CONTRACT_END),
    ("más adelante este año", FactKind.REVISIT),
    ("maybe in the coming months", FactKind.REVISIT),
    ("dans les prochains mois peut-être", FactKind.REVISIT),
    ("maybe after year-end close", FactKind.REVISIT),
    ("no funds until the next fiscal year", FactKind.BUDGET_CYCLE),
    ("Let's talk when the dust settles", FactKind.REVISIT),
    ("try me in [month]", FactKind.REVISIT),
    ("on our roadmap for later this year", FactKind.REVISIT),
    ("今すぐではないが来期検討予定", FactKind.REVISIT),
]


@pytest.mark.parametrize(("text", "kind"), UNDATED)
def test_no_day_is_invented_where_none_is_said(text: str, kind: FactKind) -> None:
    assert {(fact.kind, fact.on) for fact in facts_in(text)} == {(kind, None)}


NO_FACTS = [
    "",
    "No interest",
    "we met in May",
    "Company founded in 2019",
    "quoted on 3 March",
    "24 users in March",
    "Price valid until 31 March",
    "Version 2.5 has no single sign-on",
    "They may decide otherwise, on the march to growth",
    "Prices fall in spring",
    "no response since April",
    "We had a call in May",
    "Implementation takes 6 months",
    "They paid $2,027 for 12 seats",
    "2026-05-03: Call with Dana",
    "The pricing expires at the end of the month",
    "No reply in 2 weeks",
    "no response this year",
    "requires a 5 year commitment",
    "Their budget was frozen in March",
    "after we sent the proposal they went dark",
    "Long term fit is poor",
    "Wir haben uns im Mai getroffen",
    "vor drei Monaten telefoniert",
    "rencontré au salon en mars",
    "il y a 3 mois",
    "nos reunimos en mayo",
    "empresa fundada em 2005",
    "in mei gesproken",
    "azienda fondata nel 2005",
    "2019年創業、従業員数250名",
    "as agreed on a call back in March",
    "Funktion steht für Q2 auf der Roadmap",
    "la fonction est prévue sur notre roadmap au T2",
    "Der Versuch lief bis Juni, danach keine Antwort",
    "They need 40 desks by Q1",
    "visite faite le 3 septembre",
    "licitación publicada en febrero",
    "9月3日に面談実施、関心なし",
    "準備に6か月かかる",
    "llamar después de las 5",
    "message laissé le 12",
    "Lieferung bis 1. Dezember gewünscht",
]


@pytest.mark.parametrize("text", NO_FACTS)
def test_a_date_that_is_no_fact_yields_nothing(text: str) -> None:
    assert facts_in(text) == []


@pytest.mark.parametrize("text", [text for text, _ in REVISITS + CONTRACT_ENDS + REVIEWS])
def test_a_reading_survives_storage_and_points_at_its_words(text: str) -> None:
    mentions = read_dates(text)
    assert load_mentions(dump_mentions(mentions)) == mentions
    for mention in mentions:
        assert text[mention.start : mention.end] == mention.text


def test_a_very_long_note_is_read_from_its_beginning() -> None:
    [fact] = facts_in("Call in October. " + "no news and no date. " * 5_000)
    assert fact.on == date(2026, 10, 1)


@pytest.mark.parametrize("text", ["recontact_jan_2027", "LATER_Q2_2028", "revisit_06_2027"])
def test_the_words_of_a_date_in_a_picklist_values_name_are_those_that_stand_there(text: str) -> None:
    (mention,) = read_dates(text)
    assert mention.text == text[mention.start : mention.end]
    assert "_" in mention.text
