"""The competitor's name in labels and notes, and what is made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mappings.classify import classify
from mappings.compose import compose_task
from mappings.documents.mapping_set import Competitor, MappingSet, shipped_mapping_set
from mappings.documents.policy import parse_policy, shipped_policy
from mappings.model import Account, Classification, DealKey, LostDeal, Note, StatedReason
from mappings.plan import plan

TODAY = date(2026, 6, 16)


def deal(reason: str = "", note: str = "", *, account: str = "Contoso", competitor: str | None = None) -> LostDeal:
    return LostDeal(
        key=DealKey("org", "1"),
        lost_on=date(2026, 6, 15),
        account=Account(name=account),
        stated_reasons=(StatedReason(field="reason", value=reason),) if reason else (),
        notes=(Note(field="notes", text=note),) if note else (),
        competitor=competitor,
    )


def named(text: str, mapping_set: MappingSet | None = None) -> tuple[str | None, str | None]:
    """The name found in a text as a label, and as a note."""
    chosen = mapping_set or shipped_mapping_set()
    return classify(deal(reason=text), chosen).competitor, classify(deal(note=text), chosen).competitor


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Lost to Competitor - Globex", "Globex"),
        ("Lost_to_Competitor_Globex", "Globex"),
        ("Competitor (Globex)", "Globex"),
        ("We chose Globex instead", "Globex"),
        ("Signed with Acme Corp in March.", "Acme Corp"),
        ("Lost to Ernst & Young on price", "Ernst & Young"),
        ("They went with Globex.io because it is cheaper.", "Globex.io"),
        ("Switched from Initech to Globex", "Globex"),
        ("Their Globex contract runs until March 2028.", "Globex"),
        ("Der Kunde hat sich für Globex entschieden.", "Globex"),
        ("Sie bleiben bei Globex.", "Globex"),
        ("Perdu face à Globex", "Globex"),
        ("Ils restent chez Globex.", "Globex"),
        ("Perdido contra Globex", "Globex"),
        ("Se fueron con Globex", "Globex"),
        ("Fechou com a Globex", "Globex"),
        ("Overgestapt naar Globex", "Globex"),
        ("Perso contro Globex", "Globex"),
        ("Globexに決定", "Globex"),
        ("Competitor won: Globex", "Globex"),
        ("Moved over to Globex last month.", "Globex"),
        ("Purchased Monday.com last week.", "Monday.com"),
        ("They went live with Workday in March.", "Workday"),
        ("Globex got the contract.", "Globex"),
        ("Wettbewerber gewonnen: Globex", "Globex"),
        ("Live gegangen mit Globex.", "Globex"),
        ("Sind bei Globex gelandet.", "Globex"),
        ("Concurrent gagnant : Globex", "Globex"),
        ("Ils ont acheté Globex.", "Globex"),
        ("Le marché a été remporté par Globex.", "Globex"),
        ("Competidor ganador: Globex", "Globex"),
        ("Se pasaron a Globex.", "Globex"),
        ("Compraron Globex.", "Globex"),
        ("Concorrente vencedor: Globex", "Globex"),
        ("Compraram o Globex.", "Globex"),
        ("Concurrent gewonnen: Globex", "Globex"),
        ("Live gegaan met Globex.", "Globex"),
        ("Globex heeft de opdracht gekregen.", "Globex"),
        ("Concorrente vincitore: Globex", "Globex"),
        ("Hanno acquistato Globex.", "Globex"),
        ("Si sono affidati a Globex.", "Globex"),
        ("競合勝ち：Globex", "Globex"),
        ("Globexを購入した。", "Globex"),
        ("競合：グローベックス", "グローベックス"),
    ],
)
def test_the_name_is_read_from_labels_and_notes(text: str, name: str) -> None:
    assert named(text) == (name, name)


@pytest.mark.parametrize(
    "text",
    [
        "Lost to Competitor - Price",
        "Moved over to the new office.",
        "Went live with the new website.",
        "Competitor won: unknown",
        "Moved to Germany.",
        "Kunde hat Maschine gekauft.",
        "Lost to Competitor - Existing Relationship",
        "LOST TO COMPETITOR - FEATURES",
        "Chose German vendor",
        "Went With Family Member",
        "They went with Anna's recommendation",
        "Lost to Q3 budget cuts",
        "Chose May as go-live",
        "Signed a 2-year contract with a competitor.",
        "They chose Globex or Initech.",
        "They did not choose Globex.",
        "They might go with Globex.",
        "They stay with Excel",
        "Für Papier entschieden",
        "Sie haben sich für die Konkurrenz entschieden.",
        "A社に決定",
        "Integration with Globex missing",
    ],
)
def test_a_doubtful_name_is_none(text: str) -> None:
    assert named(text) == (None, None)


def test_the_mapping_sets_names_are_found_in_any_case_and_by_their_aliases() -> None:
    own = replace(shipped_mapping_set(), competitors=(Competitor(name="Globex", aliases=("GBX", "Segment")),))
    assert named("lost to gbx", own) == ("Globex", "Globex")
    assert named("competitor, probably segment", own) == ("Globex", "Globex")
    assert named("Signed with GBX last week", own) == ("Globex", "Globex")


def test_a_name_where_a_chosen_rival_stands_makes_it_a_competitor_loss() -> None:
    assert classify(deal(reason="Perdu face à Globex"), shipped_mapping_set()).stated.category == "competitor"


def words_of(chosen: LostDeal, meaning: Classification) -> tuple[list[str], list[str]]:
    made = plan(chosen, meaning, shipped_policy(), TODAY)
    steps = (*made.steps, *made.later)
    tasks = [compose_task(chosen, meaning, made, step, shipped_policy(), deal_url="u") for step in steps]
    return [step.why for step in steps], [task.subject for task in tasks]


def test_the_name_stands_in_whys_and_subjects() -> None:
    chosen = deal("Lost to Globex", "Their Globex contract ends on 31 March 2027.")
    whys, subjects = words_of(chosen, classify(chosen, shipped_mapping_set()))
    assert "Contoso: Globex contract ends 31 Mar 2027, they decide by 30 Jan" in subjects
    assert any(why.startswith("Contoso's Globex contract ends on 31 March 2027") for why in whys)
    assert any("they chose Globex" in subject for subject in subjects)


def test_the_deals_own_field_goes_before_the_words() -> None:
    chosen = deal("Lost to Globex", competitor="Initech")
    whys, _ = words_of(chosen, classify(chosen, shipped_mapping_set()))
    assert any("Initech contract" in why for why in whys)
    assert not any("Globex" in why for why in whys)


def test_what_is_known_of_a_competitors_contracts_holds_for_a_name_in_the_words() -> None:
    policy = parse_policy('[[competitor]]\nname = "Globex"\nnotice_days = 30\n')
    chosen = deal("Lost to Globex", "Contract until 31 March 2027")
    made = plan(chosen, classify(chosen, shipped_mapping_set()), policy, TODAY)
    assert {step.deadline_on for step in made.steps if step.deadline_on} == {date(2027, 3, 1)}


@pytest.mark.parametrize(
    ("reason", "note"),
    [
        ("Lost to Globex", "Contract ends on 31 March 2027. Call them on 5 May 2027."),
        ("No budget", ""),
        ("Bad timing", ""),
        ("Lost to a competitor", ""),
        ("", "Budget review on 1 October 2026"),
    ],
)
def test_a_missing_name_has_a_capital_only_at_the_start_of_a_sentence(reason: str, note: str) -> None:
    chosen = deal(reason, note, account="")
    whys, subjects = words_of(chosen, classify(chosen, shipped_mapping_set()))
    for text in (*whys, *subjects):
        for place in range(len(text)):
            if text[place:].lower().startswith("this account"):
                opens = place == 0 or text[place - 2 : place] in {". ", "! ", "? "}
                assert text[place].isupper() == opens, text
