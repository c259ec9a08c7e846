"""Timing in the web app: numbers, task texts and the simulator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from service.mapping_sets.drafts import open_draft
from service.mapping_sets.kinds import Kind, policy_of
from service.store.models import DealRow
from tests.integration.web.desk import Browser, Desk, open_desk

PAGES = ("/timing", "/timing/texts", "/timing/simulator", "/documents/policy", "/versions/policy")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as opened:
        opened.sets.read(opened.sets.lost("d1", "No budget"), opened.sets.lost("d2", "Stopped answering"))
        yield opened


def draft_of(desk: Desk) -> str:
    with desk.sets.store.begin() as tx:
        return open_draft(tx, Kind.POLICY).text


def numbers(browser: Browser) -> dict[str, str]:
    """The form of /timing as it is shown, filled in."""
    page = browser.open("/timing")
    inputs = re.findall(r'<input[^>]* name="([a-z_.0-9]+)"[^>]*>', page)
    found = {}
    for name in inputs:
        field = re.search(rf'<input[^>]* name="{re.escape(name)}"[^>]*>', page)
        assert field is not None
        value = re.search(r'value="([^"]*)"', field[0])
        if "checkbox" not in field[0] or "checked" in field[0]:
            found[name] = value[1] if value else "on"
    return {name: value for name, value in found.items() if name not in ("csrf_token", "revision", "seen")}


def test_only_who_may_edit_sees_the_policy(desk: Desk) -> None:
    ada, rep = desk.enter(), desk.enter("rep-1@x.example")

    for page in PAGES:
        assert ada.client.get(page).status_code == 200, page
        assert rep.client.get(page).status_code == 403, page


def test_who_comes_second_is_told_what_the_first_changed_in_the_words_of_the_form(desk: Desk) -> None:
    ada, bob = desk.enter(), desk.enter("bob@example.com")
    theirs, mine = numbers(ada), numbers(bob)
    ada.send("/timing", {**theirs, "timing.cool_off_days": "20"})

    refused = bob.send("/timing", {**mine, "timing.notice_days": "61"})

    assert refused.status_code == 409
    assert "Leave them alone after the loss for: 14 to 20 days" in bob.page
    assert "cool_off_days:" not in bob.page


def test_saving_the_form_as_it_is_shown_changes_nothing(desk: Desk) -> None:
    ada = desk.enter()
    before = policy_of(draft_of(desk))

    assert ada.send("/timing", numbers(ada)).status_code == 303

    assert policy_of(draft_of(desk)).version == before.version


def test_numbers_go_into_the_draft_and_its_comments_stay(desk: Desk) -> None:
    ada = desk.enter()
    form = numbers(ada) | {
        "timing.notice_days": "45",
        "timing.intervals.unresponsive": "75",
        "writing.write_ahead_days": "7",
        "blackout.from.0": "08-01",
        "blackout.to.0": "08-15",
        "new_interval": "need.product_gap",
        "new_interval_days": "200",
    }
    del form["enabled.last_offer"]

    assert ada.send("/timing", form).status_code == 303

    policy, text = policy_of(draft_of(desk)), draft_of(desk)
    assert (policy.timing.notice_days, policy.timing.interval("unresponsive", None)) == (45, 75)
    assert policy.timing.interval("need", "product_gap") == 200
    assert policy.writing.write_ahead_days == 7
    assert [(one.first, one.last) for one in policy.blackout] == [((8, 1), (8, 15))]
    assert not policy.enabled["last_offer"]  # type: ignore[index]
    assert "30, 60 and 90 days are the usual notice windows" in text


def test_a_number_that_cannot_be_is_named_beside_its_field_and_kept(desk: Desk) -> None:
    ada = desk.enter()
    form = numbers(ada)

    for wrong in ("soon", "-3", "", "99999"):
        refused = ada.send("/timing", form | {"timing.notice_days": wrong})

        assert refused.status_code == 422
        assert "Write a whole number from 0 to 3660" in ada.page
        assert f'name="timing.notice_days" inputmode="numeric" size="5" value="{wrong}" aria-invalid' in ada.page


def test_each_number_says_its_grade_and_what_it_is_for(desk: Desk) -> None:
    page = desk.enter().open("/timing")

    assert "60 is the middle one" in page
    assert "an article: a claim" in page


def test_a_policy_is_previewed_published_and_rolled_back(desk: Desk) -> None:
    before = desk.sets.days()
    ada = desk.enter()
    ada.send("/timing", numbers(ada) | {"timing.intervals.unresponsive": "200"})
    ada.open("/timing")
    where = ada.send("/changes/start", kind="policy").headers["Location"]
    page = ada.open(where)
    assert "Days until we come back, silent or undecided" in page
    ada.send(f"{where}/publish", comment="slower")
    assert desk.sets.days() != before

    ada.open("/versions/policy")
    back = ada.send("/changes/start", kind="policy", rollback_to="1").headers["Location"]
    ada.open(back)
    ada.send(f"{back}/publish", comment="no")
    assert desk.sets.days() == before


def test_a_task_text_is_changed_and_one_of_its_own_is_added(desk: Desk) -> None:
    ada = desk.enter()
    ada.open("/timing/texts?purpose=decide")
    words = {"purpose": "decide", "do": "Say it.", "question_1": "One?", "question_2": "Two?"}

    assert ada.send("/timing/texts", {**words, "when": "", "subject": "{account}: now"}).status_code == 303
    ada.open("/timing/texts?purpose=decide")
    assert ada.send("/timing/texts", {**words, "when": "competitor", "subject": "{account}: or"}).status_code == 303

    texts = {one.when: one.subject for one in policy_of(draft_of(desk)).tasks if one.purpose == "decide"}
    assert texts == {None: ("{account}: now",), "competitor": ("{account}: or",)}


def test_a_task_text_with_an_unknown_word_is_refused_and_kept(desk: Desk) -> None:
    ada = desk.enter()
    ada.open("/timing/texts?purpose=decide")
    words = {"purpose": "decide", "do": "Kept words {nobody}", "question_1": "a", "question_2": "b"}

    refused = ada.send("/timing/texts", {**words, "when": "", "subject": "{account}: now"})

    assert refused.status_code == 422
    assert "{nobody} is no placeholder" in ada.page
    assert "Kept words" in ada.page


def test_the_example_is_what_a_rep_would_read_of_the_text_as_typed(desk: Desk) -> None:
    ada = desk.enter()
    ada.open("/timing/texts?purpose=decide")
    words = {"purpose": "decide", "do": "Ring them.", "question_1": "a?", "question_2": "b?"}

    ada.send("/timing/texts/example", {**words, "when": "", "subject": "{account}: {deadline} it is"})

    assert re.search(r"Contoso: \d+ \w+ (\d+ )?it is", ada.page)
    assert "Ring them." in ada.page


def test_the_simulator_plans_a_typed_deal_with_its_why(desk: Desk) -> None:
    page = desk.enter().open("/timing/simulator?reason=Lost+to+Zendesk&notes=signed+until+31+March+2028")

    assert "31 January 2028 is the last useful day" in page
    assert '<svg class="chart timeline"' in page


def test_the_simulator_shows_where_the_draft_plans_a_stored_deal_otherwise(desk: Desk) -> None:
    ada = desk.enter()
    ada.send("/timing", numbers(ada) | {"timing.intervals.unresponsive": "200"})
    with desk.sets.store.read() as tx:
        id_ = tx.scalars(select(DealRow.id).where(DealRow.crm_deal_id == "d2")).one()

    page = ada.open(f"/timing/simulator?deal={id_}")

    assert "in force" in page
    assert "in the draft" in page


def test_the_simulator_finds_a_deal_by_words_of_its_account(desk: Desk) -> None:
    page = desk.enter().open("/timing/simulator?q=account+d2")

    assert "Account d2" in page
    assert "Account d1" not in page


def test_the_simulator_says_what_is_no_day(desk: Desk) -> None:
    ada = desk.enter()

    assert "“never” is no day" in ada.open("/timing/simulator?reason=x&lost_on=never")
    assert "too far away" in ada.open("/timing/simulator?reason=x&contract_end=0001-01-01")
    assert "Pick a deal" in ada.open("/timing/simulator?deal=99999999999")
