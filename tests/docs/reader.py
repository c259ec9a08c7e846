"""Somebody who follows a page line by line: types it, with their own names and secrets."""

from __future__ import annotations

import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from urllib.error import URLError

import click

from connectors.sandbox.book import Book
from connectors.sandbox.book_making import make_book
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import ALL_SCOPES, DEMO_TOKEN, PortalSettings
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.server import serve
from service import clock
from tests.docs.pages import DOCS, Line
from tests.docs.typed import find
from tests.e2e.command_line import Done, InProcess
from tests.patience import PATIENCE_S, free_port

DEALS = 40
EDITS = {"mappings": ("review_threshold = 0.6", "review_threshold = 0.61"), "policy": ("_days = 14 ", "_days = 15 ")}
"""What a reader changes in a document after exporting it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A person with a data folder, a Salesforce org and a HubSpot portal of their own."""

    rekindle: InProcess
    names: Mapping[str, str]
    secrets: Mapping[str, str]

    def follow(self, line: Line) -> Done:
        """Type the line, and say yes where it asks."""
        text = line.text
        for theirs, mine in self.names.items():
            text = text.replace(theirs, mine)
        words = Line(line.page, line.number, text).words[1:]
        command, _ = find(words)
        if words[:2] == ["connect", "hubspot"]:
            words += ["--api-url", self.names["https://api.hubapi.com"]]
        if words[:1] == ["up"]:
            return self._start_and_stop(words)
        if any("--yes" in one.opts for one in command.params if isinstance(one, click.Option)):
            words.append("--yes")
        typed = "".join(f"{secret}\n" for option, secret in self.secrets.items() if option in words)
        done = self.rekindle.run(*words, stdin=typed)
        if done.status == 0 and words[1:2] == ["export"] and words[0] in EDITS:
            self._edit(words[0], self.rekindle.home.parent / words[2])
        return done

    def _edit(self, kind: str, path: Path) -> None:
        before = path.read_text(encoding="utf-8")
        after = before.replace(*EDITS[kind], 1)
        path.write_text(after, encoding="utf-8")

    def _start_and_stop(self, words: list[str]) -> Done:
        """A service that runs until it is stopped: wait until it answers, then stop it as Ctrl-C would."""
        port = free_port()
        with self.rekindle.start(*words, "--port", port) as process:
            until = clock.monotonic() + PATIENCE_S
            while not answers(port) and process.poll() is None and clock.monotonic() < until:
                clock.sleep(0.1)
            was_there = answers(port)
            process.terminate()
            out, err = process.communicate(timeout=PATIENCE_S)
        return Done(process.returncode if was_there else 1, out.decode(), err.decode())


def busiest(book: Book) -> str:
    """The address of whoever lost most lately, so that there is something to write for them on any day."""
    here = {user.number: user.email for user in book.users if user.is_active}
    lost = [
        (deal.lost_on, here[deal.owner_number]) for deal in book.deals if deal.lost_on and deal.owner_number in here
    ]
    lately = sorted(lost, reverse=True)[: len(lost) // 2]
    return Counter(email for _, email in lately).most_common(1)[0][0]


def answers(port: int) -> bool:
    """Whether the web service says that it is alive."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


@contextmanager
def reader(folder: Path) -> Iterator[Reader]:
    """A reader who sits in that folder, with an export of lost deals in it."""
    book = make_book(7, deals=DEALS, today=clock.now().date())
    (folder / "docs").mkdir()
    for place in (folder, folder / "docs"):
        copy(DOCS / "lost-deals.csv", place)
    org = SalesforceOrg(book, OrgSettings())
    portal = HubSpotPortal(book, PortalSettings(tokens={DEMO_TOKEN: ALL_SCOPES}, limits=None))
    with ExitStack() as stack:
        salesforce = stack.enter_context(serve(org, now=clock.now, tls_folder=folder))
        hubspot = stack.enter_context(serve(portal, now=clock.now))
        names = {
            "https://acme.my.salesforce.com": salesforce.url,
            "https://api.hubapi.com": hubspot.url,
            "CONSUMER_KEY": org.settings.client_id,
            "ann@acme.example": busiest(book),
        }
        secrets = {
            "--token-stdin": DEMO_TOKEN,
            "--client-secret-stdin": org.settings.client_secret,
            "--webhook-secret-stdin": "the-apps-client-secret",
        }
        rekindle = InProcess(folder / "home", env={"SSL_CERT_FILE": str(salesforce.ca_file)})
        yield Reader(rekindle, names, secrets)
