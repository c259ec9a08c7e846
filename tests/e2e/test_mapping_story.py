"""An admin in a real browser: a reason mapped by keyboard, previewed, published, seen in the CRM, rolled back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from connectors.sandbox.book_making import make_book
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.server import serve
from service import operations
from service.bootstrap import App, open_app
from service.config import Settings
from service.connections.connect import Wanted, connect
from service.golive.report import GoLiveRequest
from service.sync.runner import sync
from service.web.app import create_app
from tests.e2e.browser import find_browser
from tests.e2e.walking import NO_BROWSER, browsing, served

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
Tasks = dict[str, tuple[bool, str]]
"""Whether it is done, and its day, by the CRM's id."""


@dataclass
class Story:
    """A live connection whose tasks stand in the CRM, and the page of an admin."""

    app: App
    crm: HubSpotPortal | SalesforceOrg
    page: Page
    address: str

    def tasks(self) -> Tasks:
        if isinstance(self.crm, SalesforceOrg):
            ours = [row for row in self.crm.tasks() if row.get("Description")]
            return {row["Id"]: (row["Status"] == "Completed", row["ActivityDate"]) for row in ours}
        rows = [task["properties"] for task in self.crm.tasks()]
        return {
            row["hs_object_id"]: (row["hs_task_status"] == "COMPLETED", row["hs_timestamp"])
            for row in rows
            if row.get("hs_task_body")
        }

    def press(self, keys: str) -> None:
        for key in keys.split():
            self.page.keyboard.press(key)


@pytest.fixture(params=["hubspot", "salesforce"])
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Story]:
    crm, book = request.param, make_book(11, deals=60, today=NOW.date())
    if find_browser() is None:
        pytest.skip(NO_BROWSER)
    if crm == "salesforce":
        with serve(SalesforceOrg(book), now=lambda: NOW, tls_folder=tmp_path) as org:
            own = org.app.settings
            credentials = {"client_id": own.client_id, "client_secret": own.client_secret}
            wanted = wanted_of(crm, org.url, "client_credentials", credentials)
            yield from told(org.app, wanted, Settings(home=tmp_path / "home", ca_file=str(org.ca_file)))
    else:
        with serve(HubSpotPortal(book), now=lambda: NOW) as portal:
            wanted = wanted_of(crm, portal.url, "token", {"token": DEMO_TOKEN})
            yield from told(portal.app, wanted, Settings(home=tmp_path / "home"))


def wanted_of(crm: str, url: str, auth: str, credentials: dict[str, str]) -> Wanted:
    return Wanted(
        crm=crm,
        name="acme",
        url=url,
        auth=auth,
        credentials=credentials,
        one_task_per_account=False,
        account_sense=False,
    )


def told(crm: HubSpotPortal | SalesforceOrg, wanted: Wanted, settings: Settings) -> Iterator[Story]:
    """Connected, read, live and written; the admin has a page open."""
    app = open_app(settings, now=lambda: NOW, sleep=lambda _: None, jitter=lambda: 0.0)
    with served(create_app(app)) as address:
        connect(app, wanted)
        sync(app, "acme", monotonic=lambda: 0.0)
        operations.go_live(app, "acme", GoLiveRequest())
        with browsing(app, address) as page:
            yield Story(app, crm, page, address)
    app.store.dispose()


def test_a_reason_is_mapped_by_keyboard_published_seen_in_the_crm_and_taken_back(story: Story) -> None:
    page, before = story.page, story.tasks()
    page.goto(f"{story.address}/reasons?q=compet")
    story.press("j x j x j x r 1")  # the first three: not a rejection, a duplicate

    expect(page.get_by_role("region", name="The draft")).to_contain_text(re.compile(r"\d values? assigned"))
    assert story.tasks() == before
    page.goto(f"{story.address}/reasons")
    story.press("p")
    expect(page.get_by_role("heading", level=1)).to_contain_text("What this draft would do")
    expect(page.get_by_text("Publish …")).to_be_visible()  # the list is complete, and so are its counts
    told = page.locator(".kpi", has_text="closed in the CRM").locator("b")
    expect(told).to_have_text(re.compile(r"\d+"))
    closing = int(told.inner_text())

    page.get_by_text("Publish …").click()
    page.get_by_label("Why? The history keeps it.").fill("They are all duplicates")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".flash").first).to_contain_text("It is in force")
    page.get_by_role("button", name="Write what waits now").click()
    expect(page.locator(".flash").first).to_contain_text("done in the CRM")

    closed = {id_ for id_, (is_done, _) in story.tasks().items() if is_done and not before[id_][0]}
    assert len(closed) == closing > 0

    page.get_by_role("link", name="Versions and rollback").click()
    page.get_by_role("button", name="Preview going back").first.click()
    page.get_by_text("Roll back …").click()
    page.get_by_label("Why? The history keeps it.").fill("They were not")
    page.get_by_role("button", name="Roll back", exact=True).click()
    expect(page.locator(".flash").first).to_contain_text("It is in force")
    page.get_by_role("button", name="Write what waits now").click()
    expect(page.locator(".flash").first).to_contain_text("done in the CRM")
    assert story.tasks() == before


@pytest.mark.parametrize("story", ["hubspot"], indirect=True)
def test_the_keys_choose_a_category_and_its_sub_reason(story: Story) -> None:
    page = story.page
    page.goto(f"{story.address}/reasons")

    story.press("j b")
    expect(page.get_by_role("group", name="Sub-reasons")).to_contain_text("over budget")
    story.press("Escape")
    expect(page.get_by_role("group", name="Sub-reasons")).to_be_hidden()
    story.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("xyz")  # letters that choose categories elsewhere
    expect(page.get_by_role("searchbox")).to_have_value("xyz")


@pytest.mark.parametrize("story", ["hubspot"], indirect=True)
def test_the_tester_answers_while_somebody_types(story: Story) -> None:
    page = story.page
    page.goto(f"{story.address}/reasons/rules")

    page.get_by_label("A reason or a note").press_sequentially("CFO froze all spend until April")

    expect(page.locator("#tried mark").first).to_have_text("froze all spend")
