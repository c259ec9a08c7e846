"""What reps report in a sentence or two, with the words that say something else in most places."""

from __future__ import annotations

from datetime import date

import pytest

from mappings.classify import classify
from mappings.documents.mapping_set import shipped_mapping_set
from mappings.model import DealKey, LostDeal, Note, Verdict
from mappings.reading import read_text

SURE = 0.9


def read(text: str) -> Verdict:
    deal = LostDeal(key=DealKey("org", "1"), lost_on=date(2026, 6, 15), notes=(Note(field="notes", text=text),))
    return classify(deal, shipped_mapping_set()).underlying


def heaviest(text: str) -> float:
    return max(signal.weight for signal in read_text(text).signals if signal.kind == "reason")


@pytest.mark.parametrize(
    ("categories", "text"),
    [
        ("budget value_perception", "Lost due to the fees, they will not be proceeding"),
        ("timing", "Due to changes in their organisational structure, they are not going to proceed"),
        ("budget value_perception", "Wegen der Kosten wollen sie nicht"),
    ],
)
def test_a_bare_no_is_what_came_of_the_cause(categories: str, text: str) -> None:
    assert read(text).category in categories.split()


@pytest.mark.parametrize(
    ("categories", "text"),
    [
        ("budget", "The contract expires in May and they are not renewing because the fees are outrageous"),
        ("competitor", "They work with an agency because it was the cheapest"),
    ],
)
def test_what_stands_before_a_because_is_not_lifted_with_the_cause(categories: str, text: str) -> None:
    assert read(text).category in (*categories.split(), "value_perception")


@pytest.mark.parametrize(
    "text",
    [
        "Their price limit was 20 percent below ours: quote above what they had planned. They keep using spreadsheets.",
        "Quote was 25 percent above what they had planned, they keep using paper",
    ],
)
def test_what_they_go_on_with_is_no_rival_where_the_price_was_too_much(text: str) -> None:
    found = read(text)
    assert found.category == "budget"
    assert read("They keep using spreadsheets").category == "competitor"


def test_no_reason_is_no_cause() -> None:
    assert heaviest("They saw no reason, they build it themselves") == heaviest("They build it themselves")


@pytest.mark.parametrize(
    ("categories", "text"),
    [
        ("need", "Lost because the buyer wanted hands-on support, not a course to click through"),
        ("unresponsive", "Papers requested, never received"),
    ],
)
def test_a_not_behind_a_comma_refuses_what_follows(categories: str, text: str) -> None:
    assert read(text).category in categories.split()


@pytest.mark.parametrize(
    ("categories", "text"),
    [
        ("budget", "The budget was reallocated to other priorities"),
        ("budget", "Das Budget wird für andere Vorhaben verwendet"),
        ("budget", "El presupuesto se destinó a otras áreas"),
        ("budget", "Tough trading year for them"),
        ("budget value_perception", "Our quote was almost double, so they stay with Excel"),
        ("budget value_perception", "Das Angebot war fast doppelt so hoch wie gedacht"),
        ("budget value_perception", "Le devis était presque le double"),
        ("timing", "They have nobody who could look after it"),
        ("timing", "Sie haben niemanden, der das System betreut"),
        ("timing", "No tienen a nadie que lo gestione"),
        ("timing", "Lack of internal capacity"),
        ("timing", "We are not taking on any new projects"),
        ("need", "Overkill for a shop of that kind"),
        ("need", "It does far more than we would ever use"),
        ("need", "Es kann viel mehr als sie brauchen"),
        ("need", "The minimum order was too high for them"),
        ("need", "La quantité minimale est trop élevée"),
        ("need", "It only runs in the cloud"),
        ("need", "Thanks, but this isn't a good fit for our shop"),
        ("value_perception", "The pilot has not been effective"),
        ("value_perception", "The numbers didn't add up for them"),
        ("value_perception", "We never quantified the pain"),
        ("authority budget", "The purchasing committee bounced it"),
        ("authority", "She is forwarding it to her boss"),
        ("competitor need", "Their existing licences already cover this"),
        ("competitor", "They took the decision for a local firm"),
        ("not_a_rejection", "Turned out they're a competitor"),
        ("authority", "Try reaching out to the facilities department"),
        ("authority", "I am not involved in purchasing decisions"),
        ("competitor", "They do it themselves to save money"),
        ("value_perception", "The tool proved unreliable"),
        ("need", "I don't think that applies to us"),
        ("authority", "He liked it, the other partners did not"),
        ("value_perception", "The crew tried it and it slowed them down"),
        ("value_perception", "Your rivals all promise the same"),
        ("need", "She only wanted a price for the insurance claim"),
        ("authority", "Insurer would only approve a repair, not a new unit"),
        ("unresponsive", "Flat since May"),
        ("competitor budget", "cheeper vendor"),
    ],
)
def test_a_report_of_one_sentence_is_read(categories: str, text: str) -> None:
    assert read(text).category in categories.split()


@pytest.mark.parametrize(
    "text", ["Price ok, product ok, references ok - works council voted against.", "Quality ok, features ok, no budget"]
)
def test_what_is_ok_is_no_reason(text: str) -> None:
    assert read(text).category in ("authority", "budget")


@pytest.mark.parametrize(
    "text", ["Thanks, but it isn't a fit for us", "No internal resources", "Difficult business year"]
)
def test_what_either_side_may_say_is_not_called_surely_ours(text: str) -> None:
    found = read(text)
    assert (found.category, found.confidence >= SURE) not in (("not_a_rejection", True), ("value_perception", True))


@pytest.mark.parametrize("text", ["I never opted into these mails.", "Do not reach out again, please."])
def test_who_never_joined_a_list_is_not_asked_again(text: str) -> None:
    assert read(text).finality == "never"
