"""The web app in a browser: the first thirty minutes, a follow-up done, a debrief, strangers, and axe on every page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from mappings.taxonomy import Category
from service.mapping_sets.drafts import open_draft
from service.mapping_sets.kinds import Kind
from service.mapping_sets.learn import assign_values
from service.mapping_sets.preview import build_preview, start_preview
from service.reviews.making import last_week, make_review
from tests.e2e.browser import (
    PATIENCE_MS,
    Served,
    browsing,
    connect,
    find_browser,
    follow,
    go_live,
    served,
    sign_in,
    sync,
)
from tests.e2e.thirty_minutes import walk

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_browser() is None, reason="no chromium on this machine (apt-get install chromium)"),
]
AXE = Path(__file__).parent / "axe-4.14.1.min.js"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing(find_browser() or "") as found:
        yield found


@pytest.fixture
def at(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, deals=getattr(request, "param", 120)) as found:
        yield found


@pytest.fixture
def page(browser: Browser, at: Served) -> Iterator[Page]:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    sign_in(page, at.url)
    yield page
    context.close()
    assert not faults


@pytest.mark.parametrize("at", [500], indirect=True)  # in a small book no value is frequent
def test_the_first_thirty_minutes(page: Page, at: Served, tmp_path: Path) -> None:
    watch = walk(page, at, tmp_path / "lost.csv")

    assert len(watch.stages) == 4
    assert "of thirty" in watch.told()


def test_a_follow_up_is_done_and_a_debrief_times_the_next(page: Page, at: Served) -> None:
    connect(page, at)
    sync(page)
    go_live(page, limit=5)
    page.goto(f"{at.url}/reminders?bucket=later")
    page.locator("input[name=id]").first.check()
    page.click("button[value=done]")
    expect(page.locator(".flash")).to_contain_text("1 done.")

    page.goto(f"{at.url}/reminders?bucket=later")
    follow(page, "li.queue a", "**/deals/*")
    page.fill("textarea[name=stated]", "Not before they have a new head of sales.")
    page.check("input[name=worth][value=yes]")
    page.fill("input[name=touch_on]", "2031-03-10")
    page.click("button:has-text('Save the debrief')")
    expect(page.locator(".flash").first).to_contain_text("The debrief is kept.")
    expect(page.locator("td", has_text="come back on 10 March 2031")).to_be_visible()


def test_it_works_by_keyboard_alone(page: Page, at: Served) -> None:
    page.goto(f"{at.url}/connections")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/connections/new/**")


def a_change(at: Served) -> int:
    """A preview of a draft, with its list."""
    with at.app.store.begin() as tx:
        draft = open_draft(tx, Kind.MAPPINGS)
        assign_values(tx, ["Price"], Category.NEED, revision=draft.revision, author="ada", now=at.app.now())
    return build_preview(at.app, start_preview(at.app, Kind.MAPPINGS, author="ada")).id


def last_review(at: Served) -> str:
    """The week of a review that there is."""
    week = last_week(at.app.now(), "UTC")
    make_review(at.app, week)
    return week


def every_page(page: Page, at: Served) -> list[str]:
    """The pages of the menu, and those behind them."""
    page.goto(at.url)
    menu = [link.get_attribute("href") or "/" for link in page.locator("nav .menu a").all()]
    more = ["/start", "/connections/new/hubspot", "/connections/new/salesforce", "/connections/acme"]
    more += ["/connections/acme/fields", "/connections/acme/go-live?count=1&limit=5", "/connections/acme/undo"]
    more += [
        "/connections/acme/settings",
        "/connections/acme/remove",
        "/you",
        "/findings",
        "/people/log",
        "/help",
        "/reasons/rules",
        "/reasons/sub-reasons",
        "/reasons/scope",
        "/timing/texts",
        "/timing/simulator?q=a",
        "/changes",
        f"/changes/{a_change(at)}",
        "/versions/mappings",
        "/versions/policy",
        "/documents/mappings",
        "/documents/policy",
    ]
    more += ["/deals?category=unknown&plan=none&span=52w", f"/reviews/{last_review(at)}"]
    page.goto(f"{at.url}/deals")
    deal = page.locator("tbody a").first.get_attribute("href") or ""
    return [*menu, *more, deal, "/reminders?bucket=later", "/reminders?bucket=backlog"]


def test_no_page_has_a_barrier_that_axe_finds(page: Page, at: Served) -> None:
    connect(page, at)
    sync(page)
    found: dict[str, Any] = {}
    for path in [*every_page(page, at), "/api/v1/docs"]:
        page.goto(at.url + path)
        page.add_script_tag(path=AXE)
        broken = page.evaluate("axe.run().then(found => found.violations.map(one => [one.id, one.nodes[0].html]))")
        if broken:
            found[path] = broken

    assert found == {}


def test_a_stranger_is_refused_at_every_page(page: Page, at: Served, browser: Browser) -> None:
    connect(page, at)
    sync(page)
    stranger = browser.new_context().new_page()
    stranger.set_default_timeout(PATIENCE_MS)
    for path in every_page(page, at):
        stranger.goto(at.url + path)
        assert "/sign-in" in stranger.url, path
        assert "acme" not in stranger.inner_text("body")
    stranger.context.close()


def test_no_page_is_wider_than_a_phone(page: Page, at: Served) -> None:
    connect(page, at)
    sync(page)
    page.set_viewport_size({"width": 400, "height": 800})
    wide = []
    for path in every_page(page, at):
        page.goto(at.url + path)
        if page.evaluate("document.documentElement.scrollWidth") > 400:
            wide.append(path)

    assert wide == []
