"""Search: filters, limits, the cap, and an index that runs behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.connectors.sandbox.hubspot.client import (
    COMPANY,
    DEAL,
    NOW,
    Answer,
    client,
    condition,
    small_book,
    task_row,
)

LOST = [DEAL, DEAL + 2, DEAL + 4, DEAL + 6]


def _ids(answer: Answer) -> list[int]:
    assert answer.status == 200, answer.json
    return [int(row["id"]) for row in answer.json["results"]]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([condition("hs_is_closed_lost", "EQ", "true")], LOST),
        ([condition("dealstage", "IN", "closedlost", "226141905", "226141906")], LOST),
        ([condition("dealstage", "IN", "ClosedLost")], []),
        ([condition("dealname", "EQ", "CONTOSO 2")], [DEAL + 1]),
        ([condition("dealname", "IN", "contoso 2")], [DEAL + 1]),
        ([condition("dealname", "IN", "Contoso 2")], []),
        ([condition("amount", "GT", "6999.5")], [DEAL + 6, DEAL + 7]),
        ([condition("amount", "BETWEEN", "900", "2000")], [DEAL, DEAL + 1]),
        ([condition("lost_reason", "HAS_PROPERTY"), condition("amount", "LTE", "3000")], [DEAL, DEAL + 2]),
        ([condition("closed_lost_reason", "NOT_HAS_PROPERTY"), condition("amount", "LT", "3000")], [DEAL + 1]),
        ([condition("closed_lost_reason", "CONTAINS_TOKEN", "APR*"), condition("amount", "LT", "3000")], [DEAL]),
        ([condition("hs_lastmodifieddate", "GTE", "1767226020000")], [DEAL + 6, DEAL + 7]),
        ([condition("hs_lastmodifieddate", "GTE", "2026-01-01T00:07:00Z")], [DEAL + 6, DEAL + 7]),
        ([condition("hs_object_id", "GT", str(DEAL + 5))], [DEAL + 6, DEAL + 7]),
        ([condition("associations.company", "EQ", str(COMPANY)), condition("amount", "LT", "1500")], [DEAL]),
    ],
)
def test_filters_find_what_they_say(filters: list[dict[str, Any]], found: list[int]) -> None:
    assert _ids(client().search("deals", *filters)) == found


def test_groups_are_alternatives_and_results_carry_no_associations() -> None:
    groups = [{"filters": [condition("amount", "EQ", amount)]} for amount in ("1000", "3000")]

    answer = client().post("/crm/objects/2026-09/deals/search", {"filterGroups": groups})

    assert _ids(answer) == [DEAL, DEAL + 2]
    assert "associations" not in answer.json["results"][0]


@pytest.mark.parametrize("sort", ["-amount", {"propertyName": "amount", "direction": "DESCENDING"}])
def test_one_sort_is_taken_as_text_or_object(sort: object) -> None:
    assert _ids(client().search("deals", sorts=[sort], limit=2)) == [DEAL + 7, DEAL + 6]


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"after": "x"},
        {"after": "9900", "limit": 200},
        {"sorts": ["amount", "dealname"]},
        {"sorts": [{"propertyName": "amount", "direction": "UP"}]},
        {"filterGroups": [{"filters": [condition("amount", "GT", "1")]}] * 6},
        {"filterGroups": [{"filters": [condition("amount", "GT", "1")] * 7}]},
        {"filterGroups": [{"filters": [condition("amount", "GT", "1")] * 5}] * 4},
        {"filterGroups": [{"filters": [condition("no_such_thing", "EQ", "1")]}]},
        {"filterGroups": [{"filters": [condition("amount", "LIKE", "1")]}]},
        {"filterGroups": [{"filters": [condition("amount", "EQ", "much")]}]},
        {"filterGroups": [{"filters": [condition("dealname", "IN")]}]},
        {"properties": ["x" * 3000]},
    ],
)
def test_what_search_does_not_take_is_a_400(body: dict[str, Any]) -> None:
    answer = client().post("/crm/v3/objects/deals/search", body)

    assert (answer.status, answer.json["category"]) == (400, "VALIDATION_ERROR")


def test_ten_thousand_results_can_be_paged_and_no_more() -> None:
    crm = client(deals=10_500, limits=None)

    last = crm.search("deals", limit=200, after="9800")
    beyond = crm.search("deals", limit=200, after=last.json["paging"]["next"]["after"])

    assert (last.json["total"], len(last.json["results"])) == (10_500, 200)
    assert beyond.status == 400


@pytest.mark.parametrize("name", ["hs_object_id", "hs_lastmodifieddate"])
@pytest.mark.parametrize("operator", ["GT", "GTE"])
def test_paging_by_the_last_value_seen_gives_what_one_query_gives(name: str, operator: str) -> None:
    crm = client(deals=60, limits=None, equal_stamps=5)
    lost = condition("hs_is_closed_lost", "EQ", "true")
    for bound in ("9000", "9007", "9010.5", "1767225900000", "1767227000000"):
        if name == "hs_lastmodifieddate" and "." in bound:
            continue
        among = condition(name, operator, bound)
        paged = crm.search("deals", lost, among, sorts=[name], limit=50)
        plain = crm.search("deals", lost, among, limit=50)

        assert sorted(_ids(paged)) == sorted(_ids(plain))
        assert paged.json["total"] == plain.json["total"]


def test_a_change_between_two_pages_is_seen() -> None:
    crm = client(limits=None)
    asked = (condition("hs_object_id", "GT", str(DEAL)), condition("hs_is_closed_lost", "EQ", "true"))
    before = _ids(crm.search("deals", *asked, sorts=["hs_object_id"]))
    crm.portal.edit("deals", DEAL + 2, dealstage="closedwon")

    assert _ids(crm.search("deals", *asked, sorts=["hs_object_id"])) == before[1:]


def test_search_sees_a_change_only_after_the_lag_and_reads_see_it_at_once() -> None:
    crm = client(index_lag=timedelta(seconds=5))
    new = int(crm.post("/crm/v3/objects/tasks", task_row()).json["id"])
    crm.send("PATCH", f"/crm/v3/objects/deals/{DEAL}", {"properties": {"amount": "77"}})
    by_amount = condition("amount", "EQ", "77")

    at_once = (_ids(crm.search("tasks")), _ids(crm.search("deals", by_amount)))
    old = crm.search("deals", condition("amount", "EQ", "1000")).json["results"][0]
    read = crm.get(f"/crm/v3/objects/deals/{DEAL}").json
    crm.now += timedelta(seconds=5)

    assert at_once == ([], [])
    assert (old["properties"]["amount"], old["updatedAt"]) == ("1000", "2026-01-01T00:01:00Z")
    assert read["properties"]["amount"] == "77"
    assert (_ids(crm.search("tasks")), _ids(crm.search("deals", by_amount))) == ([new], [DEAL])


def test_each_change_gets_into_the_index_in_its_own_time() -> None:
    crm = client(index_lag=timedelta(seconds=5))
    seen = []
    for second, amount in ((0, "71"), (3, "72"), (6, None), (9, None)):
        at = NOW + timedelta(seconds=second)
        if amount:
            crm.portal.edit("deals", DEAL, amount=amount, at=at)
        crm.now = at
        found = crm.search("deals", condition("hs_object_id", "EQ", str(DEAL)), properties=["amount"])
        seen.append(found.json["results"][0]["properties"]["amount"])

    assert seen == ["1000", "1000", "71", "72"]


def test_search_never_finds_an_archived_deal() -> None:
    crm = client(index_lag=timedelta(minutes=1))
    crm.portal.delete("deals", DEAL, at=crm.now)

    assert DEAL not in _ids(crm.search("deals"))


def test_a_bulk_change_gives_many_deals_one_stamp() -> None:
    crm = client(equal_stamps=3)
    crm.portal.edit_many("deals", [DEAL + 3, DEAL + 4], amount="5")

    stamps = [row["properties"]["hs_lastmodifieddate"] for row in crm.get("/crm/v3/objects/deals").json["results"]]

    assert len(set(stamps[:3])) == 1
    assert stamps[3] == stamps[4] != stamps[2]


def test_pages_of_one_search_hold_each_deal_once() -> None:
    crm = client(deals=small_book(30).deals[-1].number, limits=None, equal_stamps=30)
    found: list[int] = []
    after = "0"
    while True:
        page = crm.search("deals", sorts=["hs_lastmodifieddate"], limit=7, after=after)
        found += _ids(page)
        if "paging" not in page.json:
            break
        after = page.json["paging"]["next"]["after"]

    assert sorted(found) == [DEAL + n for n in range(30)]
