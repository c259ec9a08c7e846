"""The first admin in a browser: in by the one-time code, and off to a Salesforce org that lets us in, or does not."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from connectors.sandbox.book_making import make_book
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.server import serve
from service import clock
from service.bootstrap import App, open_app
from service.config import Settings
from service.people.users import setup_code
from service.web.app import create_app
from tests.e2e.browser import EMAIL, PASSWORD, PATIENCE_MS, browsing, find_browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_browser() is None, reason="no chromium on this machine (apt-get install chromium)"),
]
CLIENT = {"client_id": "ours", "client_secret": "of ours"}


@pytest.fixture
def page() -> Iterator[Page]:
    with browsing(find_browser() or "") as browser:
        page = browser.new_context(ignore_https_errors=True).new_page()  # the sandbox vouches for itself
        page.set_default_timeout(PATIENCE_MS)
        yield page


@pytest.fixture
def org(tmp_path: Path) -> Iterator[tuple[str, App, str]]:
    """A Salesforce org, and an installation that nobody has set up: its address, the product, the org's address."""
    settings = OrgSettings(client_id=CLIENT["client_id"], client_secret=CLIENT["client_secret"])
    book = make_book(11, deals=60, today=clock.now().date())
    with serve(SalesforceOrg(book, settings), now=clock.now, tls_folder=tmp_path) as crm:
        app = open_app(
            Settings(
                home=tmp_path / "home",
                allow_private_addresses=True,
                ca_file=str(crm.ca_file),
                salesforce_client_id=CLIENT["client_id"],
                salesforce_client_secret=CLIENT["client_secret"],
            )
        )
        web = make_server("127.0.0.1", 0, create_app(app), threaded=True)
        url = f"http://127.0.0.1:{web.server_port}"
        settings.callbacks = (f"{url}/oauth/salesforce/callback",)
        thread = threading.Thread(target=web.serve_forever, daemon=True)
        thread.start()
        try:
            yield url, app, crm.url
        finally:
            web.shutdown()
            thread.join()
            web.server_close()
            app.store.dispose()


def test_the_first_admin_comes_in_by_the_code_and_signs_in_at_the_org(page: Page, org: tuple[str, App, str]) -> None:
    url, app, org_url = org
    page.goto(url)
    page.wait_for_url(f"{url}/set-up")
    set_up(page, "AAAA-BBBB-CCCC-DDDD")
    expect(page.get_by_role("alert")).to_contain_text("That code is wrong")
    with app.store.begin() as tx:
        code = setup_code(tx, now=app.now())
    set_up(page, code)
    expect(page.get_by_role("link", name="Connections")).to_be_visible()
    page.goto(f"{url}/set-up")
    expect(page.get_by_role("link", name="Connections")).to_be_visible()

    ask(page, url, org_url)
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_text("end-user denied authorization")).to_be_visible()
    ask(page, url, org_url)
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url(f"{url}/connections/org/fields")
    expect(page.get_by_role("heading", level=1)).to_contain_text("org")


def set_up(page: Page, code: str) -> None:
    page.fill("input[name=code]", code)
    page.fill("input[name=name]", "Ada")
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Start").click()


def ask(page: Page, url: str, org_url: str) -> None:
    page.goto(f"{url}/connections/new/salesforce")
    page.fill("input[name=name]", "org")
    page.fill("input[name=url]", org_url)
    page.get_by_role("button", name="Sign in with Salesforce").click()
    page.wait_for_url(re.compile("/services/oauth2/authorize"))
