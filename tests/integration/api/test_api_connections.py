"""Connections by program: fields and scope, settings, long deeds with the address of a job, keys, dead letters."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from connectors.errors import Unreachable
from service.people.roles import Scope
from service.store.models import ActionRow, ConnectionRow, InboxRow, InboxState, OutboxRow, OutboxState
from service.store.session import Store
from tests.integration.api.api_world import ApiWorld, Caller

ACME = "/connections/acme"


@pytest.fixture
def world(store: Store, tmp_path: Path) -> ApiWorld:
    return ApiWorld(store, tmp_path)


@pytest.fixture
def admin(world: ApiWorld) -> Caller:
    return world.caller("ada@x.example", Scope.CONNECTIONS)


def done(world: ApiWorld, what: str) -> list[str]:
    with world.store.read() as tx:
        rows = tx.scalars(select(ActionRow).where(ActionRow.what == what).order_by(ActionRow.id))
        return [f"{row.who}: {row.subject} {row.says}".strip() for row in rows]


def test_fields_are_chosen_over_the_edition_that_was_seen(world: ApiWorld, admin: Caller) -> None:
    seen = admin.call("GET", ACME).headers["ETag"]
    body = {"fields": {"reason": ["Reason"]}, "scope": {"include": {"type": ["New"]}, "min_amount": 500}}
    made = admin.call("PUT", f"{ACME}/fields", body, If_Match=seen)
    assert made.status_code == 200
    assert made.get_json()["fields"] == {"reason": ["Reason"]}
    assert made.get_json()["scope"] == {"include": {"type": ["New"]}, "min_amount": "500"}
    assert admin.status("PUT", f"{ACME}/fields", body, If_Match=seen) == 412
    assert admin.status("PUT", f"{ACME}/fields", body, If_Match=made.headers["ETag"]) == 200
    assert done(world, "fields chosen") == ["ada@x.example: acme"]


def test_a_field_the_account_does_not_have_is_refused(admin: Caller) -> None:
    refused = admin.call("PUT", f"{ACME}/fields", {"fields": {"reason": ["Nothing"]}})
    assert refused.status_code == 422
    assert "Nothing" in refused.get_json(force=True)["detail"]


def test_the_crms_own_fields_come_with_samples_and_the_roles_they_seem_to_be_for(
    world: ApiWorld, admin: Caller
) -> None:
    world.sets.lost("d1", "Blorp")
    fields = {one["name"]: one for one in admin.ask("GET", f"{ACME}/crm-fields")["fields"]}
    assert "Blorp" in fields["Reason"]["samples"]


def test_settings_are_changed_all_or_none(world: ApiWorld, admin: Caller) -> None:
    both = {"settings": {"notes": "facts", "morning_hour": "7"}}
    made = admin.ask("PATCH", ACME, both)
    assert (made["notes"], made["morning_hour"]) == ("facts", 7)
    assert admin.status("PATCH", ACME, {"settings": {"notes": "off", "morning_hour": "25"}}) == 422
    assert admin.ask("GET", ACME)["notes"] == "facts"
    assert admin.status("PATCH", ACME, {"settings": {"colour": "red"}}) == 422


def test_a_sync_answers_at_once_with_the_address_of_its_job(world: ApiWorld, admin: Caller) -> None:
    world.sets.lost("d1", "Price")
    begun = admin.call("POST", f"{ACME}/sync", {})
    assert begun.status_code == 202
    job = admin.ask("GET", begun.headers["Location"].removeprefix("/api/v1"))
    assert (job["state"], job["kind"]) == ("done", "sync")
    assert job["run"]["counts"]["read"] == 1
    assert admin.ask("GET", f"{ACME}/runs/{job['run']['id']}")["finished_at"]
    assert done(world, "sync asked for") == ["ada@x.example: acme"]


def test_a_sync_that_the_crm_refuses_is_a_job_that_failed(world: ApiWorld, admin: Caller) -> None:
    def fail(kind: str) -> None:
        raise Unreachable("The CRM cannot be reached.")

    world.sets.crm.before = fail
    begun = admin.call("POST", f"{ACME}/sync", {}).get_json()
    job = admin.ask("GET", begun["url"].removeprefix("/api/v1"))
    assert job["state"] == "failed"
    assert "cannot be reached" in job["run"]["error"]
    assert admin.status("GET", f"{ACME}/crm-fields") == 502


def test_a_job_that_never_began_is_lost_in_the_end(world: ApiWorld, admin: Caller) -> None:
    job = f"{ACME}/jobs/sync-99-{int(world.sets.now.timestamp())}"
    assert admin.ask("GET", job)["state"] == "waiting"
    world.sets.now += timedelta(minutes=3)
    assert admin.ask("GET", job)["state"] == "lost"
    assert admin.status("GET", f"{ACME}/jobs/nonsense") == 404


def test_going_live_is_announced_done_and_undone(world: ApiWorld, admin: Caller) -> None:
    world.sets.set(state="hold", live_since=None)
    world.sets.lost("d1", "Price")
    admin.ask("POST", f"{ACME}/sync", {})
    assert admin.ask("GET", f"{ACME}/go-live")["tasks"] == 1
    assert admin.status("GET", f"{ACME}/go-live?owner=nobody@x.example") == 422
    begun = admin.ask("POST", f"{ACME}/go-live", {"limit": 5})
    assert admin.ask("GET", begun["url"].removeprefix("/api/v1"))["run"]["counts"]["written"] == 2
    assert len(world.sets.crm.tasks) == 1
    assert admin.ask("GET", f"{ACME}/undo")["tasks_deleted"] == 1
    admin.ask("POST", f"{ACME}/undo", {})
    assert admin.ask("GET", ACME)["state"] == "hold"
    assert done(world, "went live") == ["ada@x.example: acme at most 5 tasks"]
    assert done(world, "undo") == ["ada@x.example: acme everything"]


def test_what_was_never_read_cannot_go_live(world: ApiWorld, admin: Caller) -> None:
    world.sets.set(last_sync_at=None)
    assert admin.status("POST", f"{ACME}/go-live", {}) == 422
    assert admin.status("GET", f"{ACME}/go-live") == 422


def test_webhook_keys_are_changed_and_shown_once(admin: Caller) -> None:
    first = admin.ask("POST", f"{ACME}/webhook/rotate", {"at_once": True})
    second = admin.ask("POST", f"{ACME}/webhook/rotate", {})
    assert first["secret"] != second["secret"]
    assert "secret" not in admin.ask("GET", f"{ACME}/webhook")


def test_dead_letters_are_tried_again_or_given_up(world: ApiWorld, admin: Caller) -> None:
    now, one = world.sets.now, world.sets.connection_id
    with world.store.begin() as tx:
        other = world.sets.connect("other", "other-account")
    with world.store.begin() as tx:
        letter = {
            "kind": "deal", "state": InboxState.DEAD, "attempts": 5, "received_at": now, "next_try_at": now,
            "error": "It did not work.", "error_reason": "rejected",
        }  # fmt: skip
        mine = tx.scalars(
            insert(InboxRow).returning(InboxRow.id),
            [{**letter, "connection_id": one, "deal_id": f"d{n}", "mark": f"k{n}"} for n in range(2)],
        ).all()
        theirs = tx.scalars(
            insert(InboxRow).returning(InboxRow.id),
            [{**letter, "connection_id": other, "deal_id": "d9", "mark": "k9"}],
        ).all()
    assert [row["id"] for row in admin.ask("GET", f"{ACME}/inbox")] == list(mine)
    assert admin.ask("POST", f"{ACME}/inbox/retry", {"ids": [mine[0], *theirs]}) == {"changed": 1}
    assert admin.ask("POST", f"{ACME}/inbox/discard", {"ids": [mine[1]]}) == {"changed": 1}
    assert admin.ask("GET", f"{ACME}/inbox") == []
    assert len(admin.ask("GET", "/connections/other/inbox")) == 1
    assert admin.ask("POST", f"{ACME}/outbox/retry", {"ids": [1]}) == {"changed": 0}


def test_a_connection_is_removed_only_while_no_task_of_ours_stands_in_its_crm(world: ApiWorld, admin: Caller) -> None:
    world.sets.lost("d1", "Price")
    admin.ask("POST", f"{ACME}/sync", {})
    assert admin.status("DELETE", ACME) == 422
    admin.ask("POST", f"{ACME}/undo", {})
    assert admin.status("DELETE", ACME) == 204
    assert admin.status("GET", ACME) == 404
    with world.store.read() as tx:
        assert tx.scalars(select(ConnectionRow)).all() == []
    assert done(world, "connection removed") == ["ada@x.example: acme"]


def test_what_belongs_to_nobody_is_not_there(admin: Caller) -> None:
    for method, path in (
        ("GET", "/connections/none"), ("GET", "/connections/none/runs"), ("POST", "/connections/none/sync"),
        ("POST", "/connections/none/hold"), ("GET", f"{ACME}/runs/99"), ("DELETE", "/connections/none"),
        ("POST", "/connections/none/webhook/rotate"), ("GET", "/connections/none/inbox"),
    ):  # fmt: skip
        answer = admin.call(method, path)
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json"), path


def test_ways_to_connect_are_told_and_a_way_that_is_none_is_refused(admin: Caller) -> None:
    crms = {one["key"]: one for one in admin.ask("GET", "/crms")}
    assert {"salesforce", "hubspot"} <= set(crms)
    body = {"crm": "hubspot", "name": "new", "credentials": {"nonsense": "x"}}
    refused = admin.call("POST", "/connections", body)
    assert refused.status_code == 422
    assert admin.status("POST", "/connections", {**body, "crm": "abacus"}) == 404


def test_the_limits_of_the_crm_are_told(admin: Caller) -> None:
    assert admin.ask("GET", f"{ACME}/limits") == []


def test_outbox_letters_are_listed_with_their_error(world: ApiWorld, admin: Caller) -> None:
    with world.store.begin() as tx:
        row = {
            "connection_id": world.sets.connection_id, "kind": "create_task", "state": OutboxState.DEAD, "payload": {},
            "attempts": 3, "next_try_at": world.sets.now, "error": "No.", "created_at": world.sets.now,
        }  # fmt: skip
        tx.execute(insert(OutboxRow), [row])
    assert [one["error"] for one in admin.ask("GET", f"{ACME}/outbox")] == ["No."]
