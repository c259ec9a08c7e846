"""Queries, places in reads, ids and pages of Bulk results."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.base import Checkpoint
from connectors.errors import Rejected
from connectors.salesforce.bulk import parse_csv
from connectors.salesforce.cursor import Cursor, Mode, from_checkpoint, to_checkpoint
from connectors.salesforce.ids import long_id
from connectors.salesforce.queries import after, in_lists, instant, is_in, query_path, quoted
from connectors.salesforce.values import as_month, plain_text
from tests.unit.connectors.salesforce.samples import sample_bytes

STAMP = datetime(2026, 10, 2, 10, 0, tzinfo=UTC)


def test_a_value_cannot_break_out_of_its_quotes() -> None:
    assert quoted("O'Neil\\ \n") == r"'O\'Neil\\ \n'"


def test_a_query_survives_its_way_through_an_address() -> None:
    soql = "SELECT Id FROM Task WHERE Rekindle_Key__c = 'a+b & c%' AND x > 2026-01-02T03:04:05Z"
    path = query_path(soql, deleted_too=True)
    assert path.startswith("queryAll?")
    assert parse_qs(urlsplit(path).query)["q"] == [soql]


def test_a_place_among_equal_stamps_is_told_by_the_id() -> None:
    assert after(STAMP, "006A") == (
        "(SystemModstamp > 2026-10-02T10:00:00Z OR (SystemModstamp = 2026-10-02T10:00:00Z AND Id > '006A'))"
    )
    assert instant(STAMP + timedelta(milliseconds=5)) == "2026-10-02T10:00:00.005Z"


def test_lists_of_ids_fit_an_address_and_name_each_id_once() -> None:
    ids = [f"006xx{n:013d}" for n in range(1000)]
    lists = list(in_lists([*ids, *ids]))
    assert [one for part in lists for one in part] == ids
    assert all(len(query_path(is_in("Id", part))) < 14_000 for part in lists)
    assert max(len(part) for part in in_lists(["k" * 64 + str(n) for n in range(1000)])) < 140


@pytest.mark.parametrize(
    ("short", "long"),
    [("001d000000NQ8xV", "001d000000NQ8xVAAT"), ("006xx000003GYkK", "006xx000003GYkKAAW"), ("other", "other")],
)
def test_an_id_of_15_characters_gets_its_three_more(short: str, long: str) -> None:
    assert long_id(short) == long
    assert long_id(long) == long


def test_a_cursor_is_the_same_after_it_was_stored() -> None:
    cursor = Cursor(mode=Mode.CHANGES, since=STAMP, at=STAMP, at_id="006A", high=STAMP, header=("Id",), locator="x")
    assert from_checkpoint(to_checkpoint(cursor)) == cursor


@pytest.mark.parametrize("text", ["", "{}", '{"mode":"other"}', "[]"])
def test_a_place_that_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match="from the start"):
        from_checkpoint(Checkpoint(cursor=text))


def test_the_watermark_is_the_highest_deal_seen_and_never_behind_the_start_of_a_long_read() -> None:
    seen = Cursor(mode=Mode.LOST).past(
        (
            {"Id": "006A", "SystemModstamp": "2026-10-02T09:00:00.000+0000"},
            {"Id": "006B", "SystemModstamp": "2026-10-02T10:00:00.000+0000"},
        )
    )
    mark = seen.watermark()
    assert mark is not None
    assert (mark.stamp, mark.id) == (STAMP, "006B")
    early = Cursor(mode=Mode.LOST, high=STAMP, high_id="006B", start=STAMP - timedelta(hours=2)).watermark()
    assert early is not None
    assert early.stamp == STAMP - timedelta(hours=2)


def test_bulk_rows_become_records_with_relations_and_nothing_for_empty_cells() -> None:
    columns, records = parse_csv(sample_bytes("bulk_page/answer.csv"), ())
    assert records[0]["Name"] == 'Contoso; "Platform"'
    assert records[0]["Account"] == {"Name": "Contoso"}
    assert records[0]["Loss_Notes__c"] == "two\nlines"
    assert (records[1]["Amount"], records[1]["Account"]) == (None, {"Name": None})
    again, more = parse_csv(sample_bytes("bulk_page/answer.csv"), columns)
    assert (again, len(more)) == (columns, 2)


@pytest.mark.parametrize(
    ("text", "month"), [(4.0, 4), ("04", 4), ("April", 4), ("13", None), ("soon", None), (None, None)]
)
def test_a_month_is_a_number_or_an_english_name(text: object, month: int | None) -> None:
    assert as_month(text) == month


def test_rich_text_is_read_as_its_words() -> None:
    assert plain_text("<p>No&nbsp;budget &amp; no time</p><ul><li>Call in <b>May</b></li></ul>") == (
        "No budget & no time\nCall in May"
    )
