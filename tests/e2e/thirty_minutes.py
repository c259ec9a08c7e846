"""`python -m tests.e2e.thirty_minutes`: the first thirty minutes of an admin, walked in a browser and timed by stages.

What it tells is how long the product keeps an admin waiting; reading and thinking come on top.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, expect

from service import clock
from tests.e2e.browser import CSV, Served, browsing, connect, find_browser, follow, go_live, run, served, sign_in, sync

MOST_LOSSES = 50
FIXED = 3


@dataclass
class Stopwatch:
    """How long each stage took, in seconds."""

    monotonic: Callable[[], float] = clock.monotonic
    stages: list[tuple[str, float]] = field(default_factory=list)
    began: float = 0.0

    def start(self) -> None:
        self.began = self.monotonic()

    def lap(self, stage: str) -> None:
        now = self.monotonic()
        self.stages.append((stage, now - self.began))
        self.began = now

    def told(self) -> str:
        lines = [f"{seconds / 60:6.2f} min  {stage}" for stage, seconds in self.stages]
        total = sum(seconds for _, seconds in self.stages)
        return "\n".join([*lines, f"{total / 60:6.2f} min  in all, of thirty"])


def walk(page: Page, at: Served, export: Path) -> Stopwatch:
    """All of it, each stage with what must be true at its end."""
    watch = Stopwatch()
    watch.start()
    drop_an_export(page, at, export)
    watch.lap("an export dropped: reasons, dates with their why, tasks per rep")
    connect_and_read(page, at)
    watch.lap("a CRM connected and read; the ledger is the CRM's own count; nothing written")
    fix_three_values(page, at)
    watch.lap("three values fixed by keyboard, previewed and published")
    write_five_tasks_and_take_them_back(page, at)
    watch.lap("live for one owner with five tasks, seen in the CRM; undone, seen gone")
    return watch


def drop_an_export(page: Page, at: Served, export: Path) -> None:
    """Five minutes."""
    export.write_text(CSV, encoding="utf-8")
    page.goto(f"{at.url}/start")
    page.set_input_files("input[type=file]", export)
    page.click("button:has-text('Show what it says')")
    expect(page.locator("ol.steps li", has_text="Borealis").first).to_be_visible()
    expect(page.locator("ol.steps li").nth(2)).to_be_visible()
    expect(page.get_by_role("heading", name="Tasks per rep")).to_be_visible()


def connect_and_read(page: Page, at: Served) -> None:
    """Twelve minutes."""
    connect(page, at)
    sync(page)
    expect(page.locator("li", has_text="that the CRM counts")).to_be_visible()
    assert not at.crm.app.tasks(), "it is on hold"


def fix_three_values(page: Page, at: Served) -> None:
    """Twenty-two minutes: fifteen values cover most of all losses; three values get another meaning."""
    page.goto(f"{at.url}/reasons")
    covered = re.search(r"the 15 most frequent cover (\d+)% of", page.locator(".head").inner_text())
    assert covered is not None
    assert int(covered[1]) > MOST_LOSSES
    tick(page, FIXED)
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="The draft")).to_contain_text(f"{FIXED} values assigned")
    page.keyboard.press("p")
    page.get_by_text("Publish …").click()
    page.get_by_label("Why? The history keeps it.").fill("As our team says it")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".flash").first).to_contain_text("It is in force")


def tick(page: Page, wanted: int) -> None:
    """So many values, going down the list; a row that gives no reason has nothing to tick."""
    rows = page.locator("tr[data-row]")
    with_values = [at for at in range(rows.count()) if rows.nth(at).locator("[data-main]").count()][:wanted]
    for at in range(with_values[-1] + 1):
        page.keyboard.press("j")
        if at in with_values:
            page.keyboard.press("x")
    expect(page.get_by_text(f"{wanted} selected")).to_be_visible()


def write_five_tasks_and_take_them_back(page: Page, at: Served) -> None:
    """Thirty minutes."""
    page.goto(f"{at.url}/connections/acme")
    go_live(page, limit=5)
    written = at.crm.app.tasks()
    assert 0 < len(written) <= 5
    assert len({task["properties"]["hubspot_owner_id"] for task in written}) == 1
    follow(page, "a:has-text('Undo')", re.compile(r"/undo$"))
    run(page, "button:has-text('Take it back')")
    expect(page.locator("h1 .tag")).to_have_text("On hold")
    assert not at.crm.app.tasks()


def main() -> int:
    """Walk it, and say how long it took."""
    program = find_browser()
    if program is None:
        print("It needs chromium (apt-get install chromium).", file=sys.stderr)  # noqa: T201
        return 2
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with served(home / "home", deals=600) as at, browsing(program) as browser:
            page = browser.new_page()
            sign_in(page, at.url)
            print(walk(page, at, home / "lost.csv").told())  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
