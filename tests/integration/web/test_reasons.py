"""Reasons in the web app: from a value to every deal; two admins at once; rules, sub-reasons, documents."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mappings.model import StatedReason
from mappings.taxonomy import Category
from service.mapping_sets.drafts import open_draft
from service.mapping_sets.kinds import Kind, mapping_set_of
from service.store.stated_values import LISTS
from tests.integration.web.desk import Browser, Desk, open_desk

PAGES = (
    "/reasons", "/reasons/rules", "/reasons/sub-reasons", "/changes", "/documents/mappings", "/versions/mappings",
    "/documents/mappings/export",
)  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as opened:
        sets = opened.sets
        sets.read(sets.lost("d1", "Blorp"), sets.lost("d2", "Blorp"), sets.lost("d3", "Price"))
        yield opened


def draft_of(desk: Desk) -> str:
    with desk.sets.store.begin() as tx:
        return open_draft(tx, Kind.MAPPINGS).text


def preview(browser: Browser, **values: str) -> str:
    """Start a preview from the page that is open; the address of its page."""
    answer = browser.send("/changes/start", {"kind": "mappings", **values})
    assert answer.status_code == 303, browser.page[-500:]
    return answer.headers["Location"]


def test_only_who_may_edit_mappings_sees_them(desk: Desk) -> None:
    ada, rep, nobody = desk.enter(), desk.enter("rep-1@x.example"), desk.service.test_client()

    for page in PAGES:
        assert ada.client.get(page).status_code == 200, page
        assert rep.client.get(page).status_code == 403, page
        assert nobody.get(page).headers["Location"].startswith("/sign-in"), page


def test_values_nobody_has_decided_come_first_with_guesses_to_take(desk: Desk) -> None:
    page = desk.enter().open("/reasons")

    assert page.index("Blorp") < page.index("Price")
    assert "data-guess" in page[page.index("Blorp") : page.index("Price")]


def test_assigned_values_go_into_the_draft_and_the_bar_counts_the_deals(desk: Desk) -> None:
    ada = desk.enter()
    ada.open("/reasons")

    answer = ada.send("/reasons/assign", value="Blorp", meaning="budget.frozen")

    assert answer.status_code == 303
    page = ada.open("/reasons")
    assert "1 value assigned" in page
    assert "2 deals" in page
    assert "would state another category" in page
    assert desk.sets.meanings()["d1"][0] != Category.BUDGET


def test_a_value_of_a_list_stands_once_and_leads_to_the_deals_whose_notes_disagree(desk: Desk) -> None:
    sets = desk.sets
    sets.set(fields={"reason": ["Reason", "Why"]}, described={LISTS: ["Reason"]})
    for name, why in (("x1", "The CFO froze all spending until the new fiscal year."), ("x2", "Kept for another day.")):
        said = (StatedReason(field="Reason", value="Other"), StatedReason(field="Why", value=why))
        sets.read(sets.lost(name, stated_reasons=said))
    ada = desk.enter()

    page = ada.open("/reasons?q=other")

    assert "1 value with" in page
    assert page.count("data-row") == 1
    link = re.search(r'href="(/deals\?[^"]*stated=[^"]*)">the notes? says? more on', page)
    assert link is not None
    listed = ada.open(link[1])
    assert "Account x1" in listed
    assert "Account d1" not in listed
    assert "stated: Other" in listed


def test_a_search_keeps_the_values_that_hold_its_words(desk: Desk) -> None:
    page = desk.enter().open("/reasons?q=blo")

    assert "Blorp" in page
    assert "Price" not in page


def test_publishing_does_what_the_preview_lists_and_rolling_back_restores_it(desk: Desk) -> None:
    before = desk.sets.meanings()["d1"][:2], desk.sets.days()
    ada = desk.enter()
    ada.open("/reasons")
    ada.send("/reasons/assign", value="Blorp", meaning="budget.over_budget")
    ada.open("/reasons")
    where = preview(ada)
    page = ada.open(where)
    assert "2 deals change" in page
    assert "Account d1" in page

    published = ada.send(f"{where}/publish", comment="Blorp is a price")

    assert published.status_code == 303
    assert desk.sets.meanings()["d1"][:2] == (Category.BUDGET, "over_budget")
    page = ada.open("/versions/mappings")
    assert "Blorp is a price" in page
    back = preview(ada, rollback_to="1")
    ada.open(back)
    ada.send(f"{back}/publish", comment="It was not")
    assert desk.sets.meanings()["d1"][:2] == before[0]
    assert {key: day for key, day in desk.sets.days().items() if key in before[1]} == before[1]


def test_publishing_without_a_comment_does_nothing(desk: Desk) -> None:
    ada = desk.enter()
    ada.open("/reasons")
    ada.send("/reasons/assign", value="Blorp", meaning="budget")
    ada.open("/reasons")
    where = preview(ada)
    ada.open(where)

    assert ada.send(f"{where}/publish", comment=" ").status_code == 400
    assert desk.sets.meanings()["d1"][0] != Category.BUDGET


def test_a_stale_preview_says_why_and_offers_to_be_made_again(desk: Desk) -> None:
    ada = desk.enter()
    ada.open("/reasons")
    ada.send("/reasons/assign", value="Blorp", meaning="budget")
    ada.open("/reasons")
    where = preview(ada)
    desk.sets.assign("Price", to=Category.NEED)

    page = ada.open(where)

    assert "the draft was changed since" in page
    assert "Make it again" in page
    assert ada.send(f"{where}/publish", comment="now").status_code == 400


def test_of_two_admins_the_second_is_told_what_the_first_changed_and_loses_nothing(desk: Desk) -> None:
    desk.sets.assign("Known before", to=Category.NEED)
    ada, bob = desk.enter(), desk.enter("bob@example.com")
    ada.open("/reasons")
    bob.open("/reasons")
    ada.send("/reasons/assign", value="Blorp", meaning="budget")

    refused = bob.send("/reasons/assign", value="Price", meaning="value_perception.no_roi")

    assert refused.status_code == 409
    assert "ada@example.com saved it" in bob.page
    assert 'label "Blorp": added, budget' in bob.page
    assert "Known before" not in bob.page
    assert bob.send("/reasons/assign", value="Price", meaning="value_perception.no_roi").status_code == 303
    values = {one.value for one in mapping_set_of(draft_of(desk)).labels}
    assert {"Blorp", "Price"} <= values


def test_a_document_that_another_saved_over_keeps_what_was_typed(desk: Desk) -> None:
    ada, bob = desk.enter(), desk.enter("bob@example.com")
    ada.open("/documents/mappings")
    bob.open("/documents/mappings")
    typed = draft_of(desk) + "\n# of bob\n"
    ada.send("/documents/mappings", text=draft_of(desk).replace('name = "Rekindle defaults"', 'name = "Ours"'))

    refused = bob.send("/documents/mappings", text=typed)

    assert refused.status_code == 409
    assert "ada@example.com saved the draft meanwhile" in bob.page
    assert "# of bob" in bob.page
    assert "Ours" in bob.page


def test_a_document_with_faults_is_kept_with_complaints_by_line(desk: Desk) -> None:
    ada = desk.enter()
    ada.open("/documents/mappings")

    refused = ada.send("/documents/mappings", text='name = "x"\nreview_threshold = 7\n')

    assert refused.status_code == 422
    assert "Line 2" in ada.page
    assert "review_threshold = 7" in ada.page
    assert "a threshold lies between 0 and 1" in ada.page


def test_an_exported_document_can_be_imported_and_is_the_same(desk: Desk) -> None:
    ada = desk.enter()
    desk.sets.assign("Blorp", to=Category.NEED)
    exported = ada.client.get("/documents/mappings/export?which=draft").get_data()
    ada.open("/reasons")
    ada.send("/drafts/mappings/discard")
    ada.open("/documents/mappings")

    answer = ada.send("/documents/mappings/import", file=(io.BytesIO(exported), "mappings.toml"))

    assert answer.status_code == 303
    assert draft_of(desk).encode() == exported


def test_the_tester_marks_the_words_and_says_what_the_draft_would_say(desk: Desk) -> None:
    desk.sets.assign("Blorp", to=Category.NEED)
    ada = desk.enter()
    ada.open("/reasons/rules")

    ada.send("/reasons/test", text="CFO froze all spend")
    assert '<mark class="why"' in ada.page
    assert "The draft reads it as what is in force does" in ada.page

    ada.open("/reasons/rules")
    ada.send("/reasons/test", text="Blorp")
    assert "In force" in ada.page
    assert "In the draft" in ada.page


def test_a_rule_is_added_changed_and_removed(desk: Desk) -> None:
    ada = desk.enter()
    ada.open("/reasons/rules")
    assert ada.send("/reasons/rules/save", any="blorp", meaning="authority").status_code == 303
    rule = mapping_set_of(draft_of(desk)).rules[-1]
    assert (rule.id, rule.any, rule.meaning.category) == ("blorp", ("blorp",), Category.AUTHORITY)

    assert 'value="blorp"' in ada.open("/reasons/rules?edit=blorp")
    assert ada.send("/reasons/rules/remove", id="blorp").status_code == 303
    assert "blorp" not in [one.id for one in mapping_set_of(draft_of(desk)).rules]


def test_a_rule_that_cannot_be_keeps_what_was_typed(desk: Desk) -> None:
    ada = desk.enter()
    ada.open("/reasons/rules")

    refused = ada.send("/reasons/rules/save", any="kept words", regex="(", meaning="need")

    assert refused.status_code == 422
    assert "not a regular expression" in ada.page
    assert "kept words" in ada.page


def test_a_sub_reason_in_use_is_not_removed_and_the_count_is_said(desk: Desk) -> None:
    ada = desk.enter()
    ada.open("/reasons/sub-reasons")

    refused = ada.send("/reasons/sub-reasons/change", verb="remove", category="budget", name="over_budget")

    assert refused.status_code == 422
    assert "stands on 1 deal(s)" in ada.page


def test_a_sub_reason_is_added_renamed_and_removed(desk: Desk) -> None:
    ada = desk.enter()
    for values in (
        {"verb": "add", "name": "moved", "says": "Moved on."},
        {"verb": "save", "name": "moved", "new_name": "moved_on", "says": "They moved on."},
    ):
        ada.open("/reasons/sub-reasons")
        assert ada.send("/reasons/sub-reasons/change", {"category": "need", **values}).status_code == 303
    assert mapping_set_of(draft_of(desk)).sub_reasons[Category.NEED]["moved_on"] == "They moved on."

    ada.open("/reasons/sub-reasons")
    assert ada.send("/reasons/sub-reasons/change", category="need", verb="remove", name="moved_on").status_code == 303
    assert "moved_on" not in mapping_set_of(draft_of(desk)).sub_reasons[Category.NEED]


def test_versions_say_who_why_and_what_differs(desk: Desk) -> None:
    desk.sets.assign("Blorp", to=Category.NEED)
    desk.sets.publish(Kind.MAPPINGS)

    page = desk.enter().open("/versions/mappings?from=1&to=2")

    assert "as told" in page
    assert 'label "Blorp"' in page


def test_hostile_words_are_shown_as_words(desk: Desk) -> None:
    words = "<script>alert(1)</script>"
    desk.sets.read(desk.sets.lost("d9", words))
    ada = desk.enter()
    ada.open("/reasons")
    ada.send("/reasons/assign", value=words, meaning="need")

    for path in ("/reasons", "/documents/mappings", "/versions/mappings"):
        assert "<script>alert" not in ada.client.get(path).get_data(as_text=True)


def test_a_form_that_names_another_site_goes_back_to_the_page(desk: Desk) -> None:
    ada = desk.enter()
    ada.open("/reasons")

    answer = ada.send("/reasons/assign", value="Blorp", meaning="need", back="//evil.example")

    assert answer.headers["Location"] == "/reasons"
