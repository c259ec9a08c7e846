"""The picture of the README shows what really becomes of such a deal."""

from __future__ import annotations

import re
from datetime import date

from mappings.classify import classify
from mappings.compose import compose_task
from mappings.documents.mapping_set import shipped_mapping_set
from mappings.documents.policy import shipped_policy
from mappings.model import Account, DealKey, LostDeal, Note, StatedReason
from mappings.plan import plan
from tests.docs.pages import DOCS

PICTURE = (DOCS / "line.svg").read_text(encoding="utf-8")
WORDS = " ".join(re.sub(r"<[^>]+>", "", line).strip() for line in PICTURE.partition("</style>")[2].splitlines())
NORTHWIND = LostDeal(
    key=DealKey("acme", "1"),
    lost_on=date(2026, 10, 3),
    account=Account(name="Northwind", country="DE"),
    stated_reasons=(StatedReason(field="Loss_Reason__c", value="Price"),),
    notes=(Note(field="Loss_Notes__c", text="The CFO froze all spend until the new budget in April."),),
)
TODAY = date(2026, 10, 5)


def test_the_reason_is_the_one_that_is_shown_and_the_marked_words_decided() -> None:
    found = classify(NORTHWIND, shipped_mapping_set())

    assert (found.underlying.category, found.underlying.sub_reason) == ("budget", "frozen")
    assert "budget: frozen" in WORDS
    marked = set(re.findall(r'class="mark">“?([^<”]+)', PICTURE))
    assert marked == {found.underlying.evidence[0].text, found.facts[0].text}


def test_the_days_and_the_task_are_those_that_are_shown() -> None:
    means, policy = classify(NORTHWIND, shipped_mapping_set()), shipped_policy()
    found = plan(NORTHWIND, means, policy, TODAY)
    task = compose_task(NORTHWIND, means, found, found.steps[0], policy, deal_url="")

    assert [step.due_on for step in found.steps] == [date(2026, 11, 2), date(2027, 4, 16)]
    assert "2 November 2026" in WORDS
    assert "16 April 2027" in WORDS
    assert task.subject in WORDS
