"""`python -m tests.screenshots FOLDER`: every page of the web app on a book of lost deals, as pictures."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.browser import CSV, Served, browsing, connect, find_browser, go_live, served, sign_in, sync
from tests.e2e.test_web_story import every_page

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 400, "height": 800}
LOOKS = (("light", WIDE), ("dark", WIDE), ("light", NARROW), ("dark", NARROW))


def main() -> int:
    """Make them."""
    program = find_browser()
    if len(sys.argv) != 2 or program is None:
        print("Usage: python -m tests.screenshots FOLDER, with chromium installed.", file=sys.stderr)  # noqa: T201
        return 2
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        served(Path(home), deals=600) as at,
        browsing(program) as browser,
    ):
        page = browser.new_page()
        sign_in(page, at.url)
        for name in ("sign-in", "connections", "reasons", "deals", "reminders", "reviews", "changes"):
            shoot(page, at, folder, f"empty-{name}", f"/{name}")
        connect(page, at)
        sync(page)
        go_live(page, limit=5)
        for path in every_page(page, at):
            name = path.partition("?")[0].strip("/").replace("/", "-") or "audit"
            shoot(page, at, folder, name if "bucket" not in path else f"{name}-{path.rpartition('=')[2]}", path)
        for path in ("/deals/999999", "/deals?q=nobody+of+that+name"):
            shoot(page, at, folder, "none-" + re.sub(r"\W+", "-", path).strip("-"), path)
        export = Path(home) / "lost.csv"
        export.write_text(CSV, encoding="utf-8")
        page.goto(f"{at.url}/start")
        page.set_input_files("input[type=file]", export)
        page.click("button:has-text('Show what it says')")
        looks(page, folder, "start-shown")
    return 0


def shoot(page: Page, at: Served, folder: Path, name: str, path: str) -> None:
    """One page in all its looks."""
    page.goto(at.url + path)
    looks(page, folder, name)


def looks(page: Page, folder: Path, name: str) -> None:
    """What the browser shows now, light and dark, wide and narrow."""
    for scheme, size in LOOKS:
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        width = "wide" if size is WIDE else "narrow"
        page.screenshot(path=folder / f"{name}-{scheme}-{width}.png", full_page=True)


if __name__ == "__main__":
    sys.exit(main())
