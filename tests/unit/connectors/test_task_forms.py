"""Three deals, from their loss reasons to the tasks as each CRM gets them, against golden files.

A golden file is changed by hand, after reading the difference: it is what a rep sees.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from connectors.base import CreateTask, TaskKey
from connectors.hubspot.tasks import create_input
from connectors.salesforce.tasks import create_record
from mappings.classify import classify
from mappings.compose import compose_task
from mappings.documents.mapping_set import shipped_mapping_set
from mappings.documents.policy import shipped_policy
from mappings.model import Account, DealKey, LostDeal, LostOnSource, Note, Purpose, StatedReason
from mappings.plan import plan

GOLDEN = Path(__file__).parents[2] / "samples" / "tasks"
TODAY = date(2026, 10, 20)


def lost(
    account: str,
    lost_on: date,
    reason: str,
    notes: str = "",
    *,
    country: str | None = None,
    competitor: str | None = None,
) -> LostDeal:
    return LostDeal(
        key=DealKey("account", "4711"),
        name=f"{account} - Service desk",
        lost_on=lost_on,
        lost_on_source=LostOnSource.STAGE_HISTORY,
        account=Account(id="77", name=account, country=country),
        stated_reasons=(StatedReason(field="Loss_Reason__c", value=reason),),
        notes=(Note(field="Loss_Notes__c", text=notes),) if notes else (),
        competitor=competitor,
        owner_id="31",
        contact_id="55",
    )


DEALS: dict[str, tuple[LostDeal, Purpose]] = {
    "contoso": (
        lost(
            "Contoso",
            date(2026, 8, 14),
            "Lost to Competitor - Zendesk",
            'They stay with Zendesk <for now> & "their contract runs until 31 March 2027".',
            competitor="Zendesk",
        ),
        Purpose.POSITION,
    ),
    "northwind": (
        lost("Northwind", date(2026, 9, 1), "No Budget / Lost Funding", "The CFO froze all spend.", country="JP"),
        Purpose.GET_INTO_PLAN,
    ),
    "fabrikam": (lost("Fabrikam", date(2026, 10, 2), "Non-Responsive"), Purpose.RECONNECT),
}


def task(name: str) -> CreateTask:
    deal, purpose = DEALS[name]
    policy = shipped_policy()
    classification = classify(deal, shipped_mapping_set())
    made = plan(deal, classification, policy, TODAY)
    step = next(step for step in made.steps if step.purpose is purpose)
    text = compose_task(deal, classification, made, step, policy, deal_url="https://crm.example/deal/4711")
    return CreateTask(
        key=TaskKey(key="rk0123456789abcdef", deal=deal.key),
        text=text,
        due_on=step.due_on,
        owner_id=deal.owner_id,
        account_id=deal.account.id,
        contact_id=deal.contact_id,
    )


FORMS: dict[str, Callable[[CreateTask], Any]] = {
    "salesforce": lambda made: create_record(made, key_field="Rekindle_Key__c"),
    "hubspot": lambda made: create_input(made, trace="row-1", zone=ZoneInfo("Europe/Berlin")),
}


@pytest.mark.parametrize("crm", FORMS)
@pytest.mark.parametrize("name", DEALS)
def test_the_task_stands_in_the_crm_as_in_the_golden_file(name: str, crm: str) -> None:
    made = orjson.loads(orjson.dumps(FORMS[crm](task(name))))

    assert made == orjson.loads((GOLDEN / f"{name}.{crm}.json").read_bytes())


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("contoso", "Contoso: Zendesk contract ends 31 Mar 2027, they decide by 30 Jan"),
        ("northwind", "Northwind: budget for April 2027 is being planned now"),
        ("fabrikam", "Fabrikam: silent since 2 Oct, one last question, then we stop"),
    ],
)
def test_a_subject_says_it_all_in_seventy_characters(name: str, subject: str) -> None:
    assert task(name).text.subject == subject
    assert len(subject) <= 70
