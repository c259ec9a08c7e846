"""What losses mean, found ahead by another process: the same as found here, and used for nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from mappings.documents.mapping_set import parse_mapping_set, shipped_mapping_text
from mappings.documents.policy import parse_policy, render_policy, shipped_policy
from mappings.model import Account, DealKey, LostDeal, Note, StatedReason
from service.losses.ahead import Ahead, Reader, Reading, meanings_of, packed, read_losses, unpacked
from service.losses.rules import Rules
from tests.benchmarks.texts import REASONS, new_notes

TODAY = date(2026, 11, 23)
READING = Reading(
    mapping_text=shipped_mapping_text(), policy_text=render_policy(shipped_policy()), today=TODAY, connection="acme"
)
RULES = Rules(mapping_set=parse_mapping_set(READING.mapping_text), policy=parse_policy(READING.policy_text))


@pytest.fixture(scope="module")
def deals() -> list[LostDeal]:
    dice = Random(7)
    notes = new_notes(dice)
    return [
        LostDeal(
            key=DealKey("00D", f"006{number}"),
            lost_on=TODAY - timedelta(days=dice.randrange(600)),
            account=Account(id=f"001{number}", name="Contoso", country=dice.choice(("DE", "US", None))),
            stated_reasons=(StatedReason(field="Reason", value=dice.choice(REASONS)),),
            notes=(Note(field="Notes", text=next(notes), said_on=TODAY),),
        )
        for number in range(80)
    ]


@pytest.fixture(scope="module")
def ahead(deals: list[LostDeal]) -> Ahead:
    found = unpacked(deals, READING, read_losses(Reader.begin(READING), packed(deals)))
    assert found is not None
    return found


def test_what_comes_back_is_what_would_be_found_here(deals: list[LostDeal], ahead: Ahead) -> None:
    here = list(RULES.apply_all([(deal, TODAY) for deal in deals], "acme"))

    assert [ahead.of(deal, RULES, TODAY) for deal in deals] == here
    assert meanings_of([(deal, TODAY) for deal in deals], RULES, "acme", ahead) == here
    assert any(plan.steps for _, plan in here)


def test_another_deal_day_or_document_is_worked_out_here(deals: list[LostDeal], ahead: Ahead) -> None:
    other = replace(deals[0], notes=(Note(field="Notes", text="Budget frozen until March 2027."),))
    older = replace(ahead, mapping_version="older")
    tomorrow = TODAY + timedelta(days=1)

    assert ahead.of(other, RULES, TODAY) is None
    assert ahead.of(deals[1], RULES, tomorrow) is None
    assert older.of(deals[1], RULES, TODAY) is None
    mixed = [(deals[1], TODAY), (other, TODAY), (deals[2], tomorrow)]
    assert meanings_of(mixed, RULES, "acme", ahead) == list(RULES.apply_all(mixed, "acme"))


def test_where_one_deal_cannot_be_read_there_nothing_comes_of_the_block(
    deals: list[LostDeal], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(Rules, "apply_all", fail)

    assert unpacked(deals, READING, read_losses(Reader.begin(READING), packed(deals))) is None
