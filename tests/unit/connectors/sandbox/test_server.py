"""The server under the sandbox's CRMs: what goes wrong when it is told to, and what it counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from connectors.sandbox.faults import Fault
from connectors.sandbox.server import RunningServer, serve
from connectors.sandbox.wire import Request, Response, json_response

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Counter:
    """An app that counts what it was asked to do."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.expired = 0

    def __call__(self, request: Request, now: datetime) -> Response:
        self.done.append(f"{request.method} {request.path}")
        return json_response({"body": request.body.decode(), "args": request.args, "at": now.isoformat()})

    def expire_tokens(self) -> None:
        self.expired += 1


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def server(waits: list[float]) -> Iterator[RunningServer[Counter]]:
    with serve(Counter(), now=lambda: NOW, sleep=waits.append) as running:
        yield running


@pytest.fixture
def client() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def test_a_request_reaches_the_app_with_its_body_and_the_servers_clock(
    server: RunningServer[Counter], client: requests.Session
) -> None:
    answer = client.post(f"{server.url}/a/b?x=1&y=%2F", data="hello").json()

    assert answer == {"body": "hello", "args": {"x": "1", "y": "/"}, "at": NOW.isoformat()}


def test_a_body_sent_in_chunks_is_put_together(server: RunningServer[Counter], client: requests.Session) -> None:
    assert client.post(server.url, data=iter([b"one ", b"two"])).json()["body"] == "one two"


def test_a_client_that_trusts_the_authority_made_at_the_start_speaks_tls(
    tmp_path: Path, client: requests.Session
) -> None:
    with serve(Counter(), now=lambda: NOW, tls_folder=tmp_path) as server:
        assert server.url.startswith("https://")
        assert client.get(server.url, verify=str(server.ca_file)).status_code == 200
        with pytest.raises(requests.exceptions.SSLError):
            client.get(server.url)


@pytest.mark.parametrize("is_tls", [False, True])
def test_a_server_that_has_ended_answers_nobody_any_more(
    tmp_path: Path, client: requests.Session, is_tls: bool
) -> None:
    with serve(Counter(), now=lambda: NOW, tls_folder=tmp_path if is_tls else None) as server:
        client.verify = str(server.ca_file) if is_tls else True
        assert client.get(server.url).status_code == 200

    with pytest.raises(requests.ConnectionError):
        client.get(server.url)


def test_a_large_answer_is_compressed_only_for_clients_that_take_it(
    server: RunningServer[Counter], client: requests.Session
) -> None:
    body = "x" * 5_000

    packed = client.post(server.url, data=body, headers={"Accept-Encoding": "gzip"})
    plain = client.post(server.url, data=body, headers={"Accept-Encoding": "identity"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.json()["body"] == plain.json()["body"] == body


def test_the_next_matching_requests_are_answered_with_the_faults_status(
    server: RunningServer[Counter], client: requests.Session
) -> None:
    server.faults.add(Fault(method="GET", path="/deals", times=2, status=503, body="<html>busy</html>"))

    statuses = [client.get(f"{server.url}{path}").status_code for path in ("/deals", "/other", "/deals", "/deals")]

    assert statuses == [503, 200, 503, 200]
    assert server.app.done == ["GET /other", "GET /deals"]


def test_a_connection_cut_before_the_request_leaves_nothing_done(
    server: RunningServer[Counter], client: requests.Session
) -> None:
    server.faults.add(Fault(close="before"))

    with pytest.raises(requests.ConnectionError):
        client.post(f"{server.url}/write", data="x")

    assert server.app.done == []


@pytest.mark.parametrize("close", ["after", "during"])
def test_a_connection_cut_after_the_request_leaves_the_write_done(
    server: RunningServer[Counter], client: requests.Session, close: str
) -> None:
    server.faults.add(Fault(close=close))  # type: ignore[arg-type]  # the parameter is one of the words

    with pytest.raises(requests.RequestException):
        client.post(f"{server.url}/write", data="x")

    assert server.app.done == ["POST /write"]


def test_a_write_can_be_carried_out_and_still_be_answered_with_an_error(
    server: RunningServer[Counter], client: requests.Session
) -> None:
    server.faults.add(Fault(status=502, body={"oh": "no"}, is_handled=True))

    assert client.post(server.url, data="x").status_code == 502
    assert server.app.done == ["POST /"]


def test_a_fault_can_spare_the_first_requests_and_wait_before_it_strikes(
    server: RunningServer[Counter], client: requests.Session, waits: list[float]
) -> None:
    server.faults.add(Fault(skip=1, status=500, delay_s=12.5, is_token_expiry=True))

    assert [client.get(server.url).status_code for _ in range(3)] == [200, 500, 200]
    assert waits == [12.5]
    assert server.app.expired == 1


def test_the_same_seed_strikes_the_same_requests(server: RunningServer[Counter], client: requests.Session) -> None:
    def run() -> list[int]:
        server.faults.clear()
        server.faults.seed(3)
        server.faults.add(Fault(status=500, probability=0.4, times=None))
        return [client.get(server.url).status_code for _ in range(20)]

    first, second = run(), run()

    assert first == second
    assert set(first) == {200, 500}


def test_requests_are_counted_by_method_and_route(server: RunningServer[Counter], client: requests.Session) -> None:
    for path in ("/v66.0/Task/00TSb0000000001MAA", "/v66.0/Task/00TSb0000000002MAA", "/crm/v3/objects/deals/9912345"):
        client.get(server.url + path)

    assert server.calls.by_kind() == {"GET /crm/v3/objects/deals/{id}": 1, "GET /{v}/Task/{id}": 2}
    assert server.calls.count("Task") == 2


def test_faults_and_calls_can_be_reached_over_http(server: RunningServer[Counter], client: requests.Session) -> None:
    fault = {"path": "/deals", "status": 429, "body": {"status": "error"}, "headers": {"Retry-After": "1"}}
    assert client.post(f"{server.url}/__sandbox__/faults", json={"seed": 1, "faults": [fault]}).status_code == 200

    limited = client.get(f"{server.url}/deals")

    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "1")
    assert client.get(f"{server.url}/__sandbox__/calls").json() == {"total": 1, "by_kind": {"GET /deals": 1}}
    assert client.post(f"{server.url}/__sandbox__/faults", json={"colour": "red"}).status_code == 400
    assert client.delete(f"{server.url}/__sandbox__/calls").json()["total"] == 0
