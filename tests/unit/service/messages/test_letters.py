"""The words of digests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from service.messages.letters import Item, Letter, as_slack, as_text

DAY = date(2026, 11, 23)
ITEM = Item(
    account="Contoso",
    deal="Support desk <EMEA>",
    owner="Ann",
    due_on=DAY,
    why="They asked for a call & a plan.",
    deal_url="https://crm.example/deals/1",
    links=(("Done", "https://rekindle.example/links/abc?do=done"),),
)
LETTER = Letter(kind="digest", reader="Ann", day=DAY, items=(replace(ITEM, due_on=date(2026, 11, 20)), ITEM), more=4)


def test_a_digest_says_what_why_and_how_many_more() -> None:
    text = as_text(LETTER)

    assert LETTER.subject == "6 follow-ups for Monday 23 November 2026"
    assert text.index("Today") < text.index("Overdue")
    for words in (ITEM.why, ITEM.deal, "Done: https://rekindle.example/links/abc?do=done", "And 4 more"):
        assert words in text


def test_slack_gets_its_own_markup_and_nothing_of_a_customers_slips_into_it() -> None:
    text = as_slack(LETTER)

    assert "<https://crm.example/deals/1|Contoso: Support desk &lt;EMEA&gt;>" in text
    assert "a call &amp; a plan" in text
    assert "<https://rekindle.example/links/abc?do=done|Done>" in text


def test_a_manager_reads_by_rep() -> None:
    letter = Letter(kind="escalation", reader="Boss", day=DAY, items=(ITEM, replace(ITEM, owner="Kim", links=())))

    assert letter.subject == "2 follow-ups of your team left lying"
    assert as_text(letter).index("Ann\n---") < as_text(letter).index("Kim\n---")
