"""What nobody well-meaning sends: every call refuses it in words, and none fails of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from service.api.described import examples, operations
from service.store.session import Store
from tests.api_examples.__main__ import make_world
from tests.integration.api.api_world import ApiWorld, Caller

HUGE = b"9" * 5000
BODIES: dict[str, bytes] = {
    "no JSON": b"{",
    "half of a pair, escaped": b'{"text": "\\ud800"}',
    "half of a pair, in bytes": b'{"text": "\xed\xa0\x80"}',
    "no UTF-8": b"\xff\xfe{}",
    "nested without end": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a number too large": b'{"ids": [' + HUGE + b"]}",
    "no number": b'{"limit": NaN}',
    "a list": b"[1, 2]",
    "a word": b'"x"',
    "over a megabyte": b'{"text": "' + b"x" * 1_100_000 + b'"}',
}
WORDS = (
    "\x00",
    "a\x00b",
    "\u202e",
    "9" * 400,
    "-1",
    "../../etc/passwd",
    "' OR 1=1 --",
    "x" * 5000,
    "\ud83d",
)


@pytest.fixture
def world(store: Store, tmp_path: Path) -> ApiWorld:
    made = ApiWorld(store, tmp_path)
    make_world(made)
    return made


def calls(world: ApiWorld) -> Iterator[tuple[str, str, dict[str, Any]]]:
    yield from operations(world.service.test_client().get("/api/v1/openapi.json").get_json())


def filled(path: str, operation: dict[str, Any], word: str | None = None) -> str:
    for name, value in examples()[operation["operationId"]].get("path", {}).items():
        path = path.replace(f"{{{name}}}", quote(str(value) if word is None else word, safe="", errors="surrogatepass"))
    return path


def send(world: ApiWorld, caller: Caller, method: str, path: str, **more: Any) -> int:
    headers = {**caller.headers, "If-Match": '"0"'}
    answer = world.service.test_client().open(path, method=method.upper(), headers=headers, **more)
    if answer.status_code >= 400:
        assert answer.mimetype == "application/problem+json", (method, path[:200], answer.get_data(as_text=True)[:200])
    return answer.status_code


@pytest.mark.slow
def test_a_hostile_body_is_refused_by_every_call_that_takes_one(world: ApiWorld) -> None:
    admin = world.caller()
    wrong: list[tuple[str, ...]] = []
    for path, method, operation in calls(world):
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            continue
        for name, body in BODIES.items():
            status = send(world, admin, method, filled(path, operation), data=body, content_type="application/json")
            if not 400 <= status < 500:
                wrong.append((method, path, name, str(status)))
    assert wrong == []


@pytest.mark.slow
def test_a_nul_anywhere_in_a_body_is_refused(world: ApiWorld) -> None:
    admin = world.caller()
    wrong: list[tuple[str, ...]] = []
    for path, method, operation in calls(world):
        takes = examples()[operation["operationId"]].get("takes")
        if not isinstance(takes, dict):
            continue
        for name, value in takes.items():
            if isinstance(value, str) and name != "until" and not value[:1].isdigit():
                body = orjson.dumps({**takes, name: f"{value}\x00"})
                status = send(world, admin, method, filled(path, operation), data=body, content_type="application/json")
                if not 400 <= status < 500:
                    wrong.append((method, path, name, str(status)))
    assert wrong == []


@pytest.mark.slow
def test_hostile_words_in_paths_and_queries_never_fail(world: ApiWorld) -> None:
    admin = world.caller()
    wrong: list[tuple[str, ...]] = []
    for path, method, operation in calls(world):
        for word in WORDS:
            if "{" in path and (status := send(world, admin, method, filled(path, operation, word))) >= 500:
                wrong.append((method, path, word[:20], str(status)))
            for one in operation.get("parameters", ()):
                if one["in"] == "query":
                    query = f"?{one['name']}={quote(word, errors='surrogatepass')}"
                    if (status := send(world, admin, method, filled(path, operation) + query)) >= 500:
                        wrong.append((method, path, one["name"], word[:20], str(status)))
    assert wrong == []


def test_a_hostile_token_is_nobodys(world: ApiWorld) -> None:
    for token in ("", "x", "rk_api_" + "x" * 5000, "rk_api_\xe9"):
        caller = Caller(world.service, {"Authorization": f"Bearer {token}"})
        assert caller.status("GET", "/me") == 401
