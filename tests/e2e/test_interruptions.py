"""Stopped, killed, started twice, read by half: the next run of the same command ends where it should."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.hubspot.settings import DEMO_TOKEN
from tests.e2e.command_line import CommandLine
from tests.e2e.conftest import Portal
from tests.patience import PATIENCE_S, eventually

HELD_S = PATIENCE_S  # how long an answer is held back, unless the process that waits for it is gone before


@pytest.fixture
def ready(rekindle: CommandLine, here: CommandLine, portal: Portal) -> CommandLine:
    """The command line with a portal that has been read once, on hold as `acme`."""
    here.ok("connect", "hubspot", "acme", "--api-url", portal.url, "--token-stdin", stdin=f"{DEMO_TOKEN}\n")
    here.ok("sync")
    return rekindle


def held_back(portal: Portal) -> None:
    """Come back once the portal has received the request whose answer it holds back."""
    eventually(lambda: not portal.server.faults.waiting(), "the request is there")
    portal.server.faults.clear()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_a_sync_that_is_stopped_leaves_the_place_to_the_next(
    ready: CommandLine, here: CommandLine, portal: Portal, end: signal.Signals
) -> None:
    ready.env["REKINDLE_HTTP_READ_TIMEOUT_S"] = str(2 * HELD_S)  # it waits for that answer, and for nothing else
    portal.server.faults.add(Fault(path="/crm/", delay_s=HELD_S, close="before"))
    with ready.start("sync", "--full") as first:
        held_back(portal)
        second = here.run("sync")
        first.send_signal(end)
        out, err = first.communicate(timeout=PATIENCE_S)

    assert second.status == 1
    assert "acme: another sync" in second.error_line
    assert (first.returncode, out) == ((130, b"") if end == signal.SIGINT else (-9, b""))
    assert err.decode().strip().startswith("Stopped.") if end == signal.SIGINT else err == b""
    assert here.json("sync")["failed"] == 0


@pytest.mark.slow
def test_after_a_go_live_that_was_killed_every_task_stands_once_in_the_end(
    ready: CommandLine, here: CommandLine, portal: Portal
) -> None:
    # What was on its way is looked for after all of these together; an answer that is late is asked for again.
    quick = {"REKINDLE_LEASE_S": "5", "REKINDLE_HTTP_CONNECT_TIMEOUT_S": "5", "REKINDLE_HTTP_READ_TIMEOUT_S": "5"}
    quick["REKINDLE_HTTP_MAX_TRIES"] = "20"
    ready.env.update(quick)
    here.env.update(quick)
    before = len(portal.portal.tasks())
    announced = here.json("go-live", "acme")["tasks"]
    portal.server.faults.add(Fault(path="tasks/batch/create", delay_s=HELD_S, close="before"))
    with ready.start("go-live", "acme", "--yes") as killed:
        held_back(portal)
        killed.kill()
        killed.communicate(timeout=PATIENCE_S)

    assert here.run("undo", "acme", "--yes").status == 0  # waits until what was on its way is known
    assert here.json("go-live", "acme", "--yes")["written"] > 0
    assert here.json("outbox") == []

    tasks = portal.portal.tasks()
    assert len(tasks) - before == announced
    assert len({task["properties"]["hs_task_body"].rpartition("<p>")[2] for task in tasks}) == len(tasks)


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_hears_no_complaint(ready: CommandLine) -> None:
    for command in (["reminders", "list"], ["policy", "export"]):
        with ready.start(*command) as process:
            assert process.stdout
            assert process.stderr
            process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == b""


@pytest.mark.parametrize("encoding", ["ascii", pytest.param("latin-1", marks=pytest.mark.slow)])
def test_a_terminal_that_is_not_utf_8_gets_an_answer_all_the_same(
    rekindle: CommandLine, tmp_path: Path, encoding: str
) -> None:
    export = tmp_path / "export.csv"
    export.write_text("Account,Lost Reason\n株式会社サンプル,予算がない\n", encoding="utf-8")
    rekindle.env["PYTHONIOENCODING"] = encoding

    assert rekindle.run("preview", export).status == 0
    assert "予算がない" in str(rekindle.run("preview", export, "--json").json)
