"""Secrets are planted, everything is run, and then everything that was written, sent or shown is searched for them."""

from __future__ import annotations

import gzip
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from connectors.sandbox.book_making import make_book
from connectors.sandbox.faults import Fault
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import ALL_SCOPES, PortalSettings
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.server import RunningServer, serve
from service import clock
from tests.e2e.command_line import CommandLine, Done
from tests.e2e.test_up import readiness, running
from tests.patience import PATIENCE_S, eventually, free_port

pytestmark = pytest.mark.slow

KEY = Fernet.generate_key().decode()
SECRETS = {
    "HubSpot token": "pat-na1-planted-hubspot-token-6f1d",
    "HubSpot webhook secret": "planted-hubspot-webhook-secret-91c2",
    "HubSpot app secret": "planted-hubspot-app-secret-4e77",
    "Salesforce client secret": "planted-salesforce-client-secret-a8d0",
    "identity provider secret": "planted-oidc-client-secret-72ab",
    "Slack address": "planted-slack-path-T000-B000-55ff",
    "SMTP password": "planted-smtp-password-0d3e",
    "signing key": "planted-signing-key-b1b1b1b1b1b1b1b1b1b1b1",
    "encryption key": KEY,
    "password": "planted maple lantern password",
}
PAGES = (
    "/", "/reasons", "/timing", "/deals", "/reminders", "/connections", "/connections/acme", "/connections/force",
    "/connections/acme/fields", "/people", "/nowhere", "/connections/none", "/api/v1/openapi.json", "/metrics",
    "/readyz",
)  # fmt: skip


@dataclass(slots=True)
class Searched:
    """What was written, sent or shown, by where."""

    texts: dict[str, bytes] = field(default_factory=dict)

    def add(self, where: str, content: bytes | str) -> None:
        self.texts[where] = content.encode() if isinstance(content, str) else content

    def done(self, where: str, done: Done) -> None:
        self.add(where, done.out + done.err)

    def found(self, secrets: dict[str, str]) -> list[str]:
        return [
            f"{name} in {where}"
            for name, secret in secrets.items()
            for where, content in self.texts.items()
            if any(form in content for form in _forms(secret))
        ]


def _forms(secret: str) -> set[bytes]:
    """As it is, and as it looks in an address or in a form."""
    return {secret.encode(), urllib.parse.quote(secret).encode(), urllib.parse.quote_plus(secret).encode()}


@pytest.fixture
def portal() -> Iterator[RunningServer[HubSpotPortal]]:
    settings = PortalSettings(tokens={SECRETS["HubSpot token"]: ALL_SCOPES}, limits=None)
    with serve(HubSpotPortal(make_book(5, deals=30, today=clock.now().date()), settings), now=clock.now) as found:
        yield found


@pytest.fixture
def org(tmp_path: Path) -> Iterator[RunningServer[SalesforceOrg]]:
    settings = OrgSettings(client_secret=SECRETS["Salesforce client secret"])
    book = make_book(6, deals=30, today=clock.now().date())
    with serve(SalesforceOrg(book, settings), now=clock.now, tls_folder=tmp_path) as found:
        yield found


@pytest.fixture
def planted(home: Path, org: RunningServer[SalesforceOrg]) -> CommandLine:
    return CommandLine(
        home,
        {
            "REKINDLE_ENCRYPTION_KEYS": KEY,
            "REKINDLE_PATIENCE_S": "1",
            "REKINDLE_SECRET_KEY": SECRETS["signing key"],
            "REKINDLE_HUBSPOT_CLIENT_ID": "an-app",
            "REKINDLE_HUBSPOT_CLIENT_SECRET": SECRETS["HubSpot app secret"],
            "REKINDLE_OIDC_ISSUER": "https://127.0.0.1:9",
            "REKINDLE_OIDC_CLIENT_ID": "rekindle",
            "REKINDLE_OIDC_CLIENT_SECRET": SECRETS["identity provider secret"],
            "REKINDLE_SMTP_URL": f"smtp://mailer:{SECRETS['SMTP password']}@127.0.0.1:9",
            "SSL_CERT_FILE": str(org.ca_file),
        },
    )


def test_no_secret_is_anywhere_but_where_it_belongs(
    planted: CommandLine, portal: RunningServer[HubSpotPortal], org: RunningServer[SalesforceOrg], tmp_path: Path
) -> None:
    searched = Searched()
    _use_the_commands(planted, portal, org, searched, tmp_path)
    _use_the_pages(planted, portal, searched)
    for path in sorted(planted.home.rglob("*")):
        if path.is_file():
            searched.add(f"file {path.relative_to(planted.home)}", path.read_bytes())
    searched.add("the backup", _unpacked(tmp_path / "all.backup"))
    for crm, calls in (("HubSpot", portal.calls), ("Salesforce", org.calls)):
        searched.add(f"addresses asked of {crm}", "\n".join(f"{call.path}?{call.query}" for call in calls.last()))

    assert searched.found(SECRETS) == []
    assert len(searched.texts) > 40, "everything was looked at"


def _use_the_commands(
    planted: CommandLine,
    portal: RunningServer[HubSpotPortal],
    org: RunningServer[SalesforceOrg],
    searched: Searched,
    tmp_path: Path,
) -> None:
    """Every command that shows or writes something, also where the CRM refuses and repeats what it was sent."""
    both = f"{SECRETS['HubSpot token']}\n{SECRETS['HubSpot webhook secret']}\n"
    given = ("--token-stdin", "--webhook-secret-stdin", "--api-url", portal.url)
    searched.done("connect", planted.ok("connect", "hubspot", "acme", *given, stdin=both))
    client = ("--instance-url", org.url, "--client-id", org.app.settings.client_id, "--client-secret-stdin")
    secret = SECRETS["Salesforce client secret"]
    searched.done("connect force", planted.ok("connect", "salesforce", "force", *client, stdin=secret))
    slack = f"slack_url=https://hooks.slack.example/services/{SECRETS['Slack address']}"
    searched.done("set", planted.run("connections", "set", "acme", slack))
    for name in ("acme", "force"):
        for arguments in (("sync", name), ("go-live", name, "--yes", "--limit", "3"), ("doctor", name)):
            searched.done(" ".join(arguments), planted.run(*arguments))
    echo = f"Bad request: Authorization: Bearer {SECRETS['HubSpot token']}".encode()
    for status in (400, 500):
        portal.faults.add(Fault(path="crm", status=status, body=echo, times=4))
        searched.done(f"sync met by {status}", planted.run("sync", "acme", "--full"))
        portal.faults.clear()
    searched.done("connect refused", planted.run("connect", "hubspot", "acme", *given, stdin="pat-wrong\nx\n"))
    commands: tuple[tuple[str, ...], ...] = (
        ("connections",), ("connections", "show", "acme", "--json"), ("connections", "show", "force", "--json"),
        ("doctor", "--json"), ("audit", "--json"), ("audit", "--ledger"), ("reminders", "list", "--json"),
        ("outbox", "list", "--json"), ("inbox", "list", "--json"), ("mappings", "export"), ("policy", "export"),
        ("reminders", "run"), ("reclassify",), ("undo", "acme", "--yes"), ("admin", "users", "list"),
        ("admin", "backup", str(tmp_path / "all.backup")),
    )  # fmt: skip
    for command in commands:
        searched.done(" ".join(command), planted.run(*command))


def _use_the_pages(planted: CommandLine, portal: RunningServer[HubSpotPortal], searched: Searched) -> None:
    """`rekindle up` with a person signed in, a page that is not there, and a CRM that fails in the background."""
    log = planted.home.parent / "up.log"
    port = free_port()
    portal.faults.add(
        Fault(path="crm", status=500, body=SECRETS["HubSpot token"].encode(), probability=0.3, times=None)
    )
    with running(planted, port):
        eventually(lambda: readiness(port)["ok"], "ready")
        code = re.search(r"[A-Z0-9]{4}(-[A-Z0-9]{4})+", planted.ok("admin", "setup-code").out)
        assert code is not None
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        entered = {"code": code.group(), "email": "ada@example.com", "name": "Ada", "password": SECRETS["password"]}
        _post(browser, f"http://127.0.0.1:{port}/set-up", entered)
        refused = {"email": "ada@example.com", "password": SECRETS["password"] + "!"}
        searched.add("a refused sign-in", _post(browser, f"http://127.0.0.1:{port}/sign-in", refused))
        for page in PAGES:
            searched.add(f"page {page}", _get(browser, f"http://127.0.0.1:{port}{page}"))
        assert b"acme" in searched.texts["page /connections"], "somebody is signed in"
    searched.add("the log of up", log.read_bytes())


def _get(browser: urllib.request.OpenerDirector, url: str) -> bytes:
    try:
        with browser.open(url, timeout=PATIENCE_S) as answer:
            content: bytes = answer.read()
    except urllib.error.HTTPError as error:
        content = error.read()
    return content


def _post(browser: urllib.request.OpenerDirector, url: str, entered: dict[str, str]) -> bytes:
    form = _get(browser, url).decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    data = urllib.parse.urlencode({**entered, "csrf_token": token.group(1) if token else ""}).encode()
    request = urllib.request.Request(url, data=data, headers={"Referer": url})
    try:
        with browser.open(request, timeout=PATIENCE_S) as answer:
            content: bytes = answer.read()
    except urllib.error.HTTPError as error:
        content = error.read()
    return content


def _unpacked(path: Path) -> bytes:
    with gzip.open(path) as lines:
        return lines.read()


def test_a_planted_secret_would_be_found() -> None:
    searched = Searched()
    searched.add("a log", "GET /x?token=planted%20maple%20lantern%20password")
    assert searched.found(SECRETS) == ["password in a log"]
