"""The web app on a real port, and a browser of the machine's own to walk through it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from service.bootstrap import App
from service.people import sessions
from service.people.roles import Role
from service.people.users import add_user
from tests.e2e.browser import ARGUMENTS, NAMES, PATIENCE_MS, find_browser

NO_BROWSER = f"No browser is installed; one of {', '.join(NAMES)} walks the pages."


@contextmanager
def served(flask: Flask) -> Iterator[str]:
    """The app's address."""
    server = make_server("127.0.0.1", 0, flask, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def browsing(app: App, address: str) -> Iterator[Page]:
    """A browser with an admin signed in. Skips where there is no browser."""
    found = find_browser()
    if found is None:
        pytest.skip(NO_BROWSER)
    with app.store.begin() as tx:
        user = add_user(tx, email="ada@example.com", name="Ada", role=Role.ADMIN, who="test", now=app.now())
        token = sessions.sign_in(tx, user, now=app.now())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS, timeout=PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        try:
            context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
            context.set_default_timeout(PATIENCE_MS)
            context.add_cookies([{"name": "rekindle", "value": token, "url": address}])
            yield context.new_page()
        finally:
            browser.close()
