"""Opportunity records become deals."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.base import GoneDeal, OpenDeal, Role, WonDeal
from connectors.salesforce.records import DealFields, to_deal_state, to_lost_deal
from connectors.salesforce.schema import SField
from mappings.model import LostOnSource, Money, StatedReason
from tests.unit.connectors.salesforce.samples import sample

PAGE = sample("opportunity_page/answer.json")["records"]
FIELDS = DealFields(
    account_id="00Dxx0000001gPLEAY",
    zone=ZoneInfo("America/New_York"),
    today=date(2026, 11, 22),
    roles={
        Role.REASON: ("Loss_Reason__c", "Loss_Details__c", "Gone__c"),
        Role.NOTES: ("Loss_Notes__c",),
        Role.FISCAL_YEAR_START_MONTH: ("Account.Fiscal_Year_Start_Month__c",),
        Role.DO_NOT_CONTACT: ("No_Contact__c",),
        Role.CATEGORY_OUT: ("Rejection_Category__c",),
        Role.NEXT_FOLLOW_UP_OUT: ("Next_Follow_Up__c",),
    },
    schema={
        "Loss_Reason__c": SField(name="Loss_Reason__c", type="picklist", values=(("no_budget", "No Budget"),)),
        "Loss_Details__c": SField(name="Loss_Details__c", type="multipicklist", values=(("Price", "Price"),)),
        "Loss_Notes__c": SField(name="Loss_Notes__c", type="textarea"),
    },
    record_types={"012xx0000004567AAA": "New Logo"},
    currency="EUR",
)


def record(**changed: Any) -> dict[str, Any]:
    return {**PAGE[0], **changed}


def test_a_lost_deal_carries_all_that_bears_on_when_to_come_back() -> None:
    deal = to_lost_deal(PAGE[0], FIELDS)
    assert deal.key.deal_id == "006xx000003GYkJAAW"
    assert deal.amount == Money(amount=Decimal(120000), currency="CHF")
    assert (deal.account.name, deal.account.country, deal.account.region) == ("Contoso", "US", "CA")
    assert (deal.account.fiscal_year_start_month, deal.account.public_sector) == (4, True)
    assert (deal.record_type, deal.stage) == ("New Logo", "9-Verloren")
    assert deal.modified_at == datetime(2026, 10, 3, 8, 0, tzinfo=UTC)
    assert deal.outputs == {"Rejection_Category__c": "budget", "Next_Follow_Up__c": None}
    assert deal.notes[0].text == PAGE[0]["Loss_Notes__c"]


def test_reasons_of_several_fields_come_in_order_word_for_word_with_their_labels() -> None:
    assert to_lost_deal(PAGE[0], FIELDS).stated_reasons == (
        StatedReason(field="Loss_Reason__c", value="no_budget", label="No Budget"),
        StatedReason(field="Loss_Details__c", value="Price"),
        StatedReason(field="Loss_Details__c", value="Timing 13+ months"),
    )


def test_flags_decide_what_a_deal_is_and_never_the_name_of_its_stage() -> None:
    states = [type(to_deal_state(one, FIELDS)).__name__ for one in PAGE]
    assert states == ["LostDeal", WonDeal.__name__, OpenDeal.__name__]


def test_ids_of_15_characters_are_the_same_deal_as_those_of_18() -> None:
    won = to_deal_state(PAGE[1], FIELDS)
    assert won.key.deal_id == "006xx000003GYkKAAW"


def test_a_deleted_record_is_a_gone_deal() -> None:
    assert isinstance(to_deal_state(record(IsDeleted=True), FIELDS), GoneDeal)


@pytest.mark.parametrize(
    ("entered", "closed", "day", "source"),
    [
        ("2026-10-02T01:30:00.000+0000", "2026-09-01", date(2026, 10, 1), LostOnSource.STAGE_HISTORY),
        ("2026-10-02T01:30:00.000Z", "2026-09-01", date(2026, 10, 1), LostOnSource.STAGE_HISTORY),
        (None, "2026-09-01", date(2026, 9, 1), LostOnSource.CLOSE_DATE),
        (None, "2027-01-31", date(2026, 11, 22), LostOnSource.CLOSE_DATE),
        ("2026-11-23T23:00:00.000+0000", None, date(2026, 11, 22), LostOnSource.STAGE_HISTORY),
        (None, None, date(2026, 11, 22), LostOnSource.TODAY),
    ],
)
def test_the_day_of_the_loss_is_in_the_orgs_zone_and_never_in_the_future(
    entered: str | None, closed: str | None, day: date, source: LostOnSource
) -> None:
    deal = to_lost_deal(record(LastStageChangeDate=entered, CloseDate=closed), FIELDS)
    assert (deal.lost_on, deal.lost_on_source) == (day, source)


def test_a_contact_who_only_refuses_email_may_still_be_called() -> None:
    deal = to_lost_deal(PAGE[0], FIELDS)
    assert deal.contact_id == "003xx000004TmiRAAS"
    assert not deal.do_not_contact


def test_a_primary_contact_who_refuses_both_is_left_alone() -> None:
    both = {"ContactId": "003xx000004TmiRAAS", "IsPrimary": True}
    both["Contact"] = {"HasOptedOutOfEmail": True, "DoNotCall": True}
    assert to_lost_deal(record(OpportunityContactRoles={"records": [both]}), FIELDS).do_not_contact


@pytest.mark.parametrize("value", [True, "true", "Yes"])
def test_the_mapped_field_alone_is_enough_to_leave_a_deal_alone(value: object) -> None:
    assert to_lost_deal(record(No_Contact__c=value, OpportunityContactRoles=None), FIELDS).do_not_contact


def test_a_deal_without_account_amount_or_currency_is_still_a_deal() -> None:
    bare = {"Id": "006xx000003GYkJAAW", "IsClosed": True, "IsWon": False, "Account": None, "Amount": 5}
    deal = to_lost_deal(bare, FIELDS)
    assert deal.amount == Money(amount=Decimal(5), currency="EUR")
    assert (deal.account.id, deal.stated_reasons, deal.notes) == (None, (), ())


@pytest.mark.parametrize("broken", [{"Id": None}, {"SystemModstamp": "yesterday"}, {"Amount": "much"}])
def test_a_record_that_cannot_be_understood_says_so(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        to_lost_deal(record(**broken), FIELDS)
