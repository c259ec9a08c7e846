"""Who may do what by program: the owner, a colleague with less, a stranger; roles and scopes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from service.people.roles import Scope
from service.store.models import DealRow, ReminderRow
from service.store.session import Store
from tests.integration.api.api_world import COLLEAGUE, OWNER, STRANGER, ApiWorld, Caller

VERDICT = {"category": "budget", "sub_reason": "frozen", "why": "They told me."}


@pytest.fixture
def world(store: Store, tmp_path: Path) -> ApiWorld:
    made = ApiWorld(store, tmp_path)
    made.sets.read(made.sets.lost("d1", owner_id="rep-1"), made.sets.lost("d2", owner_id="rep-2"))
    made.sets.work()
    return made


def id_of(world: ApiWorld, deal_id: str) -> int:
    with world.store.read() as tx:
        return tx.scalars(select(DealRow.id).where(DealRow.crm_deal_id == deal_id)).one()


def reminders_of(world: ApiWorld, deal_id: str) -> list[int]:
    with world.store.read() as tx:
        return list(tx.scalars(select(ReminderRow.id).where(ReminderRow.deal_id == id_of(world, deal_id))))


def test_a_rep_sees_and_works_on_their_own_deals_and_no_others(world: ApiWorld) -> None:
    deal = f"/deals/{id_of(world, 'd1')}"
    for email, sees in ((OWNER, True), (COLLEAGUE, False), (STRANGER, False)):
        caller = world.caller(email)
        assert caller.status("GET", deal) == (200 if sees else 404), email
        assert caller.status("GET", f"{deal}/debrief") == (200 if sees else 404)
        assert caller.status("PUT", f"{deal}/verdict", VERDICT) == (200 if sees else 404)
        assert caller.status("PUT", f"{deal}/debrief", {"stated": "Too dear."}) == (200 if sees else 404)
        assert caller.status("DELETE", f"{deal}/verdict") == (200 if sees else 404)
    assert [one["name"] for one in world.caller(OWNER).ask("GET", "/deals")["deals"]] == ["Deal d1"]
    assert world.caller(STRANGER).ask("GET", "/deals")["total"] == 0


def test_a_viewer_sees_every_deal_and_changes_none(world: ApiWorld) -> None:
    viewer, deal = world.caller("vic@x.example"), f"/deals/{id_of(world, 'd1')}"
    assert viewer.status("GET", deal) == 200
    assert viewer.status("PUT", f"{deal}/verdict", VERDICT) == 403
    assert viewer.status("POST", "/reminders/done", {"ids": [1]}) == 403


def test_others_follow_ups_are_left_alone(world: ApiWorld) -> None:
    mine, theirs = reminders_of(world, "d1"), reminders_of(world, "d2")
    assert mine
    assert theirs
    assert world.caller(OWNER).ask("POST", "/reminders/done", {"ids": theirs}) == {"changed": 0}
    assert world.caller(OWNER).ask("POST", "/reminders/done", {"ids": mine})["changed"] == len(mine)
    assert world.caller("max@x.example").ask("POST", "/reminders/cancel", {"ids": theirs})["changed"] == len(theirs)


def test_only_who_works_on_everybodys_gives_and_releases(world: ApiWorld) -> None:
    ids = reminders_of(world, "d1")
    give = {"ids": ids, "connection": "acme", "owner_id": "rep-2"}
    assert world.caller(OWNER).status("POST", "/reminders/reassign", give) == 403
    assert world.caller(OWNER).status("POST", "/reminders/release", {"ids": ids}) == 403
    manager = world.caller("max@x.example")
    assert manager.ask("POST", "/reminders/reassign", give)["changed"] == len(ids)
    assert manager.status("POST", "/reminders/reassign", {**give, "owner_id": "nobody"}) == 422
    assert manager.ask("POST", "/reminders/release", {"ids": ids}) == {"changed": 0}
    assert {one["owner_id"] for one in manager.ask("GET", "/colleagues")} == {"rep-2"}


ADMINS: tuple[tuple[str, str, Any, Scope], ...] = (
    ("GET", "/connections", None, Scope.CONNECTIONS),
    ("POST", "/connections/acme/hold", None, Scope.CONNECTIONS),
    ("POST", "/connections/acme/undo", {}, Scope.CONNECTIONS),
    ("DELETE", "/connections/acme", None, Scope.CONNECTIONS),
    ("POST", "/connections/acme/webhook/rotate", {}, Scope.CONNECTIONS),
    ("GET", "/documents/mappings/draft/rules", None, Scope.MAPPINGS),
    ("PATCH", "/documents/policy/draft/settings", {}, Scope.MAPPINGS),
    ("POST", "/simulator", {"reason": "Price"}, Scope.MAPPINGS),
    ("GET", "/people", None, Scope.PEOPLE),
    ("GET", "/actions", None, Scope.PEOPLE),
    ("POST", "/tokens", {"email": "ada@x.example", "name": "x", "scopes": ["read"]}, Scope.PEOPLE),
    ("DELETE", "/tokens/1", None, Scope.PEOPLE),
)


def test_what_admins_do_needs_an_admin_with_a_token_for_it(world: ApiWorld) -> None:
    others = list(Scope)
    for method, path, body, scope in ADMINS:
        assert world.nobody().status(method, path, body) == 401, path
        for email in ("max@x.example", OWNER, "vic@x.example"):
            assert world.caller(email).status(method, path, body) == 403, (email, path)
        restricted = world.caller("ada@x.example", *(one for one in others if one is not scope))
        assert restricted.status(method, path, body) == 403, path


def test_who_may_not_ask_is_refused_before_anything_sent_is_looked_at(world: ApiWorld) -> None:
    rep = world.caller(OWNER)
    assert rep.status("POST", "/people", {"nonsense": 1}) == 403
    assert world.nobody().status("POST", "/people", {"nonsense": 1}) == 401


def test_a_token_says_whose_it_is(world: ApiWorld) -> None:
    me = world.caller(OWNER, Scope.READ).ask("GET", "/me")
    assert (me["email"], me["role"], me["rights"]) == (OWNER, "rep", ["see_own"])
    assert me["owners"] == [{"connection": "acme", "owner_id": "rep-1"}]


def test_a_person_is_switched_off_and_their_token_with_them(world: ApiWorld) -> None:
    admin, rep = world.caller(), world.caller(OWNER)
    assert admin.ask("PATCH", f"/people/{OWNER}", {"is_active": False})["is_active"] is False
    assert rep.status("GET", "/me") == 401
    assert admin.status("PATCH", "/people/ada@x.example", {"role": "viewer"}) == 422  # the last admin
    assert admin.status("GET", "/people/none@x.example") == 404


def test_which_crm_owner_somebody_is_can_be_said(world: ApiWorld) -> None:
    admin, stranger = world.caller(), world.caller(STRANGER)
    path = f"/people/{STRANGER}/owners/acme"
    assert admin.ask("PUT", path, {"owner_id": "rep-1"}) == [{"connection": "acme", "owner_id": "rep-1"}]
    assert stranger.ask("GET", "/deals")["total"] == 1
    assert admin.status("PUT", path, {"owner_id": "nobody"}) == 422
    assert admin.ask("PUT", path, {}) == []


def test_a_token_is_made_used_and_revoked(world: ApiWorld) -> None:
    admin = world.caller()
    made = admin.ask("POST", "/tokens", {"email": OWNER, "name": "bot", "scopes": ["read"], "days": 7})
    bot = Caller(world.service, {"Authorization": f"Bearer {made['token']}"})
    assert bot.ask("GET", "/me")["email"] == OWNER
    kept = next(one for one in admin.ask("GET", "/tokens") if one["name"] == "bot")
    assert "token" not in kept
    assert admin.status("DELETE", f"/tokens/{kept['id']}") == 204
    assert bot.status("GET", "/me") == 401
    assert [one["what"] for one in admin.ask("GET", "/actions?limit=2")["actions"]] == ["token revoked", "token made"]
