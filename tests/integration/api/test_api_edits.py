"""Deals, the documents' parts, the simulator, the audit and exports by program."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from service.store.models import DealRow
from service.store.session import Store
from tests.integration.api.api_world import ApiWorld, Caller

MAPPINGS, POLICY = "/documents/mappings/draft", "/documents/policy/draft"


@pytest.fixture
def world(store: Store, tmp_path: Path) -> ApiWorld:
    made = ApiWorld(store, tmp_path)
    made.sets.read(*(made.sets.lost(f"d{n}", "Blorp" if n else "=cmd()") for n in range(3)))
    return made


@pytest.fixture
def admin(world: ApiWorld) -> Caller:
    return world.caller()


def tag(admin: Caller, path: str) -> str:
    return admin.call("GET", path).headers["ETag"]


def test_a_verdict_and_a_debrief_are_kept_over_the_edition_that_was_seen(world: ApiWorld, admin: Caller) -> None:
    with world.store.read() as tx:
        deal = f"/deals/{tx.scalars(select(DealRow.id)).first()}"
    seen = tag(admin, f"{deal}/debrief")
    verdict = {"category": "budget", "sub_reason": "frozen", "why": "The CFO said so."}
    assert admin.ask("PUT", f"{deal}/verdict", verdict, If_Match=seen)["category"] == "budget"
    assert admin.ask("GET", deal)["classification"]["underlying"]["category"] == "budget"
    assert admin.status("PUT", f"{deal}/debrief", {"stated": "Later."}, If_Match=seen) == 412
    body = {"stated": "Later.", "is_worth_it": True, "touch_on": "2027-03-01"}
    kept = admin.call("PUT", f"{deal}/debrief", body, If_Match=tag(admin, f"{deal}/debrief")).get_json()
    assert (kept["stated"], kept["touch_on"], kept["who"]) == ("Later.", "2027-03-01", "ada@x.example")
    assert [one["due_on"] for one in admin.ask("GET", deal)["reminders"] if one["state"] == "scheduled"] == [
        "2027-03-01"
    ]
    assert admin.ask("DELETE", f"{deal}/verdict")["category"] is None
    assert admin.status("DELETE", f"{deal}/verdict") == 422
    assert admin.status("PUT", f"{deal}/debrief", {"touch_on": "2020-01-01"}) == 422
    assert admin.status("PUT", f"{deal}/verdict", {**verdict, "sub_reason": "nonsense"}) == 422


def test_deals_are_read_to_the_end_by_what_follows(world: ApiWorld, admin: Caller) -> None:
    days = [date(2026, 1 + n % 9, 1 + n % 20) for n in range(120)]
    world.sets.read(*(world.sets.lost(f"x{n}", lost_on=day) for n, day in enumerate(days)))
    found, after = [], ""
    total = admin.ask("GET", "/deals")["total"]
    while True:
        page = admin.ask("GET", f"/deals{after}")
        found += [(one["lost_on"], one["id"]) for one in page["deals"]]
        if page["next"] is None:
            break
        after = f"?after={page['next']}"
    assert len(found) == len(set(found)) == total == 123
    assert found == sorted(found, reverse=True)
    assert admin.status("GET", "/deals?after=2026-99-99.1") == 422


def test_a_rule_is_written_read_and_taken_out(admin: Caller) -> None:
    rule = {"category": "timing", "sub_reason": "on_hold", "any": ["blorp"]}
    assert admin.status("PUT", f"{MAPPINGS}/rules/blorp", rule) == 428
    first = tag(admin, MAPPINGS)
    assert admin.status("PUT", f"{MAPPINGS}/rules/blorp", rule, If_Match=first) == 200
    assert admin.status("PUT", f"{MAPPINGS}/rules/blorp", rule, If_Match=first) == 412
    rules = {one["id"]: one for one in admin.ask("GET", f"{MAPPINGS}/rules")}
    assert (rules["blorp"]["category"], rules["blorp"]["any"]) == ("timing", ["blorp"])
    assert admin.ask("POST", "/reasons/test", {"text": "Blorp"})["draft"]["category"] == "timing"
    assert admin.status("PUT", f"{MAPPINGS}/rules/none", {"category": "need"}, If_Match=tag(admin, MAPPINGS)) == 422
    assert admin.status("DELETE", f"{MAPPINGS}/rules/blorp", If_Match=tag(admin, MAPPINGS)) == 200
    assert admin.status("DELETE", f"{MAPPINGS}/rules/blorp", If_Match=tag(admin, MAPPINGS)) == 422


def test_a_sub_reason_is_added_called_otherwise_and_taken_out(admin: Caller) -> None:
    base = f"{MAPPINGS}/sub-reasons/budget"
    admin.ask("PUT", f"{base}/moved", {"says": "It went elsewhere."}, If_Match=tag(admin, MAPPINGS))
    admin.ask("PUT", f"{base}/moved", {"says": "It went away.", "name": "gone"}, If_Match=tag(admin, MAPPINGS))
    there = {one["name"]: one for one in admin.ask("GET", f"{MAPPINGS}/sub-reasons") if one["category"] == "budget"}
    assert there["gone"] == {"category": "budget", "name": "gone", "says": "It went away.", "deals": 0}
    assert "moved" not in there
    assert admin.status("PUT", f"{base}/No Name", {}, If_Match=tag(admin, MAPPINGS)) == 422
    assert admin.status("DELETE", f"{base}/gone", If_Match=tag(admin, MAPPINGS)) == 200
    assert admin.status("DELETE", f"{MAPPINGS}/sub-reasons/none/gone", If_Match=tag(admin, MAPPINGS)) == 404


def test_what_was_assigned_is_forgotten_again(admin: Caller) -> None:
    body = {"values": ["Blorp"], "category": "authority"}
    admin.ask("POST", "/reasons/assign", body, If_Match=tag(admin, MAPPINGS))
    assert admin.ask("POST", "/reasons/test", {"text": "Blorp"})["draft"]["category"] == "authority"
    admin.ask("POST", "/reasons/unassign", {"values": ["Blorp"]}, If_Match=tag(admin, MAPPINGS))
    assert admin.ask("POST", "/reasons/test", {"text": "Blorp"})["draft"]["category"] != "authority"


def test_the_policys_numbers_are_set_by_their_paths(admin: Caller) -> None:
    path, found = f"{POLICY}/settings", "timing.notice_days"
    body = {"settings": {found: 90}, "blackout": [{"from": "07-01", "to": "07-15"}]}
    assert admin.status("PATCH", path, body) == 428
    admin.ask("PATCH", path, body, If_Match=tag(admin, path))
    told = admin.ask("GET", path)
    assert next(one for one in told["settings"] if one["path"] == found)["value"] == 90
    assert told["blackout"] == [{"from": "07-01", "to": "07-15"}]
    for wrong in ({found: -1}, {found: "many"}, {found: {"a": 1}}, {"timing.nonsense": 1}):
        assert admin.status("PATCH", path, {"settings": wrong}, If_Match=tag(admin, path)) == 422, wrong


def test_a_task_text_is_written_with_an_example(admin: Caller) -> None:
    text = {"purpose": "reconnect", "subject": ["{account}: hello"], "do": "Call.", "questions": ["Why?", "When?"]}
    example = admin.ask("POST", "/task-texts/example", text)
    assert example["subject"] == "Contoso: hello"
    assert "Call." in example["body"]
    admin.ask("PUT", f"{POLICY}/task-texts", {**text, "when": "timing"}, If_Match=tag(admin, POLICY))
    there = [one for one in admin.ask("GET", f"{POLICY}/task-texts") if one["when"] == "timing"]
    assert there[0]["do"] == "Call."
    gone = f"{POLICY}/task-texts?purpose=reconnect&when=timing"
    assert admin.status("DELETE", gone, If_Match=tag(admin, POLICY)) == 200
    assert admin.status("DELETE", gone, If_Match=tag(admin, POLICY)) == 422


def test_the_simulator_plans_a_typed_and_a_stored_deal_in_force_and_in_the_draft(
    world: ApiWorld, admin: Caller
) -> None:
    typed = admin.ask("POST", "/simulator", {"reason": "Zendesk", "contract_end": "2027-06-30", "country": "de"})
    assert "position" in [one["purpose"] for one in typed["published"]["steps"]]
    assert len(typed["published"]["tasks"]) == len(typed["published"]["steps"])
    assert typed["draft"] is None
    admin.ask("POST", "/reasons/assign", {"values": ["Blorp"], "category": "authority"}, If_Match=tag(admin, MAPPINGS))
    with world.store.read() as tx:
        ids = list(tx.scalars(select(DealRow.id).where(DealRow.crm_deal_id == "d1")))
    stored = admin.ask("POST", "/simulator", {"deal": ids[0]})
    assert stored["draft"]["reading"]["category"] == "authority"
    assert admin.status("POST", "/simulator", {"deal": 99}) == 404


def test_the_audit_as_csv_holds_no_formula_and_its_days_are_plain(admin: Caller) -> None:
    answer = admin.call("GET", "/audit.csv")
    assert answer.mimetype == "text/csv"
    lines = answer.get_data(as_text=True).lstrip("\ufeff").splitlines()
    assert lines[0] == "category,sub_reason,deals,amount"
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in lines for cell in line.split(","))
    details = admin.ask("GET", "/audit/details")
    assert sum(sum(week["counts"].values()) for week in details["weeks"]) == 3
    assert admin.status("GET", "/audit?from=2026-02-01&to=2026-01-01") == 422


def test_an_export_is_read_without_being_stored(admin: Caller) -> None:
    text = "Deal Name,Close Date,Closed Lost Reason\nA,2026-10-01,Budget freeze\nB,2026-10-02,Went dark\n"
    client = admin.service.test_client()
    answer = client.post("/api/v1/exports/preview", data=text, content_type="text/csv", headers=admin.headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.get_json()["deals"] == 2
    assert client.post("/api/v1/exports/preview", json={}, headers=admin.headers).status_code == 415
    assert (
        client.post("/api/v1/exports/preview", data="", content_type="text/csv", headers=admin.headers).status_code
        == 422
    )


def test_the_taxonomy_is_told_with_its_definitions(admin: Caller) -> None:
    told = {one["category"]: one for one in admin.ask("GET", "/taxonomy")}
    assert len(told) == 9
    assert {"name": "frozen", "says": told["budget"]["sub_reasons"][1]["says"]} in told["budget"]["sub_reasons"]


def test_a_parameter_that_no_call_knows_is_refused_by_name(admin: Caller) -> None:
    for path, name in (
        ("/deals?size=5", "size"),
        ("/reminders?bukcet=later", "bukcet"),
        ("/colleagues?page=1", "page"),
    ):
        answer = admin.call("GET", path)
        assert answer.status_code == 422, path
        assert answer.get_json()["errors"]["query"] == {name: ["Unknown field."]}
        assert name in answer.get_json()["detail"] or path == "/colleagues?page=1"


def test_a_page_is_as_long_as_asked_for_up_to_a_maximum(admin: Caller) -> None:
    everything = admin.ask("GET", "/deals")
    first = admin.ask("GET", "/deals?limit=1")

    assert len(first["deals"]) == 1
    assert first["deals"][0] == everything["deals"][0]
    rest = admin.ask("GET", f"/deals?limit=2&after={first['next']}")["deals"]
    assert rest == everything["deals"][1:3]
    assert len(admin.ask("GET", "/reasons?limit=1")["reasons"]) == 1
    assert len(admin.ask("GET", "/reminders?bucket=later&limit=1")["reminders"]) <= 1
    assert admin.status("GET", "/deals?limit=0") == admin.status("GET", "/deals?limit=201") == 422
