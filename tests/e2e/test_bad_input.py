"""What a person gets wrong: one line that names the thing and the remedy, the right status, nothing half-written."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.hubspot.settings import DEMO_TOKEN
from connectors.sandbox.server import serve
from connectors.sandbox.wire import Request, Response
from service import clock
from tests.e2e.command_line import CommandLine, Done, nothing_listens
from tests.e2e.conftest import READ_ONLY_TOKEN, Org, Portal
from tests.patience import PATIENCE_S

CSV = "Opportunity ID,Loss Reason,Close Date\n1,No budget,2026-03-04\n"
SECRET = "pat-na1-this-is-a-secret"
HTML = "<html><body><h1>Welcome to nginx!</h1></body></html>"


def refused(done: Done, status: int, *words: str) -> str:
    """The one line of a command that failed with that status and named all of that; it printed nothing else."""
    line = done.error_line
    assert done.status == status, (done.status, line)
    for word in words:
        assert word.lower() in line.lower(), line
    assert done.out == ""
    return line


# --- files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n \n\n", "is empty"),
        (b"PK\x03\x04" + b"\x00" * 50, "Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 50, "Excel"),
        (bytes(range(256)) * 40, "no text file"),
        (b"\x7fELF\x02\x01\x01\x00" * 40, "no text file"),
        (b'Opportunity ID,Loss Reason\n1,"never closed\n' * 3, "line"),
        (b"First,Second\n1,2\n", "--columns"),
    ],
)
def test_an_export_that_cannot_be_read_is_named(here: CommandLine, tmp_path: Path, content: bytes, says: str) -> None:
    export = tmp_path / "lost deals.csv"
    export.write_bytes(content)

    line = refused(here.run("preview", export, "--csv-out", tmp_path / "out.csv"), 2, says)

    assert "lost deals.csv" in line or says == "--columns"
    assert not (tmp_path / "out.csv").exists()
    assert not here.home.exists()


def test_a_file_that_is_missing_or_a_folder_is_named(here: CommandLine, tmp_path: Path) -> None:
    refused(here.run("preview", tmp_path / "nowhere.csv"), 2, "nowhere.csv", "No such file")
    refused(here.run("preview", tmp_path), 2, str(tmp_path), "directory")
    refused(here.run("mappings", "import", tmp_path / "nowhere.toml"), 2, "nowhere.toml")
    refused(here.run("preview", "-", "--csv-out", tmp_path / "no" / "out.csv", stdin=CSV), 2, "no/out.csv")
    refused(here.run("mappings", "export", tmp_path / "no" / "m.toml"), 2, "m.toml")


def test_a_column_that_is_not_there_brings_the_nearest(here: CommandLine) -> None:
    refused(here.run("preview", "-", "--columns", "lost_on=Close Dat", stdin=CSV), 2, "Close Dat", "Close Date")
    refused(here.run("preview", "-", "--columns", "sorrow=Loss Reason", stdin=CSV), 2, "sorrow", "stated_reason")
    refused(here.run("preview", "-", "--columns", "nonsense", stdin=CSV), 2, "nonsense", "ROLE=HEADER")


def test_a_bad_date_costs_its_row_only(here: CommandLine) -> None:
    rows = CSV + "2,Too expensive,the 12th of never\n3,No budget,2026-02-30\n"

    done = here.run("preview", "-", "--json", stdin=rows)

    assert done.status == 1
    assert [one["id"] for one in done.json["deals"]] == ["1"]
    lines = done.err.splitlines()
    assert len(lines) == 2
    assert "row 3 (2)" in lines[0]
    assert "the 12th of never" in lines[0]
    assert "2026-02-30" in lines[1]
    done.refuse_traceback()


def test_a_line_that_is_no_json_costs_that_line_only(here: CommandLine) -> None:
    done = here.run("preview", "-", "--format", "jsonl", stdin='{"id": "1"}\n{oops\n{"id": "3", "lost_on": "soon"}\n')

    first, second, third = done.out.splitlines()
    assert done.status == 1
    assert '"error"' not in first
    assert '"line":2' in second
    assert '"id":"3"' in third
    assert "lost_on" in third


def test_a_document_that_is_wrong_is_named_with_its_line(here: CommandLine, tmp_path: Path) -> None:
    document = tmp_path / "mine.toml"
    for command in ("mappings", "policy"):
        document.write_text('version = 1\nname = "x\n', encoding="utf-8")
        refused(here.run(command, "import", document), 2, "line 2")
        document.write_text("a = 1\nsomething_else = 2\n", encoding="utf-8")
        done = here.run(command, "import", document)
        assert (done.status, [line.partition("mine.toml, ")[2][:6] for line in done.err.splitlines()]) == (
            2,
            ["line 1", "line 2"],
        )
        document.write_bytes(b"\xff\xfe\x00")
        refused(here.run(command, "import", document), 2, "mine.toml", "UTF-8")
    document.write_text('[[rule]]\nwords = "x"\ncategory = "sorrow"\n', encoding="utf-8")
    refused(here.run("preview", "-", "--mappings", document, stdin=CSV), 2, "line")


# --- what is typed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["snyc"], ["snyc", "sync"]),
        (["sync", "--jsn"], ["--jsn", "--json", "rekindle sync --help"]),
        (["sync", "acme"], ["acme", "none yet"]),
        (["sync"], ["no connection", "connect"]),
        (["connections", "show", "acme"], ["acme"]),
        (["connections", "remove", "acme", "--yes"], ["acme"]),
        (["connections", "set", "acme", "notes"], ["notes", "KEY=VALUE"]),
        (["go-live"], ["NAME", "rekindle go-live --help"]),
        (["go-live", "acme", "--limit", "0"], ["--limit", "0"]),
        (["go-live", "acme", "--lost-since", "yesterday"], ["yesterday", "2026-11-21"]),
        (["undo", "acme", "--since", "yesterday"], ["yesterday", "2026-11-21"]),
        (["audit", "--week", "2026-W60"], ["2026-W60", "YYYY-Www"]),
        (["audit", "--week", "99999999999999999999-W01"], ["YYYY-Www"]),
        (["outbox", "retry", "99999999999999999999"], ["99999999999999999999"]),
        (["preview", "-", "--today", "2026-13-01"], ["2026-13-01"]),
        (["reminders", "list", "--state", "sad"], ["sad", "scheduled"]),
        (["reminders", "list", "--connection", "acme"], ["acme"]),
        (["migrate", "--to", "tomorrow"], ["tomorrow", "head"]),
        (["connect", "pipedrive", "acme"], ["pipedrive"]),
        (["connect", "hubspot", "acme"], ["HubSpot", "--token-stdin"]),
        (["connect", "salesforce", "acme", "--client-id", "x"], ["--client-id", "--client-secret-stdin", "--jwt-key"]),
        (["connect", "hubspot", "acme", "--token-stdin"], ["token", "standard input"]),
        (["connect", "hubspot", "acme", "--webhook-secret-stdin"], ["--token-stdin"]),
        (["connect", "hubspot", "acme", "--field", "reason", "--token-stdin"], ["--field", "reason"]),
        (["connect", "hubspot", "acme", "--field", "mood=x", "--token-stdin"], ["mood", "reason"]),
        (["connect", "hubspot", "acme", "--include", "colour=red", "--token-stdin"], ["colour", "pipeline"]),
        (["connect", "hubspot", "acme", "--min-amount", "nan", "--token-stdin"], ["--min-amount", "nan"]),
        (["connect", "hubspot", "acme", "--min-amount=-5", "--token-stdin"], ["--min-amount", "-5"]),
        (["connect", "hubspot", "acme", "--notes", "some", "--token-stdin"], ["some", "facts"]),
    ],
)
def test_what_is_typed_wrong_is_named_with_what_is_right(
    here: CommandLine, arguments: list[str], words: list[str]
) -> None:
    refused(here.run(*arguments), 2, *words)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["hubspot", "acme", "--api-url", "api.hubapi.com", "--token-stdin"], ["api.hubapi.com", "https://"]),
        (["hubspot", "", "--token-stdin"], ["name"]),
        (["hubspot", "a/b", "--token-stdin"], ["a/b", "name"]),
        (["salesforce", "acme", "--access-token-stdin"], ["--instance-url"]),
        (["salesforce", "acme", "--access-token-stdin", "--instance-url", "https:///services"], ["https://"]),
        (["salesforce", "acme", "--access-token-stdin", "--instance-url", "https://"], ["https://"]),
    ],
)
def test_a_connection_that_cannot_be_is_refused_before_anything_is_sent(
    here: CommandLine, options: list[str], words: list[str]
) -> None:
    refused(here.run("connect", *options, stdin=f"{SECRET}\n"), 2, *words)
    assert here.json("connections") == []


def test_a_secret_that_is_no_text_is_refused(here: CommandLine) -> None:
    for raw in (b"\xff\xfe\x00s\n", b"\x00\x01\x02\n", "schl\u00fcssel\n".encode()):
        refused(here.run("connect", "hubspot", "acme", "--token-stdin", stdin=raw), 2, "token")


# --- the CRM ---------------------------------------------------------------------------------------------------


def connect_hubspot(here: CommandLine, url: str, *options: str, token: str = DEMO_TOKEN) -> Done:
    """Connect a portal as `acme`."""
    return here.run("connect", "hubspot", "acme", "--api-url", url, "--token-stdin", *options, stdin=f"{token}\n")


def connect_salesforce(
    here: CommandLine, org: Org, *options: str, secret: str | None = None, trust: bool = True
) -> Done:
    """Connect an org as `acme`."""
    if trust:
        here.env["SSL_CERT_FILE"] = str(org.server.ca_file)
    settings = org.org.settings
    typed = ("--instance-url", org.url, "--client-id", settings.client_id, "--client-secret-stdin", *options)
    return here.run("connect", "salesforce", "acme", *typed, stdin=f"{secret or settings.client_secret}\n")


def test_a_wrong_token_or_secret_is_said_and_never_shown(here: CommandLine, org: Org, portal: Portal) -> None:
    line = refused(connect_hubspot(here, portal.url, token=SECRET), 1, "acme", "token", "connect hubspot")
    assert SECRET not in line

    line = refused(connect_salesforce(here, org, secret=SECRET), 1, "acme", "client id and secret")
    assert SECRET not in line

    bad_key = here.home.parent / "bad.pem"
    bad_key.write_text("-----BEGIN NONSENSE-----\n", encoding="ascii")
    signing = ("--instance-url", org.url, "--client-id", "x", "--username", "u@x.example")
    refused(here.run("connect", "salesforce", "acme", *signing, "--jwt-key", bad_key), 1, "acme", "key", "PEM")
    refused(here.run("connect", "salesforce", "acme", *signing, "--jwt-key", bad_key.with_name("no.pem")), 2, "no.pem")
    assert here.json("connections") == []


def test_a_field_that_is_not_there_is_named_with_the_nearest(here: CommandLine, org: Org, portal: Portal) -> None:
    refused(connect_hubspot(here, portal.url, "--field", "reason=lost_reson"), 2, "lost_reson", "lost_reason")
    refused(connect_salesforce(here, org, "--field", "reason=Lost_Reason__c"), 2, "Lost_Reason__c", "Loss_Reason__c")
    done = connect_hubspot(here, portal.url, "--field", "reason=sorrow", "--field", "notes=joy")
    assert done.status == 2
    assert ["sorrow" in done.err.splitlines()[0], "joy" in done.err.splitlines()[1]] == [True, True]
    assert here.json("connections") == []


def test_a_server_that_is_not_there_is_said(here: CommandLine, rekindle: CommandLine) -> None:
    with nothing_listens() as port:
        refused(connect_hubspot(here, f"http://127.0.0.1:{port}"), 1, "acme", "no connection", "address")
        salesforce = ("salesforce", "acme", "--instance-url", f"https://127.0.0.1:{port}", "--access-token-stdin")
        refused(here.run("connect", *salesforce, stdin=f"{SECRET}\n"), 1, "acme", "no connection", "address")
    refused(connect_hubspot(rekindle, "http://no..such.host"), 1, "acme", "address")
    assert here.json("connections") == []


def test_a_certificate_that_nobody_vouches_for_is_said(here: CommandLine, org: Org) -> None:
    refused(connect_salesforce(here, org, trust=False), 1, "acme", "certificate", "SSL_CERT_FILE")
    here.env["SSL_CERT_FILE"] = str(here.home / "no-such-ca.pem")
    refused(connect_salesforce(here, org, trust=False), 2, "no-such-ca.pem", "SSL_CERT_FILE")
    not_a_bundle = here.home.parent / "not-a-bundle.pem"
    not_a_bundle.write_text("hello", encoding="ascii")
    here.env["SSL_CERT_FILE"] = str(not_a_bundle)
    refused(connect_salesforce(here, org, trust=False), 2, "not-a-bundle.pem")
    del here.env["SSL_CERT_FILE"]
    assert here.json("connections") == []


def a_web_page(request: Request, now: datetime) -> Response:
    """What a web server that knows no CRM says to everything."""
    return Response(status=200, headers={"Content-Type": "text/html"}, body=HTML.encode())


def test_a_server_that_speaks_no_crm_is_said(here: CommandLine, tmp_path: Path) -> None:
    with serve(a_web_page, now=clock.now) as server:
        refused(connect_hubspot(here, server.url), 1, "acme", "--api-url")
    with serve(a_web_page, now=clock.now, tls_folder=tmp_path) as server:
        here.env["SSL_CERT_FILE"] = str(server.ca_file)
        for way in ("--access-token-stdin", "--client-secret-stdin"):
            typed = ("--instance-url", server.url, way, *(("--client-id", "x") if "secret" in way else ()))
            refused(here.run("connect", "salesforce", "acme", *typed, stdin=f"{SECRET}\n"), 1, "acme", "instance URL")
    assert here.json("connections") == []


def test_a_token_that_may_only_read_syncs_and_says_what_it_may_not(here: CommandLine, portal: Portal) -> None:
    assert connect_hubspot(here, portal.url, token=READ_ONLY_TOKEN).status == 0
    assert here.json("sync")["new"] > 0
    tasks = len(portal.portal.tasks())

    health = here.run("doctor", "acme", "--json")
    live = here.run("go-live", "acme", "--yes", "--json")

    assert health.status == 1
    assert "crm.objects.contacts.write" in str([one["says"] for one in health.json if not one["ok"]])
    assert live.status == 1
    assert "scope" in live.err
    live.refuse_traceback()
    assert len(portal.portal.tasks()) == tasks


def test_a_mapped_field_that_vanishes_is_a_note_and_the_rest_goes_on(here: CommandLine, portal: Portal) -> None:
    assert connect_hubspot(here, portal.url, "--field", "notes=description", "--field", "notes=gone_soon").status == 2
    headers = {"authorization": f"Bearer {DEMO_TOKEN}", "content-type": "application/json"}
    made = (
        b'{"name": "gone_soon", "label": "Gone", "type": "string", "fieldType": "text", "groupName": "dealinformation"}'
    )
    properties = "/crm/v3/properties/deals"
    assert portal.portal(Request(method="POST", path=properties, headers=headers, body=made), clock.now()).status == 201
    assert connect_hubspot(here, portal.url, "--field", "notes=description", "--field", "notes=gone_soon").status == 0
    gone = Request(method="DELETE", path=f"{properties}/gone_soon", headers=headers)
    assert portal.portal(gone, clock.now()).status == 204

    done = here.run("sync", "--json")

    assert (done.status, done.json["new"] > 0) == (0, True)
    assert any("gone_soon" in line for line in done.json["warnings"])
    assert "gone_soon" in done.error_line
    assert here.run("doctor", "acme").status == 1


def test_credentials_that_stop_working_are_said_and_entered_again(here: CommandLine, portal: Portal) -> None:
    assert connect_hubspot(here, portal.url).status == 0
    assert here.json("sync")["new"] > 0
    portal.server.faults.add(Fault(times=None, status=401, body={"status": "error", "message": "expired"}))
    try:
        done = here.run("sync")
        assert done.status == 1
        done.error_line  # noqa: B018 -- exactly one
        refused_again = here.run("sync", "acme")
        assert refused_again.status == 1
        assert "connect hubspot acme" in refused_again.error_line
        assert here.json("connections", "show", "acme")["state"] == "reconnect"
    finally:
        portal.server.faults.clear()

    assert connect_hubspot(here, portal.url).status == 0
    assert here.json("connections", "show", "acme")["state"] == "hold"
    assert here.json("sync")["new"] == 0


# --- this machine ----------------------------------------------------------------------------------------------


@pytest.fixture
def connected(here: CommandLine, portal: Portal) -> CommandLine:
    """The command line with a connection, `acme`."""
    assert connect_hubspot(here, portal.url).status == 0
    return here


def test_a_database_of_a_newer_version_is_left_alone(connected: CommandLine) -> None:
    file = connected.home / "rekindle.sqlite3"
    with sqlite3.connect(file) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    for command in (["sync"], ["connections"], ["migrate"], ["migrate", "--to", "base", "--yes"]):
        refused(connected.run(*command), 2, "newer version", "9999", "backup")


def test_a_file_that_is_no_database_is_named(connected: CommandLine) -> None:
    file = connected.home / "rekindle.sqlite3"
    for path in connected.home.glob("rekindle.sqlite3*"):
        path.unlink()
    file.write_bytes(b"this is not a database, whatever its name says" * 200)

    refused(connected.run("sync"), 1, str(file), "not a database")
    refused(connected.run("migrate"), 1, str(file), "not a database")


def test_a_lost_key_is_named_and_none_is_made(connected: CommandLine) -> None:
    keys = connected.home / "keys.toml"
    kept = keys.read_text(encoding="utf-8")
    keys.unlink()
    refused(connected.run("sync"), 2, "key", "REKINDLE_ENCRYPTION_KEYS", "keys.toml")
    assert not keys.exists()

    for damaged in ("oops", "", "encryption_keys = []\n", 'encryption_keys = "x"\n', 'encryption_keys = ["x"]\n'):
        keys.write_text(damaged, encoding="utf-8")
        refused(connected.run("sync"), 2, str(keys))
    keys.write_bytes(b"\xff\xfe")
    refused(connected.run("sync"), 2, str(keys))

    keys.write_text(kept, encoding="utf-8")
    assert connected.json("sync")["new"] > 0


def test_a_wrong_key_is_named_by_its_fingerprint_only(connected: CommandLine) -> None:
    other = "A" * 43 + "="
    line = refused(connected.run("sync", env={"REKINDLE_ENCRYPTION_KEYS": other}), 2, "encryption key")
    assert other not in line
    line = refused(connected.run("sync", env={"REKINDLE_ENCRYPTION_KEYS": SECRET}), 2, "REKINDLE_ENCRYPTION_KEYS")
    assert SECRET not in line


FILL_THE_DISK = """
from sqlalchemy import Engine, event

@event.listens_for(Engine, "connect")
def no_room(connection, _record):
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {max(pages, 1)}")

from service.cli.main import run
run()
"""


def test_a_full_disk_is_said_and_the_sync_goes_on_where_it_was(connected: CommandLine) -> None:
    script = connected.home.parent / "full.py"
    script.write_text(FILL_THE_DISK, encoding="utf-8")
    command, env = [sys.executable, str(script), "sync"], connected.environment()
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    refused(Done(done.returncode, done.stdout, done.stderr), 1, "disk", "full")
    assert connected.json("sync")["new"] > 0


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_of_an_output_too(rekindle: CommandLine) -> None:
    refused(rekindle.run("preview", "-", "--csv-out", "/dev/full", stdin=CSV), 1, "disk is full")
    with Path("/dev/full").open("wb") as full, rekindle.start("--help", stdout=full) as process:
        _, err = process.communicate(timeout=PATIENCE_S)
    refused(Done(process.returncode, "", err.decode()), 1, "disk is full")


def test_a_home_that_cannot_be_is_named(here: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="ascii")
    for home in (file, file / "below"):
        for command in (["connections"], ["migrate"]):
            refused(here.run(*command, env={"REKINDLE_HOME": str(home)}), 1, str(home), "REKINDLE_HOME")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_home_that_may_not_be_written_is_named(here: CommandLine) -> None:
    here.home.mkdir(mode=0o500)
    refused(here.run("connections"), 1, str(here.home), "REKINDLE_HOME")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, ["rekindle.toml", "REKINDLE_CONFIG", "No such file"]),
        ("lease_s = \n", ["rekindle.toml", "line 1"]),
        ("leases = 3\n", ["leases", "lease_s"]),
        ('lease_s = "soon"\n', ["lease_s", "number"]),
        ("lease_s = -1\n", ["LEASE_S", "-1"]),
        ("http_max_tries = 0\n", ["HTTP_MAX_TRIES"]),
        ("http_max_tries = 2.5\n", ["http_max_tries", "whole number"]),
        ("base_url = 3\n", ["base_url", "text"]),
        ('log_format = "xml"\n', ["LOG_FORMAT", "json"]),
    ],
)
def test_a_setting_that_is_wrong_is_named(
    here: CommandLine, tmp_path: Path, content: str | None, words: list[str]
) -> None:
    file = tmp_path / "rekindle.toml"
    if content is not None:
        file.write_text(content, encoding="utf-8")

    refused(here.run("connections", env={"REKINDLE_CONFIG": str(file), "REKINDLE_HTTP_MAX_TRIES": ""}), 2, *words)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", ["REKINDLE_DATABASE_URL", "postgresql://"]),
        ("mysql://u:hunter2@h/db", ["REKINDLE_DATABASE_URL", "mysql"]),
        ("postgresql://u:hunter2@h:port/db", ["REKINDLE_DATABASE_URL"]),
    ],
)
def test_a_database_address_that_is_wrong_is_named_without_its_password(
    here: CommandLine, url: str, words: list[str]
) -> None:
    line = refused(here.run("connections", env={"REKINDLE_DATABASE_URL": url}), 2, *words)
    assert "hunter2" not in line


def test_a_database_server_that_is_not_there_is_said_without_the_password(here: CommandLine) -> None:
    with nothing_listens() as port:
        url = f"postgresql://me:hunter2@127.0.0.1:{port}/rekindle"
        line = refused(here.run("connections", env={"REKINDLE_DATABASE_URL": url}), 1, "127.0.0.1")
    assert "hunter2" not in line


@pytest.mark.parametrize("box", ["outbox", "inbox"])
@pytest.mark.parametrize("verb", ["retry", "discard"])
def test_a_letter_that_is_not_there_is_said_to_be_left_alone(here: CommandLine, box: str, verb: str) -> None:
    done = here.run(box, verb, "9999")

    assert done.status == 1
    assert "9999" in done.error_line
    assert f"rekindle {box}" in done.error_line
