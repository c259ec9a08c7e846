"""What a task says to the rep."""

from __future__ import annotations

import re

import pytest

from mappings.compose import HOW_TO_STEER, LONGEST_SUBJECT, compose_task
from mappings.documents.policy import shipped_policy
from mappings.model import Classification, Fact, FactKind, LostDeal, LostOnSource, Note, Purpose, StatedReason
from mappings.task_text import TaskText
from tests.unit.mappings.timing.timing_factories import (
    budget_cycle,
    contract_end,
    day,
    lost_deal,
    meant,
    planned,
    revisit,
)

TODAY = "2026-10-05"
URL = "https://crm.example/deals/1"


def task(
    deal: LostDeal, meaning: Classification, purpose: str, *, today: str = TODAY, other_waiting: tuple[str, ...] = ()
) -> TaskText:
    made = planned(deal, meaning, today)
    step = next(step for step in (*made.steps, *made.later) if step.purpose == purpose)
    return compose_task(deal, meaning, made, step, shipped_policy(), deal_url=URL, other_waiting=other_waiting)


CONTOSO = (
    lost_deal("2026-09-01", competitor="Zendesk", contract_end="2027-03-31", country="US"),
    meant("competitor"),
)
NORTHWIND = (lost_deal("2026-09-01", account="Northwind", country="JP"), meant("budget.frozen"))
FABRIKAM = (lost_deal("2026-10-02", account="Fabrikam"), meant("unresponsive.went_dark"))


@pytest.mark.parametrize(
    ("loss", "purpose", "subject"),
    [
        (CONTOSO, "position", "Contoso: Zendesk contract ends 31 Mar 2027, they decide by 30 Jan"),
        (NORTHWIND, "get_into_plan", "Northwind: budget for April 2027 is being planned now"),
        (FABRIKAM, "reconnect", "Fabrikam: silent since 2 Oct, one last question, then we stop"),
    ],
)
def test_the_subject_says_what_is_up(loss: tuple[LostDeal, Classification], purpose: str, subject: str) -> None:
    assert task(*loss, purpose).subject == subject


def test_the_whole_text_of_a_task() -> None:
    deal = lost_deal(
        "2026-09-01",
        competitor="Zendesk",
        country="US",
        notes=(Note(field="notes", text="They renew with Zendesk until 31 March 2027.", said_on=day("2026-09-03")),),
    )
    words = "renew with Zendesk until 31 March 2027"
    text = task(deal, meant("competitor", contract_end("2027-03-31", text=words)), "position")
    assert text.subject == "Contoso: Zendesk contract ends 31 Mar 2027, they decide by 30 Jan"
    assert "\n".join(text.lines) == WHOLE_TEXT
    assert text.deal_url == URL


WHOLE_TEXT = """\
Contoso's Zendesk contract ends on 31 March 2027; 30 January 2027 is the last useful day, with 60 days of \
notice; the first talk is due 90 days before it; Sunday 1 November moved to Monday 2 November.
Written down (3 September 2026): "renew with Zendesk until 31 March 2027"
To do: Call your contact before their supplier does, and ask to be part of the comparison.
Two questions to ask: 1. How happy are you with what you have? 2. Who decides about the renewal, and by when?
What comes next: bringing the figures, about 16 December 2026.
Move the due date and we follow it. Delete it and we stop. Learned a date? Put it in Next Follow-up."""


class TestSubjects:
    @pytest.mark.parametrize(
        "name",
        [
            "Internationale Handelsgesellschaft für Anlagenbau und Verfahrenstechnik mbH & Co. KG",
            "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
            "株式会社" * 30,
            "A\nB\tC  D",
            "",
            "{account} {0} %s",
        ],
    )
    @pytest.mark.parametrize("rival", [None, "Zendesk", "A competitor with a name that is very much too long to show"])
    def test_no_subject_is_longer_than_seventy_characters_and_the_account_is_first(
        self, name: str, rival: str | None
    ) -> None:
        deal = lost_deal("2026-10-02", account=name, competitor=rival)
        for meaning in (
            meant("competitor", contract_end("2027-12-31")),
            meant("competitor"),
            meant("budget"),
            meant("budget", budget_cycle("2027-09-01")),
            meant("unknown"),
            meant("timing", revisit("2027-02-01")),
            meant("unresponsive"),
        ):
            made = planned(deal, meaning, TODAY)
            for step in (*made.steps, *made.later):
                text = compose_task(deal, meaning, made, step, shipped_policy(), deal_url=URL)
                shown = " ".join(name.split()) or "A deal"
                assert len(text.subject) <= LONGEST_SUBJECT
                assert text.subject.startswith(shown[:8])
                assert not any("\n" in line for line in text.lines)

    def test_a_long_name_is_cut_between_words(self) -> None:
        deal = lost_deal("2026-10-02", account="Northern Instruments and Laboratory Supplies of Aberdeen Limited")
        subject = task(deal, meant("unresponsive.went_dark"), "reconnect").subject
        assert subject == "Northern… : silent since 2 Oct, one last question, then we stop".replace("… :", "…:")

    def test_an_assumed_end_is_not_told_as_known(self) -> None:
        subject = task(lost_deal(competitor="Zendesk"), meant("competitor"), "position").subject
        assert subject == "Contoso: Zendesk contract may end about Oct 2027, come in early"

    def test_a_stated_date_comes_before_the_kind_of_loss(self) -> None:
        subject = task(lost_deal(), meant("unresponsive", revisit("2027-02-01")), "reconnect").subject
        assert subject == "Contoso: they asked to talk again on 1 Feb"

    def test_a_loss_in_review_is_not_called_by_its_doubtful_kind(self) -> None:
        meaning = meant("budget", budget_cycle("2027-09-01"), needs_review=True)
        assert (
            task(lost_deal(), meaning, "get_into_plan").subject == "Contoso: budget review on 1 Sep, get in before it"
        )

    def test_another_year_is_named(self) -> None:
        subject = task(lost_deal("2026-11-20"), meant("unresponsive"), "reconnect", today="2026-11-20").subject
        assert subject == "Contoso: silent since 20 Nov 2026, one last question, then we stop"

    def test_a_day_that_is_not_known_is_not_named(self) -> None:
        deal = lost_deal("2026-10-05", lost_on_source=LostOnSource.TODAY)
        assert task(deal, meant("unresponsive"), "reconnect").subject == "Contoso: one last question, then we stop"


class TestBodies:
    def test_an_assumed_year_asks_first_when_the_budget_is_reviewed(self) -> None:
        lines = task(*NORTHWIND, "get_into_plan").lines
        assert any(line.startswith("Two questions to ask: 1. When is the budget reviewed? 2. ") for line in lines)

    def test_a_known_year_does_not(self) -> None:
        deal = lost_deal(fiscal_year_start_month=4)
        assert "When is the budget reviewed?" not in " ".join(task(deal, meant("budget"), "get_into_plan").lines)

    def test_the_last_offer_leaves_the_door_open_and_offers_no_discount(self) -> None:
        text = task(lost_deal(TODAY, competitor="Zendesk"), meant("competitor"), "last_offer")
        assert text.subject == "Contoso: they chose Zendesk, leave the door open"
        assert "leave the door open" in " ".join(text.lines)
        assert not re.search(r"discount|price|cheaper|%", " ".join((text.subject, *text.lines)), re.IGNORECASE)

    def test_a_reason_without_a_fact_is_quoted_word_for_word_with_its_day(self) -> None:
        deal = lost_deal(stated_reasons=(StatedReason(field="Loss_Reason__c", value="1. Lost -  Timing"),))
        assert (
            'The loss reason on the deal says (2 October 2026): "1. Lost - Timing"'
            in task(deal, meant("timing"), "reconnect").lines
        )

    def test_a_crm_field_is_named_as_such(self) -> None:
        assert "The deal's contract end says 31 March 2027." in task(*CONTOSO, "position").lines
        deal = lost_deal(stated_follow_up="2027-02-01")
        assert "Next Follow-up on the deal says 1 February 2027." in task(deal, meant("need"), "reconnect").lines

    def test_the_sentence_around_a_date_is_quoted_and_nothing_where_the_text_is_not_kept(self) -> None:
        text = "Nice call.  They said: circle back in Q3,\nplease. Bye"
        said = Fact(kind=FactKind.REVISIT, on=day("2027-07-01"), text="in Q3", start=35, end=40)
        deal = lost_deal(notes=(Note(field="notes", text=text, said_on=day("2026-10-04")),))
        assert text[35:40] == "in Q3"
        lines = task(deal, meant("timing", said), "reconnect").lines
        assert 'Written down (4 October 2026): "They said: circle back in Q3,"' in lines
        assert 'Written down (2 October 2026): "in Q3"' in task(lost_deal(), meant("timing", said), "reconnect").lines

    def test_what_was_merged_is_done_with_it(self) -> None:
        lines = task(
            lost_deal("2026-09-30"), meant("competitor", revisit("2026-10-05")), "reconnect", today="2026-10-02"
        ).lines
        assert not any(line.startswith("At the same time") for line in lines)
        lines = task(lost_deal("2026-10-01"), meant("competitor", revisit("2026-10-05")), "reconnect").lines
        assert any(line.startswith("At the same time: Thank them for the decision") for line in lines)

    def test_deals_that_wait_are_named_and_the_last_step_says_so(self) -> None:
        lines = task(*FABRIKAM, "reconnect", other_waiting=("Renewal 2025", "Plant\n2")).lines
        assert "Also waiting at this account: Renewal 2025 and Plant 2." in lines
        assert "What comes next: nothing; this is the last follow-up." in lines
        assert lines[-1] == HOW_TO_STEER

    def test_no_task_holds_a_word_of_ours(self) -> None:
        jargon = re.compile(
            "|".join([*(purpose.value for purpose in Purpose if "_" in purpose.value), "confidence", "provisional",
                      "anchor", "finality", "episode", "reconnect", "{", "}", "None"])
        )  # fmt: skip
        for loss in (CONTOSO, NORTHWIND, FABRIKAM):
            made = planned(*loss, TODAY)
            for step in (*made.steps, *made.later):
                text = compose_task(*loss, made, step, shipped_policy(), deal_url=URL)
                assert not jargon.search(" ".join((text.subject, *text.lines)))
