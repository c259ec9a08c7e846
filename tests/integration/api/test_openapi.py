"""The API's own document: valid OpenAPI 3.1, complete, with examples that fit; and the page made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask

from service.api.described import examples, operations
from service.store.session import open_store
from tests.integration.api.api_world import ApiWorld
from tests.tables import with_tables


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    home = Path(tmp_path_factory.mktemp("api"))
    store = open_store(f"sqlite:///{home / 'rekindle.db'}")
    with_tables(store)
    return ApiWorld(store, home).service


@pytest.fixture(scope="module")
def document(service: Flask) -> dict[str, Any]:
    answer = service.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def test_the_document_is_valid_openapi(service: Flask, document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", service)
    schema.validate()
    found: Any = list(schema.get_all_operations())  # each is a call, or says why it is none
    assert len([one.ok() for one in found]) == len(list(operations(document)))


def test_every_call_is_told_with_its_name_its_words_and_its_refusals(service: Flask, document: dict[str, Any]) -> None:
    rules = {
        rule.endpoint
        for rule in service.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.endpoint.startswith(("api-docs", "api_docs"))
    }
    assert {operation["operationId"] for _, _, operation in operations(document)} == rules
    for path, method, operation in operations(document):
        assert operation["summary"], path
        assert {"401", "default"} <= set(operation["responses"]), path
        if method == "post":
            names = {one["name"] for one in operation["parameters"]}
            assert "Idempotency-Key" in names, path


def test_every_call_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    names = {operation["operationId"] for _, _, operation in operations(document)}
    assert set(examples()) == names
    wrong = []
    for path, method, operation in operations(document):
        contents = [operation.get("requestBody", {}), *operation["responses"].values()]
        shown = [one for part in contents for one in part.get("content", {}).values() if "example" in one]
        for one in shown:
            validator = jsonschema_rs.validator_for({**one["schema"], "components": document["components"]})
            wrong += [(method, path, error.message) for error in validator.iter_errors(one["example"])]
        body, done = operation.get("requestBody"), next(code for code in operation["responses"] if code[0] == "2")
        assert done == "204" or any(
            "example" in one for one in operation["responses"][done].get("content", {}).values()
        ), (method, path)
        assert not body or any("example" in one for one in body["content"].values()), (method, path)
    assert wrong == []


def test_no_example_holds_a_secret() -> None:
    text = str(examples())
    assert "whsec_shown-only-once" in text
    assert text.count("rk_api_") == text.count("rk_api_shown-only-once")


def test_the_page_shows_every_call_with_a_line_for_the_shell_and_loads_nothing_from_elsewhere(
    service: Flask, document: dict[str, Any]
) -> None:
    answer = service.test_client().get("/api/v1/docs")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in page
    assert 'src="http' not in page
    assert 'href="http' not in page
    for _, _, operation in operations(document):
        assert f'id="{operation["operationId"].replace(".", "-")}"' in page
    assert page.count("curl ") >= len(list(operations(document)))
    assert "rk_api_shown-only-once" in page
