"""The API of the editable documents: drafts with ETags, previews, publishing, rollback, the tester."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mappings.taxonomy import Category
from service.deeds import documents
from service.people.roles import Scope
from tests.integration.web.desk import Desk, open_desk

CALLS: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/reasons", None),
    ("GET", "/documents/mappings/draft", None),
    ("PUT", "/documents/mappings/draft", {"text": ""}),
    ("DELETE", "/documents/mappings/draft", None),
    ("POST", "/documents/mappings/previews", {}),
    ("POST", "/documents/mappings/rollback", {"number": 1}),
    ("GET", "/documents/mappings/versions", None),
    ("GET", "/documents/mappings/versions/1", None),
    ("GET", "/documents/mappings/diff?from=1&to=1", None),
    ("GET", "/previews/1", None),
    ("GET", "/previews/1/outcomes", None),
    ("POST", "/previews/1/go-on", None),
    ("POST", "/previews/1/publish", {"comment": "x"}),
    ("POST", "/reasons/assign", {"values": ["x"], "category": "need"}),
    ("POST", "/reasons/test", {"text": "x"}),
)
REFUSED: tuple[tuple[str, str, Any, int], ...] = (
    ("GET", "/documents/nothing/draft", None, 404),
    ("GET", "/previews/99", None, 404),
    ("GET", "/previews/99999999999999999999", None, 404),
    ("GET", "/previews/99/outcomes", None, 404),
    ("GET", "/documents/policy/versions/7", None, 404),
    ("POST", "/documents/policy/rollback", {"number": 7}, 404),
    ("POST", "/documents/policy/previews", {}, 422),
    ("POST", "/documents/policy/previews", {"rollback_to": 1}, 422),
    ("POST", "/previews/99/publish", {"comment": "x"}, 409),
    ("GET", "/reasons?connection=nobody", None, 404),
    ("POST", "/reasons/test", {"text": "x", "place": "moon"}, 422),
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as opened:
        opened.sets.read(opened.sets.lost("d1", "Blorp"), opened.sets.lost("d2", "Blorp"))
        yield opened


class Program:
    """A program with a token of an admin's."""

    def __init__(self, desk: Desk, *scopes: Scope) -> None:
        self.client: FlaskClient = desk.service.test_client()
        self.headers = desk.token(*scopes)

    def call(self, method: str, path: str, body: Any = None, *, match: str = "") -> TestResponse:
        headers = {**self.headers, **({"If-Match": match} if match else {})}
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=headers)

    def ask(self, method: str, path: str, body: Any = None, *, match: str = "") -> Any:
        answer = self.call(method, path, body, match=match)
        assert answer.status_code < 300, answer.get_data(as_text=True)
        return answer.json


@pytest.fixture
def program(desk: Desk) -> Program:
    return Program(desk, Scope.MAPPINGS)


def etag(program: Program, kind: str = "mappings") -> str:
    return program.call("GET", f"/documents/{kind}/draft").headers["ETag"]


def assign(program: Program, **values: Any) -> TestResponse:
    body: Mapping[str, Any] = {"values": ["Blorp"], "category": "budget", "sub_reason": "frozen", **values}
    return program.call("POST", "/reasons/assign", body, match=etag(program))


def test_a_token_without_the_scope_may_do_none_of_it(desk: Desk) -> None:
    reader, nobody = Program(desk, Scope.READ), desk.service.test_client()

    for method, path, body in CALLS:
        assert reader.call(method, path, body).status_code == 403, path
        assert nobody.open(f"/api/v1{path}", method=method).status_code == 401, path


def test_reasons_are_listed_with_what_they_are_taken_to_mean(program: Program) -> None:
    found = program.ask("GET", "/reasons?q=blo")

    assert found["total"] == 1
    one = found["reasons"][0]
    assert (one["values"], one["count"], one["needs_review"]) == ([{"field": "Reason", "value": "Blorp"}], 2, True)
    assert one["amounts"] == {"EUR": 2000.0}


def test_a_draft_is_saved_only_over_the_revision_that_was_seen(program: Program) -> None:
    there = program.call("GET", "/documents/mappings/draft")
    text = there.json["text"].replace("Rekindle defaults", "Ours") if there.json else ""

    saved = program.call("PUT", "/documents/mappings/draft", {"text": text}, match=there.headers["ETag"])
    again = program.call("PUT", "/documents/mappings/draft", {"text": text}, match=there.headers["ETag"])
    unseen = program.call("PUT", "/documents/mappings/draft", {"text": text})

    assert (saved.status_code, again.status_code, unseen.status_code) == (200, 412, 428)
    assert saved.headers["ETag"] == again.headers["ETag"] != there.headers["ETag"]
    assert again.content_type == "application/problem+json"
    assert again.json is not None
    assert any("Ours" in says for says in again.json["errors"]["differences"])


def test_a_document_with_faults_is_refused_by_line(program: Program) -> None:
    refused = program.call(
        "PUT", "/documents/policy/draft", {"text": "[timing]\nnotice_days = 1.5\n"}, match=etag(program, "policy")
    )

    assert refused.status_code == 422
    assert refused.json is not None
    assert (refused.json["errors"][0]["line"], refused.json["errors"][0]["path"]) == (2, "timing.notice_days")


def test_from_a_value_to_every_deal_and_back(desk: Desk, program: Program) -> None:
    before, days = desk.sets.meanings()["d1"][:2], desk.sets.days()
    assert assign(program).json["is_open"]  # type: ignore[index]

    preview = program.ask("POST", "/documents/mappings/previews", {})
    outcomes = program.ask("GET", f"/previews/{preview['id']}/outcomes?limit=1")
    rest = program.ask("GET", f"/previews/{preview['id']}/outcomes?after={outcomes['next']}")
    assert preview["totals"]["changed"] == 2
    assert preview["differences"][0]["path"] == 'label "Blorp"'
    assert [one["deal_id"] for one in (*outcomes["outcomes"], *rest["outcomes"])] == ["d1", "d2"]

    published = program.ask("POST", f"/previews/{preview['id']}/publish", {"comment": "Blorp is frozen"})
    assert (published["state"], published["number"]) == ("published", 2)
    assert desk.sets.meanings()["d1"][:2] == (Category.BUDGET, "frozen")
    versions = program.ask("GET", "/documents/mappings/versions")
    assert (versions[0]["number"], versions[0]["comment"]) == (2, "Blorp is frozen")
    assert program.ask("GET", "/documents/mappings/diff?from=1&to=2")[0]["path"] == 'label "Blorp"'

    back = program.ask("POST", "/documents/mappings/rollback", {"number": 1})
    program.ask("POST", f"/previews/{back['id']}/publish", {"comment": "No"})
    assert desk.sets.meanings()["d1"][:2] == before
    assert {key: value for key, value in desk.sets.days().items() if key in days} == days


def test_what_one_request_does_not_end_the_next_ones_do(
    desk: Desk, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "AT_ONCE_S", 0.0)
    assign(program)
    preview = program.ask("POST", "/documents/mappings/previews", {})
    while preview["state"] == "building":
        preview = program.ask("POST", f"/previews/{preview['id']}/go-on")
    published = program.ask("POST", f"/previews/{preview['id']}/publish", {"comment": "Blorp is frozen"})
    while published["state"] == "publishing":
        published = program.ask("POST", f"/previews/{preview['id']}/go-on")

    assert (preview["totals"]["changed"], published["totals"]["applied"]) == (2, 2)
    assert desk.sets.meanings()["d1"][:2] == (Category.BUDGET, "frozen")


def test_a_preview_that_does_not_hold_any_more_is_not_published(desk: Desk, program: Program) -> None:
    before = desk.sets.meanings()
    assign(program)
    preview = program.ask("POST", "/documents/mappings/previews", {})
    assign(program, category="need", sub_reason=None)

    refused = program.call("POST", f"/previews/{preview['id']}/publish", {"comment": "now"})

    assert refused.status_code == 409
    assert program.ask("GET", f"/previews/{preview['id']}")["stale"] == "the draft was changed since"
    assert desk.sets.meanings() == before


@pytest.mark.parametrize("odd", ["a\x00b", "a\ud800b"])
def test_words_that_no_database_takes_are_refused(desk: Desk, program: Program, odd: str) -> None:
    assert assign(program, values=[odd]).status_code in (400, 422)
    assert program.call("POST", "/reasons/test", {"text": odd}).status_code in (400, 422)
    assert assign(program).status_code == 200
    preview = program.ask("POST", "/documents/mappings/previews", {})
    assert program.call("POST", f"/previews/{preview['id']}/publish", {"comment": odd}).status_code in (400, 422)
    assert program.ask("POST", f"/previews/{preview['id']}/publish", {"comment": "fine"})["number"] == 2


def test_a_text_is_tried_in_force_and_in_the_draft(program: Program) -> None:
    assign(program)

    found = program.ask("POST", "/reasons/test", {"text": "Blorp"})

    assert found["draft"]["category"] == "budget"
    assert found["published"]["category"] != "budget"


def test_what_cannot_be_is_a_problem_in_words(program: Program) -> None:
    for method, path, body, status in REFUSED:
        refused = program.call(method, path, body)

        assert (path, refused.status_code) == (path, status)
        assert refused.content_type == "application/problem+json"


def test_the_openapi_document_names_the_calls(program: Program) -> None:
    paths = program.ask("GET", "/openapi.json")["paths"]

    assert {"/api/v1/reasons", "/api/v1/documents/{kind}/draft", "/api/v1/previews/{preview_id}/publish"} <= set(paths)
