"""The product served to a browser, with a sandbox CRM to connect to."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from connectors.sandbox.book_making import make_book
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN
from connectors.sandbox.server import RunningServer, serve
from service import clock
from service.bootstrap import App, open_app
from service.config import Settings
from service.people.roles import Role
from service.people.users import add_user
from service.web.app import create_app

EMAIL, PASSWORD = "ada@example.com", "seven maple lanterns"
PATIENCE_MS = 60_000
"""How long a page may take on a machine that is busy with other things. Nothing waits for it where all goes well."""
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]
"""As root, and in a container whose shared memory is small."""
NAMES = ("chromium", "chromium-browser", "google-chrome")
CSV = """\
Opportunity ID,Opportunity Name,Account Name,Loss Reason,Loss Notes,Close Date,Amount,Opportunity Owner
0061,Renewal,Borealis,Price,"Signed with Zendesk until 31 March 2027, 90 days notice.",2026-06-01,50000,Kim
0062,Platform,Cassini,No budget,Budget frozen until the new fiscal year in April.,2026-07-01,20000,Sam
0063,Pilot,Dione,Timing,Come back in Q2 2027.,2026-08-01,7000,Kim
"""


def find_browser() -> str | None:
    """A browser of this machine, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@dataclass(slots=True)
class Served:
    """The product at an address, and the CRM."""

    url: str
    app: App
    crm: RunningServer[HubSpotPortal]

    @property
    def token(self) -> str:
        """What the CRM lets in."""
        return DEMO_TOKEN


@contextmanager
def served(home: Path, *, deals: int = 120) -> Iterator[Served]:
    """The product with one admin, and a HubSpot portal with a book of deals."""
    portal = HubSpotPortal(make_book(11, deals=deals, today=clock.now().date()))
    app = open_app(Settings(home=home, allow_private_addresses=True))
    with app.store.begin() as tx:
        add_user(tx, email=EMAIL, name="Ada", role=Role.ADMIN, who="test", now=app.now(), password=PASSWORD)
    web = make_server("127.0.0.1", 0, create_app(app), threaded=True)
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    thread.start()
    try:
        with serve(portal, now=clock.now) as crm:
            yield Served(url=f"http://127.0.0.1:{web.server_port}", app=app, crm=crm)
    finally:
        web.shutdown()
        thread.join()
        web.server_close()
        app.store.dispose()


@contextmanager
def browsing(program: str) -> Iterator[Browser]:
    """The browser, started."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS, timeout=PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        try:
            yield browser
        finally:
            browser.close()


def follow(page: Page, selector: str, to: str | re.Pattern[str]) -> None:
    """Click, and be on the page that it leads to: a click alone returns before the page has changed."""
    with page.expect_navigation(url=to, timeout=PATIENCE_MS):
        page.click(selector)


def sign_in(page: Page, url: str) -> None:
    """As the admin."""
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{url}/sign-in")
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    follow(page, "button.primary", f"{url}/")


def connect(page: Page, at: Served) -> None:
    """By the form, with a token, and with the likely fields as proposed."""
    page.goto(f"{at.url}/connections")
    follow(page, "text=Connect HubSpot", "**/connections/new/hubspot")
    page.fill("input[name=name]", "acme")
    page.fill("input[name=url]", at.crm.url)
    page.fill("input[name='token.token']", at.token)
    follow(page, "button[value=token]", "**/fields")
    follow(page, "button:has-text('Save')", "**/connections/acme")


def run(page: Page, selector: str) -> None:
    """Click what starts a run, and wait until the connection's page says that it is over.

    The click leads to the page that watches the run. It has `#live` until nothing goes on any more.
    """
    follow(page, selector, re.compile(r"/connections/acme\?.*after="))
    expect(page.locator("#live")).to_have_count(0)


def sync(page: Page) -> None:
    """Sync now, from the connection's page."""
    run(page, "button:has-text('Sync now')")
    expect(page.locator("dd", has_text="in scope")).to_be_visible()


def go_live(page: Page, *, limit: int) -> str:
    """For one owner and so many tasks; the owner's e-mail address."""
    follow(page, "a:has-text('Go live')", "**/go-live")
    owner = page.locator("select[name=owner] option").nth(1).get_attribute("value") or ""
    page.select_option("select[name=owner]", owner)
    page.fill("input[name=limit]", str(limit))
    follow(page, "button:has-text('Count')", re.compile(r"/go-live\?.*count=1"))
    run(page, "button.primary:has-text('Write')")
    expect(page.locator("h1 .tag")).to_have_text("Live")
    return owner
