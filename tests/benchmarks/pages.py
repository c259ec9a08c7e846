"""Each page of the web app over many stored deals: how long the server works on it, as a signed-in admin."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from mappings.taxonomy import Category
from service.bootstrap import App, open_app
from service.config import Settings
from service.mapping_sets.drafts import open_draft
from service.mapping_sets.kinds import Kind
from service.mapping_sets.learn import assign_values
from service.mapping_sets.preview import build_preview, start_preview
from service.people import sessions, users
from service.people.roles import Role
from service.store.models import DealRow, UserRow
from service.web.app import create_app
from tests.benchmarks.book import fill
from tests.benchmarks.mapping_sets import NOW
from tests.benchmarks.report import heading, note

TIMES = 20
GOAL_MS = 300
NO_PAGES = ("/api/", "/static/", "/webhooks/", "/hooks/", "/oauth/", "/metrics", "/health", "/ready", "/live")
BARE = "/start"
"""A page of the same app with nothing to count: who asks is looked up, a template is rendered."""
NARROWED = (
    "category=competitor", "sub_reason=no_decision", "stated_category=budget", "competitor=Zendesk", "country=DE",
    "industry=Retail", "band=10k_to_50k", "owner_id=005003", "connection_id=1",
)  # fmt: skip
SPANS = ("span=4w", "span=26w", "span=52w", "span=156w")
SEARCHES = (
    *(f"/?{span}" for span in SPANS),
    *(f"/{page}?{one}{span}" for one in NARROWED for page in ("", "deals") for span in ("", "&span=156w")),
    "/deals?q=Deal+777", "/deals?q=nobody", "/deals?review=1", "/deals?plan=none", "/deals?page=100",
    "/reasons?order=review", "/reasons?q=price", "/timing/simulator?q=Account+77",
    *(
        f"/reminders?bucket={bucket}{more}"
        for bucket in ("overdue", "today", "week", "later", "backlog")
        for more in ("", "&q=Account+7", "&owner_id=005003")
    ),
    "/connections/bench", "/connections/bench/settings", "/connections/bench/remove",
)  # fmt: skip


def measure(folder: Path, *, stored: int) -> None:
    """The slowest visit but one (their 95th percentile), in milliseconds by the clock and of processor."""
    app = open_app(Settings(home=folder), now=lambda: NOW)
    fill(app, stored)
    visit(app, stored)


def visit(app: App, stored: int) -> None:
    """Print every page's times beside those of a bare page, the slowest first."""
    web, preview_id, deal_id = create_app(app), _previewed(app), _a_deal(app)
    client = _admin(app, web)
    heading(f"pages over {stored:,} stored deals, {app.store.engine.dialect.name}; the slowest but one of 20 visits")
    pages = [*_plain_pages(web), *SEARCHES, f"/deals/{deal_id}", f"/changes/{preview_id}"]
    bare = _visits(client, BARE)[0] or 1
    found = sorted(((*_visits(client, page), page) for page in pages), reverse=True)
    for by_cpu, by_clock, status, page in found:
        mark = "  slower than the goal" if by_cpu > GOAL_MS else ""
        ratio = f"{by_cpu / bare:>6.1f}x a bare page"
        note(f"{page:<44}{status:>5}{by_clock:>9.0f} ms{by_cpu:>9.0f} ms of processor{ratio}{mark}")


def _visits(client: FlaskClient, page: str) -> tuple[float, float, int]:
    client.get(page)  # what is loaded once is not the page's
    spent: list[tuple[float, float]] = []
    status = 0
    for _ in range(TIMES):
        started, cpu = time.monotonic(), time.process_time()
        status = client.get(page).status_code
        spent.append((time.process_time() - cpu, time.monotonic() - started))
    return _late([cpu for cpu, _ in spent]), _late([clock for _, clock in spent]), status


def _late(seconds: Sequence[float]) -> float:
    return sorted(seconds)[int((len(seconds) - 1) * 0.95)] * 1000


def _plain_pages(web: Flask) -> list[str]:
    """Every page that needs no more than its address."""
    rules = [one for one in web.url_map.iter_rules() if "GET" in (one.methods or ()) and not one.arguments]
    return sorted({one.rule for one in rules if not one.rule.startswith(NO_PAGES)})


def _admin(app: App, web: Flask) -> FlaskClient:
    with app.store.begin() as tx:
        user: UserRow = users.add_user(tx, email="ada@bench.example", name="", role=Role.ADMIN, who="bench", now=NOW)
        token = sessions.sign_in(tx, user, now=NOW)
    client = web.test_client()
    client.set_cookie("rekindle", token)
    return client


def _previewed(app: App) -> int:
    with app.store.begin() as tx:
        revision = open_draft(tx, Kind.MAPPINGS).revision
        assign_values(tx, ["Price"], Category.NEED, revision=revision, author="bench", now=NOW)
    return build_preview(app, start_preview(app, Kind.MAPPINGS, author="bench")).id


def _a_deal(app: App) -> int:
    with app.store.read() as tx:
        return tx.query(DealRow.id).limit(1).scalar() or 0
