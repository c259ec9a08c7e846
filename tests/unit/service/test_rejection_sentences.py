"""Six sentences for the six kinds of refusal, each with its category and the follow-ups the policy gives it."""

from __future__ import annotations

from datetime import date

import pytest

from mappings.documents.mapping_set import shipped_mapping_set
from mappings.documents.policy import shipped_policy
from mappings.model import Account, DealKey, LostDeal, Note
from service.losses.rules import Rules

SAID_ON = date(2026, 11, 20)  # a Friday

SIX: list[tuple[str, str, list[tuple[str, str]]]] = [
    ("Not now, maybe in six months", "timing", [("reconnect", "2027-05-20")]),
    (
        "No allocated funds this cycle",
        "budget",
        # F is 1 January: the first two of F + 15 and F - 150; a Saturday becomes the Monday after it.
        [("money_landed", "2027-01-18"), ("get_into_plan", "2027-08-04")],
    ),
    (
        "We chose a different vendor",
        "competitor",
        # Two business days on; 30 days on, out of the time between the years; D - 90 of an end a year after the loss.
        [("last_offer", "2026-11-24"), ("ask_contract_end", "2027-01-04"), ("position", "2027-06-23")],
    ),
    ("I need to consult my boss/team", "authority", [("reconnect", "2026-12-11")]),
    ("We don't have that problem right now", "need", [("reconnect", "2027-11-22")]),
    ("I don't see the ROI", "value_perception", [("reconnect", "2027-02-18")]),
]


@pytest.mark.parametrize(("sentence", "category", "follow_ups"), SIX)
def test_a_sentence_is_understood_and_gets_its_plan(
    sentence: str, category: str, follow_ups: list[tuple[str, str]]
) -> None:
    deal = LostDeal(
        key=DealKey("any", "1"),
        lost_on=SAID_ON,
        account=Account(name="Contoso"),
        notes=(Note(field="notes", text=sentence),),
    )

    meaning, plan = Rules(mapping_set=shipped_mapping_set(), policy=shipped_policy()).apply(deal, SAID_ON)

    assert meaning.underlying.category == category
    assert not meaning.needs_review
    assert [(str(step.purpose), step.due_on.isoformat()) for step in plan.steps] == follow_ups
