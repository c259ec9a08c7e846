"""From a webhook at `rekindle serve` to the task in the CRM, with real processes and both sandbox CRMs."""

from __future__ import annotations

import contextlib
import http.client
import signal
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest

from connectors.sandbox.hubspot.settings import DEMO_TOKEN
from connectors.sandbox.webhooks import (
    SALESFORCE_HEADERS,
    Answered,
    hubspot_deliveries,
    hubspot_event,
    salesforce_message,
    send,
)
from service import clock
from tests.e2e.command_line import CommandLine
from tests.e2e.conftest import Org, Portal
from tests.patience import PATIENCE_S, eventually, free_port

HUSH = "the-apps-own-secret"


@contextlib.contextmanager
def serving(rekindle: CommandLine, *, log: Any = subprocess.DEVNULL) -> Iterator[str]:
    """`rekindle serve` until the block ends; the address it answers at."""
    port = free_port()
    with rekindle.start("serve", "--port", port, stdout=log, stderr=log) as server:
        try:
            wait_until_up(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(timeout=PATIENCE_S) == 0


def get(url: str, path: str) -> tuple[int, bytes]:
    with contextlib.closing(http.client.HTTPConnection(url.removeprefix("http://"), timeout=PATIENCE_S)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def deliver(url: str, headers: Mapping[str, str], body: bytes) -> Answered:
    """One delivery, with patience for a machine that has other things to do."""
    return send(url, headers, body, timeout_s=PATIENCE_S)


def wait_until_up(port: int) -> None:
    def is_up() -> bool:
        with contextlib.suppress(OSError):
            return get(f"http://127.0.0.1:{port}", "/healthz")[0] == 200
        return False

    eventually(is_up, "the server is up", every_s=0.05)


def lose_in_hubspot(portal: Portal) -> int:
    """A deal that is open is lost there now."""
    stages = {one.id: one for pipeline in portal.portal.state.pipelines for one in pipeline.stages}
    lost = next(one.id for one in stages.values() if one.is_closed and not one.is_won)
    deal = next(
        one for one in portal.portal.state.table("deals").live() if not stages[one.properties["dealstage"]].is_closed
    )
    portal.portal.edit("deals", deal.id, at=clock.now(), dealstage=lost, closed_lost_reason="No budget this year")
    return int(deal.id)


@pytest.mark.slow
def test_a_deal_lost_in_hubspot_has_its_task_after_its_webhook(rekindle: CommandLine, portal: Portal) -> None:
    secrets = f"{DEMO_TOKEN}\n{HUSH}\n"
    options = ["--token-stdin", "--webhook-secret-stdin", "--live", "--account-sense", "off"]
    rekindle.json("connect", "hubspot", "acme", "--api-url", portal.url, *options, stdin=secrets)
    rekindle.ok("sync", "acme")
    before = {task["id"] for task in portal.portal.tasks()}
    with serving(rekindle) as url:
        deal_id = lose_in_hubspot(portal)
        events = [hubspot_event(portal.portal.settings.portal_id, deal_id, event_id=1, at=clock.now())] * 3
        ((headers, body),) = hubspot_deliveries(events, HUSH, url=f"{url}/webhooks/hubspot", at=clock.now())
        assert deliver(f"{url}/webhooks/hubspot", headers, body).status == 200
        assert deliver(f"{url}/webhooks/hubspot", {**headers, "X-HubSpot-Signature-v3": "x"}, body).status == 401
        waiting = rekindle.json("inbox", "list")
        assert [(one["connection"], one["state"], one["deal_id"]) for one in waiting] == [
            ("acme", "pending", str(deal_id))
        ]
        done = rekindle.json("inbox", "run")
        figures = get(url, "/metrics")[1].decode()
    assert (done["events"], done["new"]) == (1, 1)
    assert {task["id"] for task in portal.portal.tasks()} - before
    assert rekindle.json("inbox", "list") == []
    assert 'rekindle_webhooks_total{outcome="accepted",via="hubspot"} 1.0' in figures
    assert 'rekindle_webhooks_total{outcome="bad_signature",via="hubspot"} 1.0' in figures


@pytest.mark.slow
def test_a_message_of_salesforce_is_acknowledged_and_its_deal_is_read(rekindle: CommandLine, org: Org) -> None:
    rekindle.env.update({"REKINDLE_LOG_FORMAT": "json", "SSL_CERT_FILE": str(org.server.ca_file)})
    rekindle.env["REKINDLE_WEBHOOK_DIRECTORY_S"] = "0.2"
    secret = f"{org.org.settings.client_secret}\n"
    shown = rekindle.json(
        "connect", "salesforce", "acme org", "--instance-url", org.url, "--client-id", org.org.settings.client_id,
        "--client-secret-stdin", stdin=secret,
    )  # fmt: skip
    hook = shown["webhook"]
    assert (hook["secret_set"], hook["url"].rpartition("/")[2]) == (True, hook["token"])
    deal_id = next(one["Id"] for one in org.org.records("Opportunity") if one["IsClosed"] and not one["IsWon"])
    body = salesforce_message(shown["account_id"], {"04l000000000001AAA": deal_id})
    log = rekindle.home.parent / "serve.log"
    with log.open("wb") as file, serving(rekindle, log=file) as url:
        assert deliver(url + hook["url"], SALESFORCE_HEADERS, body).is_acknowledged
        assert not deliver(url + hook["url"] + "x", SALESFORCE_HEADERS, body).is_acknowledged
        rotated = rekindle.json("connections", "webhook", "acme org", "--rotate", "--at-once")
        assert deliver(url + rotated["url"], SALESFORCE_HEADERS, body).is_acknowledged
        tries = (deliver(url + hook["url"], SALESFORCE_HEADERS, body) for _ in range(5000))
        assert any(one.status == 401 for one in tries)  # for a moment what was read before still counts
    assert rekindle.json("inbox", "run")["new"] == 1
    lines = [orjson.loads(line) for line in log.read_bytes().splitlines()]
    assert {"request_id", "timestamp", "level", "event"} <= _request(lines).keys()
    for secret in (hook["token"], rotated["token"], rotated["secret"]):
        assert secret not in log.read_text()


def _request(lines: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    return next(one for one in lines if one.get("status") == 401)


@pytest.mark.parametrize(
    ("ids", "says"),
    [
        (["x"], "no id of a row"),
        (["9-4"], "ends before it begins"),
        (["0"], "no id of a row"),
        ([], "Missing argument"),
    ],
)
def test_a_row_that_can_be_none_is_refused(here: CommandLine, ids: list[str], says: str) -> None:
    done = here.run("inbox", "discard", *ids)
    assert done.status == 2
    assert says in done.error_line


def test_an_empty_inbox_is_worked_on_in_no_time(here: CommandLine) -> None:
    assert here.json("inbox", "run")["events"] == 0
    assert here.json("inbox", "retry", "1-9") == {"retried": 0, "unchanged": []}
    assert "No webhook waits" in here.ok("inbox").out
