"""Several processes on one connection keep to the CRM's limits together, in real time against a strict portal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from connectors.sandbox.book_making import make_book
from connectors.sandbox.faults import Fault
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN, PortalSettings, RateLimits
from connectors.sandbox.server import RunningServer, serve
from service import clock
from service.bootstrap import App, open_app
from service.config import load_settings
from service.connections.connect import Wanted, connect
from service.store.connections import connection_named
from service.store.models import Base
from service.store.session import open_store

ROOT = Path(__file__).parents[2]
BOOK = make_book(5, deals=20, today=datetime(2026, 11, 16, tzinfo=UTC).date())


@dataclass
class Office:
    """A connection that several processes use at once."""

    crm: RunningServer[HubSpotPortal]
    app: App
    environment: Mapping[str, str]

    def ask(self, what: str, *, times: int, processes: int) -> list[int]:
        """So many processes at once; how many calls each made."""
        command = [sys.executable, "-m", "tests.integration.asking", "acme", what, str(times)]
        running = [
            subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True)
            for _ in range(processes)
        ]
        told = [(one.communicate(timeout=120)[0], one.returncode) for one in running]
        assert [status for _, status in told] == [0] * processes
        return [int(said) for said, _ in told]


@contextmanager
def office(url: str, home: Path, limits: RateLimits) -> Iterator[Office]:
    ours = {
        "REKINDLE_HOME": str(home),
        "REKINDLE_DATABASE_URL": url,
        "REKINDLE_HTTP_MAX_TRIES": "1",  # a refusal would end the process: nothing is refused, or the test fails
        "PYTHONPATH": str(ROOT),
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REKINDLE_")} | ours
    with serve(HubSpotPortal(BOOK, PortalSettings(limits=limits)), now=clock.now) as server:
        app = open_app(load_settings(environment))
        connect(
            app,
            Wanted(
                crm="hubspot",
                name="acme",
                url=server.url,
                auth="token",
                credentials={"token": DEMO_TOKEN},
            ),
        )
        yield Office(crm=server, app=app, environment=environment)
        app.store.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'shared.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    store = open_store(url)
    with store.engine.begin() as connection:
        Base.metadata.drop_all(connection)
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    store.dispose()
    return url


def test_three_processes_search_no_faster_than_the_account_may(database: str, tmp_path: Path) -> None:
    with office(database, tmp_path, RateLimits()) as desk:
        assert desk.ask("totals", times=3, processes=3) != [], "five a second are allowed, nine are wanted at once"


@pytest.mark.slow
def test_three_processes_together_stay_within_the_rolling_window(database: str, tmp_path: Path) -> None:
    with office(database, tmp_path, RateLimits(burst=25)) as desk:
        made = desk.ask("descriptions", times=3, processes=3)
        assert sum(made) > 40, "more than one window's worth"


@pytest.mark.slow  # real seconds pass
def test_a_wait_that_one_process_was_told_is_kept_by_the_others(database: str, tmp_path: Path) -> None:
    with office(database, tmp_path, RateLimits()) as desk:
        with desk.app.store.read() as tx:
            connection = connection_named(tx, "acme")
        desk.crm.faults.add(Fault(path="/search", status=429, headers={"Retry-After": "5"}, body={"status": "error"}))
        connector, _ = desk.app.connector(connection)
        with pytest.raises(Exception, match="limit"):
            connector.count_lost_total()
        refused_at = clock.now()

        desk.ask("totals", times=1, processes=2)

        assert (clock.now() - refused_at).total_seconds() >= 5
