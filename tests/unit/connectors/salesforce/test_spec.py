"""What is known of Salesforce before an org is opened."""

from __future__ import annotations

import pytest

from connectors.base import FieldInfo, Kit, Role, Settings
from connectors.errors import Rejected
from connectors.fields import propose_fields
from connectors.http import Http, HttpSettings
from connectors.salesforce.connector import open_salesforce
from connectors.salesforce.spec import SALESFORCE
from mappings.model import DealKey
from tests.contract.scripted_org import NOW, MemoryTokens


def field(name: str, label: str = "", *, writable: bool = True) -> FieldInfo:
    return FieldInfo(name=name, label=label or name, type="picklist", writable=writable)


def quiet_kit() -> Kit:
    http = Http(HttpSettings(), sleep=lambda _: None, jitter=lambda: 0.0)
    return Kit(http=http, now=lambda: NOW, tokens=MemoryTokens())


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Loss_Reason__c", ""),
        ("Closed_Lost_Reason__c", ""),
        ("Lost_Reason__c", ""),
        ("Reason_Lost__c", ""),
        ("Reason_for_Loss__c", ""),
        ("Win_Loss_Reason__c", ""),
        ("Opp_Lost_Reasons__c", ""),
        ("X17__c", "Primary Loss Reason"),
        ("X18__c", "Closed/Lost Reason"),
        ("Verlustgrund__c", ""),
        ("X19__c", "Motif de la perte"),
        ("X20__c", "Motivo de pérdida"),
        ("X21__c", "Motivo da perda"),
        ("X22__c", "失注理由"),
    ],
)
def test_a_loss_reason_is_found_by_its_name_or_label(name: str, label: str) -> None:
    found = propose_fields([field("Name"), field("NextStep"), field(name, label)], SALESFORCE.likely_fields)
    assert found == {Role.REASON: (name,)}


def test_the_plugins_own_fields_and_the_details_are_found_each_for_its_role() -> None:
    names = (
        "Loss_Reason__c", "Loss_Reason_Details__c", "Loss_Notes__c", "Competitor__c", "Competitor_Contract_End__c",
        "Account.Fiscal_Year_Start_Month__c", "Rejection_Category__c", "Rejection_Sub_Reason__c", "Next_Follow_Up__c",
    )  # fmt: skip
    found = propose_fields([field(name) for name in names], SALESFORCE.likely_fields)
    assert found == {
        Role.REASON: ("Loss_Reason__c", "Loss_Reason_Details__c"),
        Role.NOTES: ("Loss_Notes__c",),
        Role.COMPETITOR: ("Competitor__c",),
        Role.CONTRACT_END: ("Competitor_Contract_End__c",),
        Role.FISCAL_YEAR_START_MONTH: ("Account.Fiscal_Year_Start_Month__c",),
        Role.CATEGORY_OUT: ("Rejection_Category__c",),
        Role.SUB_REASON_OUT: ("Rejection_Sub_Reason__c",),
        Role.NEXT_FOLLOW_UP_OUT: ("Next_Follow_Up__c",),
    }


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://acme.my.salesforce.com/", "https://acme.my.salesforce.com"),
        ("acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https://acme--dev.sandbox.lightning.force.com", "https://acme--dev.sandbox.my.salesforce.com"),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
    ],
)
def test_opening_an_org_asks_nobody_and_takes_any_spelling_of_its_address(url: str, page: str) -> None:
    kit = quiet_kit()
    connector = SALESFORCE.open(Settings(name="acme", url=url), {"access_token": "t"}, kit)
    assert connector.deal_url(DealKey("00D", "006A")) == f"{page}/lightning/r/Opportunity/006A/view"
    assert kit.http.calls.total == 0


def test_an_address_without_encryption_is_refused() -> None:
    kit = quiet_kit()
    with pytest.raises(Rejected, match="https"):
        open_salesforce(Settings(name="acme", url="http://acme.example"), {"access_token": "t"}, kit)
