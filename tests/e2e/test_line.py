"""From the CRM to the CRM with the real command line, judged by what the CRM itself holds afterwards."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.hubspot.settings import DEMO_TOKEN
from tests.e2e.command_line import CommandLine
from tests.e2e.conftest import Org, Portal

SYNC_KEYS = {
    "connection", "read", "new", "changed", "unchanged", "reopened", "won", "deleted", "planned", "written", "failed",
    "calls", "seconds",
}  # fmt: skip
GO_LIVE_KEYS = {"connection", "tasks", "deals", "backlog", "skipped", "by_month", "by_owner", "by_category"}
SHOW_KEYS = {"name", "crm", "account_id", "state", "fields", "webhook", "last_sync", "health"}
REMINDER_KEYS = {
    "id", "connection", "deal_id", "account", "owner", "episode", "purpose", "due_on", "state", "task_id", "why",
}  # fmt: skip
UNDO_KEYS = {"connection", "tasks_deleted", "fields_restored", "touched"}
LEDGER_KEYS = {"connection", "month", "crm", "stored", "excluded", "difference"}
AUDIT_KEYS = {"period", "lost", "amount", "by_category", "stated_vs_underlying", "findings", "won_back"}
STAMPS = frozenset({
    "hs_lastmodifieddate", "lastmodifieddate", "hs_object_source", "hs_updated_by_user_id", "notes_last_updated",
    "notes_last_contacted", "notes_next_activity_date", "num_notes", "updatedAt", "hs_object_source_id",
    "hs_object_source_label", "hs_last_activity_date", "hs_latest_source_timestamp", "num_associated_tasks",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """One CRM with a way to sign in: what to type, and how to look at what stands there."""

    crm: str
    options: tuple[str, ...]
    secret: str | None
    env: dict[str, str]
    task_keys: Callable[[], list[str]]
    snapshot: Callable[[], Any]
    is_apart: bool = False

    def connect(self, rekindle: CommandLine, *more: str) -> Any:
        """Connect as `acme`; the connection as `connect --json` shows it."""
        rekindle.env.update(self.env)
        secret = None if self.secret is None else f"{self.secret}\n"
        shown = rekindle.json("connect", self.crm, "acme", *self.options, *more, stdin=secret)
        if self.crm == "hubspot":  # a portal of our own has no limit, and tests do not wait
            rekindle.ok("connections", "set", "acme", "search_rate=0")
        return shown


def salesforce(org: Org, options: Sequence[str], secret: str | None) -> Account:
    """The org, entered that way."""
    return Account(
        crm="salesforce",
        options=("--instance-url", org.url, *options),
        secret=secret,
        env={"SSL_CERT_FILE": str(org.server.ca_file)},
        task_keys=lambda: [task["Rekindle_Key__c"] for task in org.org.tasks() if task["Rekindle_Key__c"]],
        snapshot=org.org.snapshot,
        is_apart="--client-secret-stdin" in options,
    )


def hubspot(portal: Portal) -> Account:
    """The portal, entered with its token."""
    return Account(
        crm="hubspot",
        options=("--api-url", portal.url, "--token-stdin"),
        secret=DEMO_TOKEN,
        env={},
        task_keys=lambda: [key for task in portal.portal.tasks() if (key := _key_in(task["properties"]))],
        snapshot=lambda: _without_stamps(portal.portal.snapshot()),
        is_apart=True,
    )


def _key_in(properties: dict[str, str]) -> str | None:
    """The key on the last line of a task's body, where the task is one of ours."""
    words = re.sub(r"<[^>]+>", " ", properties.get("hs_task_body") or "").split()
    return words[-1] if words else None


def _without_stamps(tables: dict[str, list[dict[str, Any]]]) -> Any:
    return {
        name: {
            row["id"]: (
                {
                    key: value
                    for key, value in row["properties"].items()
                    if key not in STAMPS and value not in ("", None)
                },
                {other: ids for other, ids in row["associations"].items() if other != "tasks"},
            )
            for row in rows
        }
        for name, rows in tables.items()
    }


@pytest.fixture(
    params=[
        pytest.param("client credentials", marks=pytest.mark.slow),
        "jwt",
        "access token",
        pytest.param("hubspot", marks=pytest.mark.slow),
    ]
)
def account(request: pytest.FixtureRequest) -> Account:
    """Each CRM, by each way to sign in."""
    if request.param == "hubspot":
        return hubspot(request.getfixturevalue("portal"))
    org: Org = request.getfixturevalue("org")
    settings = org.org.settings
    client = ("--client-id", settings.client_id)
    if request.param == "jwt":
        return salesforce(org, (*client, "--jwt-key", str(org.key_file), "--username", settings.username), None)
    if request.param == "access token":
        from service import clock

        return salesforce(org, ("--access-token-stdin",), org.org.tokens.issue(clock.now()))
    return salesforce(org, (*client, "--client-secret-stdin"), settings.client_secret)


def test_every_announced_task_is_written_once_and_undo_takes_all_of_it_back(
    request: pytest.FixtureRequest, account: Account
) -> None:
    # Two ways to sign in get processes of their own; that is slow, and what differs in the others is no process.
    rekindle: CommandLine = request.getfixturevalue("rekindle" if account.is_apart else "here")
    before = account.snapshot()
    shown = account.connect(rekindle)
    first = rekindle.json("sync", "acme")
    announced = rekindle.json("go-live", "acme")
    assert account.snapshot() == before  # nothing is written without a yes

    live = rekindle.json("go-live", "acme", "--yes")

    keys = account.task_keys()
    assert live["tasks"] == announced["tasks"] == len(keys) > 0
    assert set(Counter(keys).values()) == {1}
    again = rekindle.json("sync", "acme")
    assert (again["new"], again["changed"], again["planned"], again["written"], again["failed"]) == (0, 0, 0, 0, 0)
    assert sorted(account.task_keys()) == sorted(keys)

    ledger = rekindle.json("audit", "--ledger")
    assert sum(line["stored"] for line in ledger) == first["new"]
    assert not any(line["difference"] for line in ledger)

    undone = rekindle.json("undo", "acme", "--yes")
    assert undone["tasks_deleted"] == len(keys)
    assert account.snapshot() == before
    last = rekindle.json("sync", "acme")
    assert (last["written"], account.snapshot()) == (0, before)

    assert shown.keys() >= SHOW_KEYS
    assert shown["state"] == "hold"
    assert first.keys() >= SYNC_KEYS
    assert live.keys() >= GO_LIVE_KEYS
    assert undone.keys() >= UNDO_KEYS
    assert all(line.keys() >= LEDGER_KEYS for line in ledger)


@pytest.fixture
def synced(here: CommandLine, portal: Portal) -> CommandLine:
    """The command line with a portal that has been read once, on hold as `acme`."""
    hubspot(portal).connect(here, "--notes", "facts", "--account-sense", "on")
    here.ok("sync")
    return here


def test_what_is_stored_can_be_listed_changed_and_forgotten(synced: CommandLine, tmp_path: Path) -> None:
    reminders = synced.json("reminders", "list")
    assert all(one.keys() >= REMINDER_KEYS for one in reminders)
    assert {one["state"] for one in reminders} <= {"held", "skipped"}
    assert synced.json("reminders") == reminders
    held = [one for one in reminders if one["state"] == "held"]
    assert synced.json("reminders", "list", "--state", "held", "--connection", "acme") == held
    assert synced.json("outbox") == []
    assert synced.json("audit").keys() >= AUDIT_KEYS
    assert [one["name"] for one in synced.json("connections")] == ["acme"]
    assert synced.json("connections", "set", "acme", "account_sense=off")["account_sense"] is False
    assert synced.json("connections", "show", "acme")["account_sense"] is False
    assert {"connection", "check", "ok", "says"} <= synced.json("doctor")[0].keys()
    assert synced.json("connections", "remove", "acme", "--yes") == {"removed": "acme"}
    assert synced.json("connections") == []


def test_an_imported_document_is_a_draft_until_it_is_published(synced: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    synced.ok("policy", "export", file)
    assert synced.json("policy", "import", file)["changed"] is False
    text = file.read_text(encoding="utf-8")
    changed, count = re.subn(r"(?m)^value_perception = 90\b", "value_perception = 97", text)
    assert count == 1
    file.write_text(changed, encoding="utf-8")

    imported = synced.json("policy", "import", file)
    changes = synced.json("policy", "diff")["changes"]
    tried = synced.json("policy", "test", "No return seen", "--lost-on", "2026-03-02", "--today", "2026-03-02")
    told = synced.run("policy", "publish", "--json").json
    assert "value_perception = 97" not in synced.ok("policy", "export").out

    done = synced.json("policy", "publish", "--yes", "--comment", "a week more", "--list", tmp_path / "list.jsonl")

    assert imported["changed"] is True
    assert [one["computed_on"] for one in tried["follow_ups"]] == ["2026-05-31"]
    assert [one["computed_on"] for one in tried["draft"]["follow_ups"]] == ["2026-06-07"]
    assert [(one["path"], one["before"], one["after"]) for one in changes] == [
        ("timing.intervals.value_perception", 90, 97)
    ]
    assert (told["published"], done["published"], done["number"]) == (False, True, 2)
    assert told["totals"]["changed"] == done["applied"] - (done["deals"] - told["totals"]["changed"]) > 0
    assert len((tmp_path / "list.jsonl").read_text().splitlines()) == told["totals"]["changed"]
    assert synced.json("reclassify")["planned"] == 0
    assert "value_perception = 97" in synced.ok("policy", "export").out

    back = synced.json("policy", "rollback", "--yes")

    assert (back["number"], back["rollback_to"]) == (3, 1)
    assert "value_perception = 90" in synced.ok("policy", "export").out
    assert [one["comment"] for one in synced.json("policy", "versions")] == [
        "Back to number 1.",
        "a week more",
        "As shipped.",
    ]
    mappings = synced.ok("mappings", "export").out
    assert synced.json("mappings", "import", "-", stdin=mappings)["changed"] is False
    assert synced.json("mappings", "test", "No budget this year")["category"] == "budget"


def test_a_dry_run_stores_nothing_and_a_full_one_reads_all_again(here: CommandLine, portal: Portal) -> None:
    hubspot(portal).connect(here)
    dry = here.json("sync", "--dry-run")
    assert here.json("reminders") == []

    wet = here.json("sync")
    full = here.json("sync", "--full")

    assert dry["new"] == wet["new"] > 0
    assert (full["read"], full["new"], full["unchanged"]) == (wet["read"], 0, wet["new"])


def test_go_live_takes_an_owner_a_limit_and_a_day(synced: CommandLine, portal: Portal) -> None:
    everything = synced.json("go-live", "acme")
    owner, its_tasks = next(iter(everything["by_owner"].items()))

    assert synced.json("go-live", "acme", "--owner", owner)["tasks"] == its_tasks
    recent = synced.json("go-live", "acme", "--lost-since", "2999-01-01")
    assert recent["tasks"] == 0
    before = len(portal.portal.tasks())
    live = synced.json("go-live", "acme", "--limit", "1", "--yes")
    assert live["tasks"] == 1 < everything["tasks"]
    assert live["skipped"]["limit"] > 0
    assert len(portal.portal.tasks()) == before + live["tasks"]
    assert synced.json("hold", "acme") == {"connection": "acme", "state": "hold"}
    assert synced.json("sync")["written"] == 0
    assert synced.json("undo", "acme", "--yes")["tasks_deleted"] == live["tasks"]
    assert len(portal.portal.tasks()) == before
