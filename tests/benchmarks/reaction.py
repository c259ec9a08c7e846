"""From a deal that is lost in HubSpot to its task there, with `rekindle up` in between, one after another."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import orjson

from connectors.sandbox.book_making import make_book
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN, PortalSettings
from connectors.sandbox.server import serve
from connectors.sandbox.webhooks import hubspot_event, hubspot_headers, send
from service.bootstrap import open_app
from service.clock import monotonic, now
from service.config import Settings
from service.connections.connect import Wanted, connect
from service.sync.runner import sync
from tests.benchmarks.report import heading, note
from tests.benchmarks.webhooks import SECRET, free_port, served

PATIENCE_S = 30.0


def measure(folder: Path, *, deals: int) -> None:
    """Print the percentiles of the time from the change to the task."""
    home = folder / "reaction"
    portal = HubSpotPortal(make_book(7, deals=200, today=now().date()), PortalSettings(limits=None))
    with serve(portal, now=now) as server:
        _connect(Settings(home=home), server.url)
        port = free_port()
        url = f"http://127.0.0.1:{port}/webhooks/hubspot"
        up = [sys.executable, "-m", "service.cli.main", "up", "--port", str(port)]
        with served(up, {"REKINDLE_HOME": str(home)}, port, "/readyz"):
            _react(portal, url, _open_deals(portal)[0])  # what is loaded when first used is loaded
            took = sorted(_react(portal, url, deal) for deal in _open_deals(portal)[:deals])
    heading(f"From a lost deal to its task in HubSpot, {len(took)} deals one after another")
    percentiles = (f"p{share}: {took[min(len(took) * share // 100, len(took) - 1)]:.2f} s" for share in (50, 95, 100))
    note(", ".join(percentiles))


def _connect(settings: Settings, url: str) -> None:
    app = open_app(settings)
    credentials = {"token": DEMO_TOKEN, "webhook_secret": SECRET}
    wanted = Wanted(
        crm="hubspot", name="acme", url=url, auth="token", credentials=credentials, is_live=True, account_sense=False,
        one_task_per_account=False, options={"search_rate": "0", "burst_rate": "0"},
    )  # fmt: skip
    connect(app, wanted)
    sync(app, "acme", monotonic=monotonic)
    app.store.dispose()


def _open_deals(portal: HubSpotPortal) -> list[int]:
    stages = {one.id: one for pipeline in portal.state.pipelines for one in pipeline.stages}
    return [
        int(one.id) for one in portal.state.table("deals").live() if not stages[one.properties["dealstage"]].is_closed
    ]


def _react(portal: HubSpotPortal, url: str, deal_id: int) -> float:
    """The seconds until one more task stands."""
    lost = next(one.id for pipeline in portal.state.pipelines for one in pipeline.stages if one.is_lost)
    before = len(portal.tasks())
    began = time.perf_counter()
    portal.edit("deals", deal_id, at=now(), dealstage=lost, lost_reason="no_budget")
    body = orjson.dumps([hubspot_event(portal.settings.portal_id, deal_id, event_id=1, at=now())])
    assert send(url, hubspot_headers(SECRET, url=url, body=body, at=now()), body).status == 200
    while len(portal.tasks()) == before:
        if time.perf_counter() - began > PATIENCE_S:
            raise SystemExit(f"Deal {deal_id} has no task after {PATIENCE_S:.0f} s.")
        time.sleep(0.01)
    return time.perf_counter() - began
