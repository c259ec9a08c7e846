"""The three addresses: who is let in, what is kept, and what is answered, on both databases."""

from __future__ import annotations

import io
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from gunicorn.http.errors import InvalidChunkSize
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from connectors.sandbox.webhooks import hubspot_headers
from service import clock
from service.connections.webhook_keys import rotate_webhook_keys
from service.observe.metrics import exposition
from service.store.arrivals import insert_events
from service.store.models import ConnectionRow
from service.store.session import BUSY_TIMEOUT_MS, Store
from service.webhooks import committer
from tests.integration.webhooks.web_world import APP_SECRET, BASE, ORG, OWN_SECRET, PORTAL, WebWorld, broken
from tests.patience import PATIENCE_S

DEAL, OTHER_DEAL = "006xx000003GYkJAAW", "006xx000003GYkKAAW"
NUMBER, OTHER_NUMBER = "04lxx0000008yZDAAY", "04lxx0000008yZEAAY"


@pytest.fixture
def world(store: Store, tmp_path: Path) -> WebWorld:
    return WebWorld(store, tmp_path)


def is_full(*_: Any) -> int:
    raise OperationalError("INSERT", {}, Exception("database or disk is full"))


def counted(name: str, **labels: str) -> float:
    wanted = {f'{label}="{value}"' for label, value in labels.items()}
    for line in exposition().decode().splitlines():
        if line.startswith(name + "{") and wanted <= set(line[len(name) + 1 : line.index("}")].split(",")):
            return float(line.rpartition(" ")[2])
    return 0.0


# --- HubSpot


def test_a_batch_is_stored_before_it_is_answered(world: WebWorld) -> None:
    answer = world.hubspot(world.web(), [world.event(number) for number in range(1, 101)])
    assert answer.status_code == 200
    assert sorted(map(int, world.named())) == list(range(1, 101))
    assert {row.state for row in world.inbox()} == {"pending"}


def test_repeated_shuffled_and_renumbered_events_are_one_row_each(world: WebWorld) -> None:
    client = world.web()
    events = [world.event(1), world.event(2, event_id=1), world.event(1, changes="closed_lost_reason")]
    for sent in (events, events[::-1], [{**one, "attemptNumber": 4} for one in events], [*events, *events]):
        assert world.hubspot(client, sent).status_code == 200
    assert sorted(world.named()) == ["1", "1", "2"]


def test_a_bad_signature_is_answered_401_and_leaves_nothing_but_a_counter(world: WebWorld) -> None:
    before = counted("rekindle_webhooks_total", via="hubspot", outcome="bad_signature")
    answer = world.hubspot(world.web(), [world.event(1)], secret="wrong")
    assert answer.status_code == 401
    assert answer.get_json()["reason"] == "bad_signature"
    assert world.inbox() == []
    assert counted("rekindle_webhooks_total", via="hubspot", outcome="bad_signature") == before + 1


def test_a_portal_that_is_not_connected_is_answered_2xx_and_counted(world: WebWorld) -> None:
    before = counted("rekindle_webhook_events_total", via="hubspot", outcome="unknown_account")
    assert world.hubspot(world.web(), [world.event(1, portalId=4711)]).status_code == 200
    assert world.inbox() == []
    assert counted("rekindle_webhook_events_total", via="hubspot", outcome="unknown_account") == before + 1


def test_a_connections_own_secret_is_used_where_it_has_one(world: WebWorld) -> None:
    world.add("second", "hubspot", "7", secret=OWN_SECRET)
    client = world.web()
    assert world.hubspot(client, [world.event(1, portalId=7)], secret=OWN_SECRET).status_code == 200
    assert world.hubspot(client, [world.event(2, portalId=7)]).status_code == 401
    assert world.hubspot(client, [world.event(3)], secret=OWN_SECRET).status_code == 401
    assert world.named() == ["1"]


def test_a_connection_made_just_now_is_known_at_once(world: WebWorld) -> None:
    client = world.web(webhook_directory_s=3600.0)
    assert world.hubspot(client, [world.event(1)]).status_code == 200
    threading.Event().wait(0.15)  # the directory is not read again by every stranger
    world.add("second", "hubspot", "7", secret=OWN_SECRET)
    world.add("third", "hubspot", "8")
    assert world.hubspot(client, [world.event(2, portalId=7)], secret=OWN_SECRET).status_code == 200
    threading.Event().wait(0.15)
    assert world.hubspot(client, [world.event(3, portalId=8)]).status_code == 200
    assert world.named() == ["1", "2", "3"]


def test_the_signed_address_is_the_configured_one_or_that_of_the_request(world: WebWorld) -> None:
    assert world.hubspot(world.web(), [world.event(1)], base="http://localhost").status_code == 401
    assert world.hubspot(world.web(base_url=""), [world.event(1)], base="http://localhost").status_code == 200


@pytest.mark.parametrize(("proxies", "status"), [((), 401), (("127.0.0.0/8",), 200), (("10.0.0.1",), 401)])
def test_forwarded_headers_count_only_from_named_hops(world: WebWorld, proxies: tuple[str, ...], status: int) -> None:
    client = world.web(base_url="", trusted_proxies=proxies)
    client.environ_base.update(HTTP_X_FORWARDED_PROTO="https", HTTP_X_FORWARDED_HOST="rekindle.example")
    assert world.hubspot(client, [world.event(1)], base=BASE).status_code == status


@pytest.mark.parametrize(
    ("size", "status"), [(9_000, 413), (10, 400)], ids=["more than the limit", "less, but no events"]
)
def test_a_body_that_is_too_large_or_no_events_is_refused(world: WebWorld, size: int, status: int) -> None:
    body = b"x" * size
    headers = hubspot_headers("the-apps-secret", url=f"{BASE}/webhooks/hubspot", body=body, at=world.now)
    answer = world.web(webhook_max_bytes=8_000).post("/webhooks/hubspot", data=body, headers=headers)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert world.inbox() == []


def test_a_database_that_cannot_be_written_is_answered_503_and_the_next_try_succeeds(
    world: WebWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.web()
    assert world.hubspot(client, [world.event(1)]).status_code == 200
    with monkeypatch.context() as patch:
        patch.setattr(committer, "insert_events", is_full)
        answer = world.hubspot(client, [world.event(2)])
        assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
    assert world.hubspot(client, [world.event(2)]).status_code == 200
    assert world.named() == ["1", "2"]


def test_a_writer_that_hangs_is_answered_503_in_time(world: WebWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr(committer, "insert_events", lambda *given: goes_on.wait(PATIENCE_S) and insert_events(*given))
    client = world.web(webhook_commit_timeout_s=0.05)
    assert world.hubspot(client, [world.event(1)]).status_code == 503
    goes_on.set()


def test_a_connection_that_was_removed_meanwhile_fails_only_its_own_webhooks(world: WebWorld) -> None:
    client = world.web(webhook_directory_s=3600.0)
    world.hubspot(client, [world.event(1)])
    with world.store.begin() as tx:
        tx.execute(delete(ConnectionRow).where(ConnectionRow.name == "portal"))
    assert world.hubspot(client, [world.event(2)]).status_code == 503
    assert world.salesforce(client, {NUMBER: DEAL}).status_code == 200


def test_whoever_works_on_the_inbox_is_woken_after_the_commit(world: WebWorld) -> None:
    woken: list[tuple[str, int]] = []
    told = threading.Event()

    def wake(name: str) -> None:
        woken.append((name, len(world.inbox())))
        told.set()
        raise RuntimeError("the queue is away")

    assert world.hubspot(world.web(wake=wake), [world.event(1)]).status_code == 200
    assert told.wait(PATIENCE_S)
    assert woken == [("portal", 1)]


def test_webhooks_go_first_while_a_sync_saves_one_helping_after_another(world: WebWorld) -> None:
    client, most, saved = world.web(), 200, list[int]()  # helpings that would take half a minute
    is_over, has_begun = threading.Event(), threading.Event()

    def save_helpings() -> None:
        while not is_over.is_set() and len(saved) < most:
            with world.store.begin() as tx:
                world.row(tx, "org").account_name = "Busy"
                tx.flush()
                has_begun.set()
                is_over.wait(0.15)
            saved.append(1)

    saving = threading.Thread(target=save_helpings)
    saving.start()
    assert has_begun.wait(PATIENCE_S)
    try:
        assert [world.hubspot(client, [world.event(number)]).status_code for number in range(5)] == [200] * 5
        assert len(saved) < most, "they waited until the sync had saved everything"
    finally:
        is_over.set()
        saving.join()


# --- Salesforce


def test_a_message_is_acknowledged_only_when_all_of_it_is_stored(
    world: WebWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.web()
    answer = world.salesforce(client, {NUMBER: DEAL, OTHER_NUMBER: OTHER_DEAL})
    assert (answer.status_code, b"<Ack>true</Ack>" in answer.data) == (200, True)
    assert world.salesforce(client, {NUMBER: DEAL}).status_code == 200
    assert world.salesforce(client, {NUMBER: DEAL[:15]}, org=ORG[:15]).status_code == 200
    assert sorted(world.named()) == [DEAL, OTHER_DEAL]
    monkeypatch.setattr(committer, "insert_events", is_full)
    answer = world.salesforce(client, {"04lxx0000008yZFAAY": DEAL})
    assert (answer.status_code, b"true" in answer.data) == (503, False)


@pytest.mark.parametrize(
    ("values", "status"),
    [({"token": "x"}, 401), ({"name": "portal"}, 401), ({"name": "nobody"}, 401), ({"org": "00Dxx0000001gPMEAY"}, 401)],
)
def test_a_wrong_token_connection_or_organisation_is_refused(world: WebWorld, values: Any, status: int) -> None:
    assert world.salesforce(world.web(), {NUMBER: DEAL}, **values).status_code == status
    assert world.inbox() == []


def test_after_a_rotation_the_former_token_and_secret_count_for_the_overlap(world: WebWorld) -> None:
    former = world.keys("org")
    with world.store.begin() as tx:
        rotate_webhook_keys(world.row(tx, "org"), world.app.keyring, now=world.now, overlap=timedelta(hours=24))
    for hours, status in ((0, 200), (23, 200), (2, 401)):
        world.pass_time(hours=hours)
        client = world.web()
        assert world.salesforce(client, {NUMBER: DEAL}, token=former.token).status_code == status
        assert world.announce(client, orjson.dumps({"ids": [DEAL]}), secret=former.secret).status_code == status
    assert world.salesforce(world.web(), {NUMBER: DEAL}).status_code == 200


# --- any sender


def test_any_sender_who_knows_the_secret_names_deals(world: WebWorld) -> None:
    client = world.web()
    for _ in range(2):
        assert world.announce(client, orjson.dumps({"ids": [DEAL[:15], OTHER_DEAL]})).status_code == 200
    assert sorted(world.named()) == [DEAL, OTHER_DEAL]
    assert world.announce(client, orjson.dumps({"ids": [DEAL]}), id_="msg_2").status_code == 200
    assert sorted(world.named()) == [DEAL, DEAL, OTHER_DEAL]


@pytest.mark.parametrize(
    ("body", "values", "status"),
    [
        (b'{"ids": ["no id"]}', {}, 400),
        (b"{}", {}, 400),
        (b"\xff", {}, 400),
        (b'{"ids": ["1"]}', {"name": "portal"}, 200),
        (b'{"ids": [1]}', {"name": "portal", "secret": "whsec_eA=="}, 401),
        (b'{"ids": ["1"]}', {"name": "nobody", "secret": "whsec_eA=="}, 401),
    ],
)
def test_what_any_sender_may_get_wrong_is_told_apart(world: WebWorld, body: bytes, values: Any, status: int) -> None:
    assert world.announce(world.web(), body, **values).status_code == status


# --- both ways to them: the short one, and the framework's for whatever is not plain


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/webhooks/hubspot", b"[]"),
        ("/webhooks/hubspot", b'{"a": '),
        ("/webhooks/deals", b"[]"),
        ("/webhooks/nobody", b"[]"),
        ("/webhooks/deals/portal", b"{}"),
        ("/webhooks/salesforce/org/a-wrong-token", b"<x/>"),
        ("/webhooks/deals/portal/more", b"{}"),
        ("/webhooks/hubspot/", b"[]"),
        ("/webhooks/hubspot", b"x" * 9_000),
        ("/webhooks/hübspot", b"[]"),
    ],
)
@pytest.mark.parametrize("is_signed", [True, False])
def test_both_ways_give_the_same_answer(world: WebWorld, path: str, body: bytes, is_signed: bool) -> None:
    client = world.web(webhook_max_bytes=8_000)
    headers = hubspot_headers(APP_SECRET, url=f"{BASE}{path}", body=body, at=world.now) if is_signed else {}
    plain = client.post(path, data=body, headers=headers)
    in_pieces = {**headers, "Transfer-Encoding": "chunked"}
    other = client.post(path, data=body, headers=in_pieces, environ_overrides={"wsgi.input_terminated": True})
    assert plain.status_code == other.status_code
    assert _without_id(plain) == _without_id(other)
    assert plain.headers["X-Request-ID"] != other.headers["X-Request-ID"]


def test_a_batch_in_pieces_of_unknown_number_is_taken_too(world: WebWorld) -> None:
    body = orjson.dumps([world.event(1)])
    headers = hubspot_headers(APP_SECRET, url=f"{BASE}/webhooks/hubspot", body=body, at=world.now)
    in_pieces = {**headers, "Transfer-Encoding": "chunked"}
    answer = world.web().post(
        "/webhooks/hubspot", data=body, headers=in_pieces, environ_overrides={"wsgi.input_terminated": True}
    )
    assert (answer.status_code, world.named()) == (200, ["1"])


def test_a_body_that_broke_off_is_no_webhook(world: WebWorld) -> None:
    body = orjson.dumps([world.event(1)])
    headers = hubspot_headers(APP_SECRET, url=f"{BASE}/webhooks/hubspot", body=body, at=world.now)
    longer = {"CONTENT_LENGTH": str(len(body) + 1)}
    answer = world.web().post("/webhooks/hubspot", data=body, headers=headers, environ_overrides=longer)
    assert (answer.status_code, world.inbox()) == (400, [])


def test_pieces_that_are_none_are_no_webhook(world: WebWorld) -> None:
    class Pieces(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise InvalidChunkSize(b"zz")

        readinto = readline = read  # type: ignore[assignment]  # whichever way it is read

    pieces = {"wsgi.input": Pieces(), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = world.web().post("/webhooks/hubspot", environ_overrides=pieces)
    assert (answer.status_code, answer.get_json()["reason"]) == (400, "malformed")


def test_no_log_holds_the_token_of_an_address(world: WebWorld, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    assert world.salesforce(world.web(), {NUMBER: DEAL}, token="a-guess-that-opens-nothing").status_code == 401
    assert "a-guess-that-opens-nothing" not in caplog.text


def _without_id(answer: TestResponse) -> Any:
    kept = {name: value for name, value in answer.headers.items() if name != "X-Request-ID"}
    return kept, answer.data.replace(answer.headers["X-Request-ID"].encode(), b"")


# --- the service


def test_the_service_says_how_each_dependency_is(world: WebWorld) -> None:
    client = world.web()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert set(answer.get_json()["checks"]) == {"database", "migrations"}
    with broken(world.store, OperationalError("SELECT", {}, Exception("away"))):
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.get_json()["checks"]["database"]["ok"] is False


def test_whether_it_is_ready_waits_for_nobody_who_writes(world: WebWorld) -> None:
    client = world.web()
    with world.store.begin() as tx:
        world.row(tx, "org").account_name = "Busy"
        tx.flush()
        began = clock.monotonic()
        assert client.get("/readyz").get_json()["checks"]["database"]["ok"]
        assert clock.monotonic() - began < BUSY_TIMEOUT_MS / 1000, "it did not wait for the lock"


def test_figures_are_there_for_prometheus_and_name_no_customer(world: WebWorld) -> None:
    client = world.web()
    world.hubspot(client, [world.event(1)])
    figures = client.get("/metrics").get_data(as_text=True)
    assert 'rekindle_inbox_rows{state="pending"} 1.0' in figures
    assert "rekindle_webhooks_total" in figures
    assert str(PORTAL) not in figures


def test_every_answer_carries_its_headers_and_an_id(world: WebWorld) -> None:
    for path, status in (("/healthz", 200), ("/nowhere", 404), ("/webhooks/nobody", 405)):
        answer = world.web().get(path)
        assert answer.status_code == status
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Request-ID"]
    assert world.web().post("/webhooks/nobody").status_code == 404
