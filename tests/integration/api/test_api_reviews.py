"""What the pages do about reviews, findings, scopes and tokens, done by programs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from service.people.roles import Scope
from service.store.models import ApiTokenRow, ConnectionRow
from service.store.session import Store
from tests.integration.api.api_world import ApiWorld

DRAFT = "/documents/mappings/draft"


@pytest.fixture
def api(store: Store, tmp_path: Path) -> ApiWorld:
    return ApiWorld(store, tmp_path)


def test_a_review_is_made_listed_and_read(api: ApiWorld) -> None:
    admin = api.caller()
    with api.store.begin() as tx:
        tx.query(ConnectionRow).update({"last_sync_at": api.sets.now})

    made = admin.ask("POST", "/reviews", {"week": "2026-W47"})

    assert made["week"] == "2026-W47"
    assert [one["week"] for one in admin.ask("GET", "/reviews")] == ["2026-W47"]
    assert admin.ask("GET", "/reviews/2026-W47")["content"] == made["content"]
    assert admin.call("GET", "/reviews/2026-W46").status_code == 404
    assert api.caller("rep-1@x.example").call("GET", "/reviews").status_code == 403


def test_who_sees_every_deal_says_how_they_want_the_review(api: ApiWorld) -> None:
    assert api.caller().ask("PUT", "/me/review", {"way": "email"}) == {"way": "email", "slack_set": False}
    assert api.caller().ask("GET", "/me/review")["way"] == "email"
    assert api.caller("rep-1@x.example").call("PUT", "/me/review", {"way": "email"}).status_code == 422
    assert api.caller("ada@x.example", Scope.READ).call("PUT", "/me/review", {"way": "off"}).status_code == 403


def test_what_findings_suggest_is_edited_and_brought_back(api: ApiWorld) -> None:
    admin = api.caller()
    shipped = {one["topic"]: one["shipped"] for one in admin.ask("GET", "/findings")}

    assert admin.ask("PUT", "/findings/budget", {"text": "Ask who signs."})["text"] == "Ask who signs."
    assert admin.ask("PUT", "/findings/budget", {"text": ""})["text"] == shipped["budget"]
    assert admin.call("PUT", "/findings/weather", {"text": "x"}).status_code == 404


def test_a_scope_is_counted_drafted_and_published(api: ApiWorld) -> None:
    admin = api.caller()
    api.sets.read(api.sets.lost("d1", "Price", deal_type="new"), api.sets.lost("d2", "Price", deal_type="renewal"))
    scope = {"exclude": {"type": ["renewal"]}}
    counted = admin.ask("POST", "/connections/acme/scope/count", scope)
    assert (counted["inside"], counted["leaving"], counted["entering"]) == (1, 1, 0)

    tag = admin.call("GET", DRAFT).headers["ETag"]
    assert admin.call("PUT", f"{DRAFT}/scopes/acme", scope, If_Match=tag).status_code == 200
    assert admin.call("PUT", f"{DRAFT}/scopes/nobody", scope, If_Match=tag).status_code == 404
    preview = admin.ask("POST", "/documents/mappings/previews", {})
    preview = admin.ask("POST", f"/previews/{preview['id']}/go-on")
    (listed,) = admin.ask("GET", f"/previews/{preview['id']}/outcomes")["outcomes"]
    assert (listed["deal_id"], listed["scope"]) == ("d2", {"from": None, "to": "exclude type=renewal"})
    assert preview["totals"]["leaving"] == 1
    admin.ask("POST", f"/previews/{preview['id']}/publish", {"comment": "Renewals are another team's."})

    assert admin.ask("GET", "/connections/acme")["scope"] == {"exclude": {"type": ["renewal"]}}
    refused = admin.call("PUT", "/connections/acme/fields", {"fields": {"reason": ["Reason"]}})
    assert (refused.status_code, "mapping set" in refused.get_data(as_text=True)) == (422, True)


def test_the_audit_log_is_filtered(api: ApiWorld) -> None:
    admin = api.caller()
    admin.ask("PUT", "/findings/budget", {"text": "Ask who signs."})
    admin.ask("PUT", "/me/review", {"way": "email"})

    found = admin.ask("GET", "/actions?what=suggestion%20changed&words=signs")["actions"]

    assert [one["subject"] for one in found] == ["budget"]
    assert "suggestion changed" in admin.ask("GET", "/actions/kinds")["what"]
    assert admin.ask("GET", "/actions?who=nobody@x.example")["actions"] == []


def test_a_connection_is_left_with_its_tasks(api: ApiWorld) -> None:
    admin = api.caller()
    api.sets.read(api.sets.lost("d1", "Price"))
    api.sets.work()
    assert len(api.sets.crm.open()) == 1
    assert admin.call("DELETE", "/connections/acme").status_code == 422

    assert admin.call("DELETE", "/connections/acme?tasks=leave").status_code == 204

    assert len(api.sets.crm.open()) == 1
    assert admin.ask("GET", "/connections") == []


def test_a_tokens_use_is_noted_once_a_minute(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = api.caller()
    writes: list[str] = []
    monkeypatch.setattr("service.api.who._note_use", _counting(writes))
    first = api.sets.now
    admin.ask("GET", "/me")
    assert _used(api) == first
    api.sets.now += timedelta(seconds=59)
    admin.ask("GET", "/me")
    assert (_used(api), len(writes)) == (first, 1)
    api.sets.now += timedelta(seconds=2)
    admin.ask("GET", "/tokens")

    assert (_used(api), len(writes)) == (api.sets.now, 2)


def _used(api: ApiWorld) -> object:
    with api.store.read() as tx:
        return tx.scalars(select(ApiTokenRow.used_at)).one()


def _counting(writes: list[str]) -> object:
    from service.api import who

    note = who._note_use

    def counted(app: object, token: str) -> None:
        writes.append(token)
        note(app, token)  # type: ignore[arg-type]

    return counted
