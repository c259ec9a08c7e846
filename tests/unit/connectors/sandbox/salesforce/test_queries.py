"""SOQL over HTTP: what it finds, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.sandbox.salesforce import OrgSettings
from tests.unit.connectors.sandbox.salesforce.client import Client

LOST = "IsClosed = true AND IsWon = false"


def test_lost_deals_are_found_by_their_flags(crm: Client) -> None:
    found = {row["Id"] for row in crm.rows(f"SELECT Id FROM Opportunity WHERE {LOST}")}

    assert found == {row["Id"] for row in crm.org.lost_deals()}
    assert len(found) > 100


class TestRenamedStages:
    @pytest.fixture
    def settings(self) -> OrgSettings:
        return OrgSettings(lost_stages=("9-Lost", "Disqualified"), won_stage="8-Signed")

    def test_stages_may_have_any_label_and_there_may_be_several_lost_ones(self, crm: Client) -> None:
        rows = crm.rows(f"SELECT StageName, IsWon FROM Opportunity WHERE {LOST}")
        stages = crm.rows("SELECT ApiName FROM OpportunityStage WHERE IsClosed = true AND IsWon = false")

        assert {row["StageName"] for row in rows} == {"9-Lost", "Disqualified"}
        assert {row["ApiName"] for row in stages} == {"9-Lost", "Disqualified"}


def test_parents_are_nested_and_children_are_queries_of_their_own(crm: Client) -> None:
    row = crm.rows(
        "SELECT Id, Account.Name, Owner.Email, Account.Owner.Name, (SELECT ContactId, Contact.Email FROM "
        f"OpportunityContactRoles) FROM Opportunity WHERE {LOST} AND ContactId != null LIMIT 1"
    )[0]

    assert row["attributes"]["url"] == f"/services/data/v66.0/sobjects/Opportunity/{row['Id']}"
    assert row["Account"]["attributes"]["type"] == "Account"
    assert row["Account"]["Owner"]["Name"]
    assert "@" in row["Owner"]["Email"]
    roles = row["OpportunityContactRoles"]
    assert (roles["totalSize"], roles["done"]) == (1, True)
    assert "@" in roles["records"][0]["Contact"]["Email"]


def test_a_parent_that_is_not_there_and_children_that_are_none_are_null(crm: Client) -> None:
    deal = crm.deal()["Id"]
    crm.org.edit("Opportunity", deal, AccountId=None)

    row = crm.rows(f"SELECT Account.Name, (SELECT Id FROM Tasks) FROM Opportunity WHERE Id = '{deal}'")[0]

    assert row["Account"] is None
    assert row["Tasks"] is None


def test_types_look_as_they_do_on_the_wire(crm: Client) -> None:
    row = crm.rows("SELECT Amount, CloseDate, SystemModstamp, IsWon FROM Opportunity WHERE Amount != null LIMIT 1")[0]

    assert isinstance(row["Amount"], float)
    assert len(row["CloseDate"]) == 10
    assert row["SystemModstamp"].endswith(".000+0000")
    assert isinstance(row["IsWon"], bool)


def test_counts_by_month_add_up(crm: Client) -> None:
    year, month = "CALENDAR_YEAR(CloseDate)", "CALENDAR_MONTH(CloseDate)"
    rows = crm.rows(
        f"SELECT {year} y, {month} m, COUNT(Id) n, SUM(Amount) FROM Opportunity WHERE {LOST} "
        f"GROUP BY {year}, {month} ORDER BY {year}, {month}"
    )
    total = crm.query(f"SELECT COUNT() FROM Opportunity WHERE {LOST}").json()

    assert sum(row["n"] for row in rows) == total["totalSize"] == len(crm.org.lost_deals())
    assert total["records"] == []
    assert [(row["y"], row["m"]) for row in rows] == sorted((row["y"], row["m"]) for row in rows)
    assert rows[0]["attributes"] == {"type": "AggregateResult"}
    assert "expr0" in rows[0]


def test_rows_come_by_stamp_and_then_by_id_and_go_on_from_there(crm: Client) -> None:
    keys = [
        (row["SystemModstamp"], row["Id"])
        for row in crm.rows("SELECT Id, SystemModstamp FROM Opportunity ORDER BY SystemModstamp, Id")
    ]
    stamp, last = keys[len(keys) // 2]
    literal = stamp.replace("+0000", "Z")
    later = crm.rows(
        "SELECT Id, SystemModstamp FROM Opportunity WHERE SystemModstamp > "
        f"{literal} OR (SystemModstamp = {literal} AND Id > '{last}') ORDER BY SystemModstamp, Id"
    )

    assert keys == sorted(keys)
    assert [(row["SystemModstamp"], row["Id"]) for row in later] == keys[len(keys) // 2 + 1 :]


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ("Name LIKE 'contoso%'", lambda deal: deal["Name"].lower().startswith("contoso")),
        ("Amount >= 100000", lambda deal: (deal["Amount"] or 0) >= 100_000),
        ("Loss_Reason__c = null", lambda deal: deal["Loss_Reason__c"] is None),
        ("Loss_Reason__c != 'Price'", lambda deal: deal["Loss_Reason__c"] != "Price"),
        ("CloseDate = LAST_N_DAYS:30", lambda deal: "2026-10-23" <= deal["CloseDate"] <= "2026-11-22"),
        ("StageName IN ('Closed Won', 'closed lost')", lambda deal: deal["IsClosed"]),
        ("(NOT StageName LIKE 'Closed%')", lambda deal: not deal["IsClosed"]),
        ("CloseDate < 2025-01-01 AND (IsWon = true OR Amount < 5000)",
         lambda deal: deal["CloseDate"] < "2025" and (deal["IsWon"] or 0 < (deal["Amount"] or 0) < 5000)),
        ("AccountId IN (SELECT Id FROM Account WHERE Name = 'Contoso')",
         lambda deal: deal["Name"].startswith("Contoso -")),
    ],
)  # fmt: skip
def test_conditions_select_what_they_say(crm: Client, where: str, holds: Any) -> None:
    found = {row["Id"] for row in crm.rows(f"SELECT Id FROM Opportunity WHERE {where}")}

    assert found == {deal["Id"] for deal in crm.org.records("Opportunity") if holds(deal)}


@pytest.mark.parametrize(
    ("soql", "code", "says"),
    [
        ("SELECT Id FROM Opportunity WHERE", "MALFORMED_QUERY", "unexpected token: <EOF>"),
        ("SELECT Id Opportunity", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Opportunity WHERE Name = 'it's'", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Task WHERE IsClosed = true AND IsDeleted = true OR Subject = 'x'", "MALFORMED_QUERY", "'OR'"),
        ("SELECT Id Name FROM Opportunity", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        ("SELECT Name, COUNT(Id) FROM Opportunity", "MALFORMED_QUERY", "grouped or aggregated"),
        ("SELECT Id, Nonsense__c FROM Opportunity", "INVALID_FIELD", "No such column 'Nonsense__c' on entity"),
        ("SELECT CurrencyIsoCode FROM Opportunity", "INVALID_FIELD", "No such column 'CurrencyIsoCode'"),
        ("SELECT Account.BillingCountryCode FROM Opportunity", "INVALID_FIELD", "No such column"),
        ("SELECT Nobody.Name FROM Opportunity", "INVALID_FIELD", "Didn't understand relationship 'Nobody'"),
        ("SELECT What.Amount FROM Task", "INVALID_FIELD", "No such column 'Amount' on entity 'Name'"),
        ("SELECT Id FROM Opportunity WHERE IsWon = 'true'", "INVALID_FIELD", "must be of type boolean"),
        ("SELECT Id FROM Opportunity WHERE CloseDate > '2026-01-01'", "INVALID_FIELD", "must be of type date"),
        ("SELECT Id FROM Opportunity WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Task WHERE Description LIKE '%rk:%'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Task WHERE WhatId = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
        ("SELECT Id FROM Secret__c", "INVALID_TYPE", "sObject type 'Secret__c' is not supported"),
        ("SELECT Id, (SELECT Id FROM Widgets) FROM Opportunity", "INVALID_TYPE", "Didn't understand relationship"),
    ],
)
def test_a_query_that_is_wrong_is_refused_with_the_place(crm: Client, soql: str, code: str, says: str) -> None:
    answer = crm.query(soql)

    assert crm.refusal(answer) == (400, code)
    assert says in answer.json()[0]["message"]
    assert "ERROR at Row:1:Column:" in answer.json()[0]["message"]


def test_a_plus_sign_that_was_not_encoded_makes_no_moment(crm: Client) -> None:
    soql = "SELECT+Id+FROM+Opportunity+WHERE+SystemModstamp+>+2026-01-02T03:04:05"

    assert crm.call("GET", f"/query?q={soql}%2B00:00").status_code == 200
    assert crm.refusal(crm.call("GET", f"/query?q={soql}+00:00")) == (400, "MALFORMED_QUERY")


def test_a_page_is_as_large_as_asked_or_smaller(crm: Client) -> None:
    header = {"Sforce-Query-Options": "batchSize=200"}
    soql = "SELECT Id, Name FROM Opportunity ORDER BY Id"

    whole = crm.query(soql).json()
    asked = crm.query(soql, headers=header).json()
    crm.org.settings.page_size = 70
    smaller = crm.query(soql, headers=header).json()

    assert (len(whole["records"]), whole["done"]) == (300, True)
    assert (len(asked["records"]), asked["totalSize"], asked["done"]) == (200, 300, False)
    assert len(smaller["records"]) == 70
    assert [row["Id"] for row in crm.rows(soql)] == [row["Id"] for row in whole["records"]]


def test_two_long_texts_make_small_pages(crm: Client) -> None:
    page = crm.query("SELECT Id, Description, Loss_Notes__c FROM Opportunity").json()

    assert len(page["records"]) == 200
    assert page["nextRecordsUrl"].startswith("/services/data/v66.0/query/01g")


def test_a_locator_lives_for_a_while_and_is_the_same_under_query_and_query_all(crm: Client) -> None:
    crm.org.settings.page_size = 100
    page = crm.query("SELECT Id FROM Opportunity", path="/queryAll").json()

    assert "/query/" in page["nextRecordsUrl"]
    assert crm.call("GET", page["nextRecordsUrl"]).status_code == 200
    crm.clock.pass_by(days=2)
    crm.log_in()
    assert crm.refusal(crm.call("GET", page["nextRecordsUrl"])) == (400, "INVALID_QUERY_LOCATOR")


def test_deleted_rows_are_seen_by_query_all_only_until_they_are_purged(crm: Client) -> None:
    deal = crm.deal()["Id"]
    soql = f"SELECT Id, IsDeleted FROM Opportunity WHERE Id = '{deal}'"
    crm.org.delete("Opportunity", deal)

    assert crm.rows(soql) == []
    assert crm.rows(soql, path="/queryAll")[0]["IsDeleted"] is True
    crm.org.undelete("Opportunity", deal)
    assert crm.rows(soql)[0]["IsDeleted"] is False
    crm.org.delete("Opportunity", deal)
    crm.org.purge("Opportunity", deal)
    assert crm.rows(soql, path="/queryAll") == []


def test_a_row_may_become_visible_late_with_an_older_stamp(crm: Client) -> None:
    crm.org.settings.late_seconds = 120
    deal = crm.deal()["Id"]
    soql = f"SELECT StageName, SystemModstamp FROM Opportunity WHERE Id = '{deal}'"
    changed_at = crm.clock()
    crm.org.edit("Opportunity", deal, at=changed_at, StageName="Prospecting")

    assert crm.rows(soql)[0]["StageName"] == "Closed Lost"
    crm.clock.pass_by(seconds=121)
    row = crm.rows(soql)[0]
    assert (row["StageName"], row["SystemModstamp"][:19]) == ("Prospecting", changed_at.isoformat()[:19])


class TestOptionalFields:
    @pytest.fixture
    def settings(self) -> OrgSettings:
        return OrgSettings(
            is_multicurrency=True,
            has_record_types=True,
            has_country_codes=True,
            has_last_stage_change_date=False,
            has_task_key=False,
            hidden_fields=frozenset({"Opportunity.Amount"}),
            reason_type="multipicklist",
        )

    def test_an_org_has_the_fields_it_has(self, crm: Client) -> None:
        row = crm.rows("SELECT CurrencyIsoCode, RecordType.Name, Account.BillingCountryCode FROM Opportunity LIMIT 1")[
            0
        ]
        fields = {field["name"] for field in crm.call("GET", "/sobjects/Opportunity/describe").json()["fields"]}

        assert row["CurrencyIsoCode"] == "EUR"
        assert row["RecordType"]["Name"] in {"New Business", "Partner"}
        assert {"CurrencyIsoCode", "RecordTypeId"} <= fields
        assert not {"Amount", "LastStageChangeDate"} & fields
        assert crm.refusal(crm.query("SELECT Amount FROM Opportunity")) == (400, "INVALID_FIELD")
        assert crm.refusal(crm.query("SELECT Rekindle_Key__c FROM Task")) == (400, "INVALID_FIELD")

    def test_a_field_of_several_values_is_asked_by_its_own_words(self, crm: Client) -> None:
        deal = crm.deal()["Id"]
        crm.org.put("Opportunity", deal, Loss_Reason__c="Price;Budget")

        found = crm.rows("SELECT Id FROM Opportunity WHERE Loss_Reason__c INCLUDES ('Budget;Price')")

        assert [row["Id"] for row in found] == [deal]


def test_a_description_tells_what_a_field_takes(crm: Client) -> None:
    fields = {field["name"]: field for field in crm.call("GET", "/sobjects/Task/describe").json()["fields"]}
    deal_fields = {field["name"]: field for field in crm.call("GET", "/sobjects/Opportunity/describe").json()["fields"]}

    key = fields["Rekindle_Key__c"]
    assert (key["externalId"], key["unique"], key["custom"], key["length"]) == (True, True, True, 64)
    assert fields["Description"]["filterable"] is False
    assert fields["IsClosed"]["updateable"] is False
    reason = deal_fields["Loss_Reason__c"]
    assert {value["active"] for value in reason["picklistValues"]} == {True, False}
    assert deal_fields["AccountId"]["referenceTo"] == ["Account"]


def test_the_logs_tell_what_was_deleted_and_changed(crm: Client) -> None:
    deal = crm.deal()["Id"]
    crm.org.delete("Opportunity", deal, at=crm.clock())
    span = {"start": "2026-11-22T08:00:00+00:00", "end": "2026-11-22T09:00:30Z"}

    gone = crm.call("GET", "/sobjects/Opportunity/deleted/", params=span).json()
    old = crm.call("GET", "/sobjects/Opportunity/deleted/", params={**span, "start": "2026-11-01T00:00:00Z"})
    short = crm.call("GET", "/sobjects/Opportunity/updated/", params={**span, "start": span["end"]})

    assert gone["deletedRecords"] == [{"id": deal, "deletedDate": "2026-11-22T09:00:00.000+0000"}]
    assert gone["latestDateCovered"] == "2026-11-22T09:00:00.000+0000"
    assert crm.refusal(old) == crm.refusal(short) == (400, "INVALID_REPLICATION_DATE")
