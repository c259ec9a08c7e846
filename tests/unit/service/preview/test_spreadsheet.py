"""CSV exports as people have them: encodings, separators, dates, amounts, columns."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest

from mappings.documents.mapping_set import shipped_mapping_set
from mappings.documents.policy import shipped_policy
from service.errors import UsageFault
from service.losses.rules import Rules
from service.preview.columns import parse_named
from service.preview.run import Shown, preview_sheet
from service.preview.spreadsheet import Sheet, iso_day, open_sheet, plain_number
from service.preview.summary import Summary

SALESFORCE = "Opportunity ID,Opportunity Name,Account Name,Stage,Close Date,Amount,Loss Reason,Description\n"
HUBSPOT = "Record ID,Deal Name,Deal Stage,Close Date,Closed Lost Reason,Deal owner,Amount,Associated Company\n"


def sheet(text: str | bytes, *, named: tuple[str, ...] = (), day_first: bool | None = None) -> Sheet:
    content = text if isinstance(text, bytes) else text.encode()
    return open_sheet(io.BytesIO(content), named=parse_named(named), day_first=day_first, name="export.csv")


def test_a_salesforce_report_is_recognised_by_its_columns() -> None:
    [(_, record)] = sheet(SALESFORCE + '006A,Deal,Contoso,Closed Lost,10/13/2026,"$1,234.50",Price,Later\n').records()

    assert (record["id"], record["account"], record["lost_on"], record["amount"]) == (
        "006A",
        "Contoso",
        "2026-10-13",
        "1234.50",
    )
    assert (record["stated_reason"], record["notes"]) == (["Price"], ["Later"])


def test_a_hubspot_export_is_recognised_by_its_columns() -> None:
    [(_, record)] = sheet(HUBSPOT + "512,Deal,Closed Lost,2026-10-02 09:30,No budget,Ann,9000,Northwind\n").records()

    assert (record["id"], record["lost_on"], record["owner"]) == ("512", "2026-10-02", "Ann")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_common_encoding_is_read(encoding: str) -> None:
    text = "Id;Verlustgrund;Account Name\n1;Kein Budget für dieses Jahr;Müller\n"

    [(_, record)] = sheet(text.encode(encoding)).records()

    assert (record["stated_reason"], record["account"]) == (["Kein Budget für dieses Jahr"], "Müller")


def test_won_and_open_deals_of_an_export_are_left_out_and_counted() -> None:
    found = sheet(HUBSPOT + "1,A,Closed Won,,,,,\n2,B,Negotiation,,,,,\n3,C,Closed Lost,,,,,\n4,D,9-Gone,,Price,,,\n")

    assert [record["id"] for _, record in found.records()] == ["3", "4"]
    assert found.skipped == {"won": 1, "not lost by its stage": 1}


def test_a_cell_with_line_breaks_and_quotes_is_one_cell() -> None:
    [(_, record)] = sheet(SALESFORCE + '1,D,C,Closed Lost,,,,"two ""quoted"" lines\nand more"\n').records()

    assert record["notes"] == ['two "quoted" lines\nand more']


def test_dates_are_read_day_first_where_some_day_can_only_be_one() -> None:
    rows = "1,D,C,Closed Lost,03/04/2026,,,\n2,D,C,Closed Lost,25/04/2026,,,\n"

    assert [record["lost_on"] for _, record in sheet(SALESFORCE + rows).records()] == ["2026-04-03", "2026-04-25"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-21", "2026-11-21"),
        ("21.11.2026", "2026-11-21"),
        ("11/21/26", "2026-11-21"),
        ("2026/11/21 10:00", "2026-11-21"),
        ("Nov 21, 2026", "2026-11-21"),
        ("31/31/2026", "31/31/2026"),
    ],
)
def test_a_day_becomes_iso_or_stays_as_it_is(text: str, day: str) -> None:
    assert iso_day(text, day_first=False) == day


@pytest.mark.parametrize(
    ("text", "number"),
    [("$1,234.56", "1234.56"), ("1.234,56 €", "1234.56"), ("12.000", "12000"), ("12,5", "12.5"), ("-", ""), ("7", "7")],
)
def test_an_amount_loses_its_currency_and_grouping(text: str, number: str) -> None:
    assert plain_number(text) == number


def test_a_file_without_a_reason_column_names_the_columns_there_are() -> None:
    with pytest.raises(UsageFault, match=r"Foo, Bar.*--columns"):
        sheet("Foo,Bar\n1,2\n")


def test_a_column_can_be_named() -> None:
    [(_, record)] = sheet("Foo,Bar\n1,Price\n", named=("id=Foo", "stated_reason=Bar")).records()

    assert (record["id"], record["stated_reason"]) == ("1", ["Price"])


def test_a_named_column_that_is_not_there_comes_with_the_nearest() -> None:
    with pytest.raises(UsageFault, match="Did you mean Reason"):
        sheet("Id,Reason\n1,Price\n", named=("stated_reason=Resaon",))


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "is empty"), (b"PK\x03\x04 workbook", "Excel"), (b"a\x00b\n", "no text file")]
)
def test_what_is_no_csv_is_refused_with_the_remedy(content: bytes, says: str) -> None:
    with pytest.raises(UsageFault, match=says):
        sheet(content)


def shipped() -> Rules:
    return Rules(mapping_set=shipped_mapping_set(), policy=shipped_policy())


def test_other_processes_give_the_same_summary_and_the_same_deals() -> None:
    reasons = ("Price", "No budget until May", "Lost to Globex", "Timing, contract runs until 31.03.2027", "")
    rows = "".join(
        f"{number},Deal {number},Account {number % 7},Closed Lost,{1 + number % 12}/{1 + number % 27}/2026,"
        f"{number * 10},{reasons[number % 5]},Call back in {1 + number % 9} months\n"
        for number in range(2600)
    )

    def told(processes: int) -> tuple[dict[str, Any], list[str], list[str]]:
        opened, summary, lines, cells = sheet(SALESFORCE + rows), Summary(), [], []
        shown = Shown.LINES | Shown.CSV
        for block in preview_sheet(opened, shipped, date(2026, 11, 21), show=shown, processes=processes):
            summary.merge(block.summary)
            lines += block.lines
            cells += block.csv.splitlines()
        return {**summary.as_json(), "skipped": opened.skipped}, lines, cells

    alone, together = told(1), told(2)

    assert alone == together
    assert alone[0]["deals"] == len(alone[1]) == len(alone[2]) == 2600
