"""`rekindle up` as an operator meets it: one command, everything runs, and nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError

import pytest

from connectors.sandbox.hubspot.settings import DEMO_TOKEN
from connectors.standard_webhooks import signature
from service import clock
from tests.e2e.command_line import CommandLine
from tests.e2e.conftest import Portal, a_portal
from tests.patience import PATIENCE_S, eventually, free_port

SOON = {
    "REKINDLE_SWEEP_S": "0.3",
    "REKINDLE_SYNC_EVERY_S": "1",
    "REKINDLE_READ_BACK_EVERY_S": "1",
    "REKINDLE_LEASE_S": "3",
}

pytestmark = pytest.mark.slow


def children_of(pid: int) -> list[int]:
    """All below a process, by its parts of /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid:
                found.append(int(path.parent.name))
    return [one for child in found for one in (child, *children_of(child))]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def running(rekindle: CommandLine, port: int, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    log = rekindle.home.parent / "up.log"
    with log.open("ab") as out:
        process = rekindle.start("up", "--port", port, stdout=out, stderr=out, env={**SOON, **more})
        try:
            yield process
        finally:
            below = children_of(process.pid)
            if process.poll() is None:
                process.terminate()
                process.wait(PATIENCE_S)
            for pid in below:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def readiness(port: int, *, host: str = "127.0.0.1") -> dict[str, object]:
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/readyz", timeout=30) as answer:
            return {"ok": True, **json.load(answer)}
    except HTTPError as error:
        return {"ok": False, **json.load(error)}
    except OSError:
        return {"ok": False}


@pytest.fixture
def portal() -> Iterator[Portal]:
    """A portal for each test: two new installations on one portal would each write the book."""
    with a_portal() as found:
        yield found


@pytest.fixture
def connected(rekindle: CommandLine, portal: Portal) -> CommandLine:
    rekindle.ok(
        "connect", "hubspot", "acme", "--token-stdin", "--api-url", portal.url, "--live", stdin=DEMO_TOKEN + "\n"
    )
    return rekindle


def tasks_of(rekindle: CommandLine) -> set[str]:
    return {one["task_id"] for one in rekindle.json("reminders", "list") if one["task_id"]}


def test_losses_become_tasks_by_themselves_whatever_dies(connected: CommandLine, portal: Portal) -> None:
    port = free_port()
    with running(connected, port) as up:
        eventually(lambda: readiness(port)["ok"], "ready")
        eventually(lambda: len(tasks_of(connected)) > 3, "tasks in the CRM")
        before = children_of(up.pid)
        for pid in before:
            with suppress(ProcessLookupError):  # a child of one that was killed just now ends by itself
                os.kill(pid, signal.SIGKILL)
        eventually(lambda: readiness(port)["ok"], "ready again")
        eventually(
            lambda: not any(is_running(pid) for pid in before if pid not in children_of(up.pid)), "the dead gone"
        )

        up.send_signal(signal.SIGTERM)
        status = up.wait(PATIENCE_S)
    said = (connected.home.parent / "up.log").read_text()

    assert status == 0, said
    assert "Traceback" not in said
    assert "started again" in said
    keys = [task["properties"]["hs_task_body"][-60:] for task in portal.portal.tasks()]
    assert len(keys) == len(set(keys)), "a task stands twice"


def test_a_webhook_becomes_a_task_soon(connected: CommandLine, portal: Portal) -> None:
    """With no sync by itself. The deals are lost today, the account is quiet, the words name a day."""
    connected.ok("sync", "acme")
    secret = connected.json("connections", "webhook", "acme")["secret"]
    port, waits = free_port(), []
    with running(connected, port, REKINDLE_SYNC_EVERY_S="0", REKINDLE_SWEEP_S="15"):
        eventually(lambda: readiness(port)["ok"], "ready")
        for number in range(10):
            company = portal.portal.add("companies", {"name": f"Company {number}"}, at=clock.now())
            deal = lost_deal(portal, number, company)
            began = clock.monotonic()
            assert announce(port, secret, deal) == 200
            eventually(lambda deal=deal: task_of(portal, deal), "the task")  # type: ignore[misc] # bound on purpose
            waits.append(clock.monotonic() - began)
    print("seconds from webhook to task:", [round(wait, 2) for wait in sorted(waits)])  # noqa: T201 -- shown with -s


def lost_deal(portal: Portal, number: int, company: str) -> str:
    words = {
        "dealname": f"Deal by webhook {number}",
        "dealstage": "closedlost",
        "closedate": clock.now().isoformat(),
        "closed_lost_reason": "Timing",
        "description": "They asked for a call on 3 March 2027.",
    }
    return portal.portal.add("deals", words, to=[("companies", company)], at=clock.now())


def task_of(portal: Portal, deal: str) -> bool:
    return any(deal in {str(one) for one in task["associations"].get("deals", ())} for task in portal.portal.tasks())


def announce(port: int, secret: str, deal: str) -> int:
    body = json.dumps({"ids": [deal]}).encode()
    stamp = str(int(clock.now().timestamp()))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": f"m-{deal}",
        "webhook-timestamp": stamp,
        "webhook-signature": signature(secret, message_id=f"m-{deal}", timestamp=stamp, body=body),
    }
    request = urllib.request.Request(f"http://127.0.0.1:{port}/webhooks/deals/acme", data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        status: int = answer.status
    return status


def test_killed_outright_it_leaves_no_process_behind(rekindle: CommandLine) -> None:
    port = free_port()
    with running(rekindle, port) as up:
        eventually(lambda: readiness(port)["ok"], "ready")
        eventually(lambda: len(children_of(up.pid)) >= 5, "every part started")
        below = children_of(up.pid)
        up.kill()
        up.wait()
        eventually(lambda: not any(is_running(pid) for pid in below), "every child gone")


def test_a_home_with_a_long_name_and_a_space_runs_too(rekindle: CommandLine, tmp_path: Path) -> None:
    rekindle.home = tmp_path / ("a long name, " * 10)
    port = free_port()
    with running(rekindle, port):
        eventually(lambda: readiness(port)["ok"], "ready")
