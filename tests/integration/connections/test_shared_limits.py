"""Several processes on one connection keep to the CRM's limits together, against a strict portal, in a shared time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from connectors.budget import Held, Window
from connectors.errors import ConnectorError
from connectors.sandbox.book_making import make_book
from connectors.sandbox.faults import Fault
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN, PortalSettings, RateLimits
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.server import RunningServer, serve
from service.bootstrap import App, open_app
from service.config import Settings, load_settings
from service.connections.connect import Wanted, connect
from service.processes.life import started_at, this_process
from service.store.budgets import StoredWindows
from service.store.connections import connection_named
from service.store.models import Base, ConnectionRow
from service.store.session import open_store
from tests.integration.connections.shared_time import SharedTime

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
BOOK = make_book(5, deals=20, today=NOW.date())
PATIENCE_S = 300


@dataclass
class Office:
    """A connection that several processes use at once."""

    crm: RunningServer[HubSpotPortal]
    app: App
    time: SharedTime
    environment: Mapping[str, str]

    def ask(self, what: str, *, times: int, processes: int) -> list[int]:
        """So many processes at once; how many calls each made. One that meets a refusal fails, and so does the test."""
        with self.time.lived_by(processes) as port, ExitStack() as running:
            command = [
                sys.executable,
                "-m",
                "tests.integration.connections.asking",
                str(port),
                "acme",
                what,
                str(times),
            ]
            asking = [running.enter_context(self._started(command)) for _ in range(processes)]
            told = [one.communicate(timeout=PATIENCE_S) for one in asking]
        assert [one.returncode for one in asking] == [0] * processes, "\n".join(errors for _, errors in told)
        return [int(said) for said, _ in told]

    @contextmanager
    def _started(self, command: list[str]) -> Iterator[subprocess.Popen[str]]:
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=pipe, stderr=pipe, text=True) as process:
            try:
                yield process
            finally:
                process.kill()


@contextmanager
def office(url: str, home: Path, limits: RateLimits) -> Iterator[Office]:
    ours = {
        "REKINDLE_HOME": str(home),
        "REKINDLE_DATABASE_URL": url,
        "REKINDLE_HTTP_MAX_TRIES": "1",  # a refusal would end the process: nothing is refused, or the test fails
        "PYTHONPATH": str(ROOT),
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REKINDLE_")} | ours
    time = SharedTime(NOW)
    with serve(HubSpotPortal(BOOK, PortalSettings(limits=limits)), now=time.now) as server:
        app = open_app(load_settings(environment), now=time.now, sleep=time.sleep)
        try:
            token = {"token": DEMO_TOKEN}
            connect(app, Wanted(crm="hubspot", name="acme", url=server.url, auth="token", credentials=token))
            time.sleep(60)  # what it took to connect is forgotten
            yield Office(crm=server, app=app, time=time, environment=environment)
        finally:
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


@pytest.mark.slow
def test_three_processes_search_no_faster_than_the_account_may(database: str, tmp_path: Path) -> None:
    with office(database, tmp_path, RateLimits()) as desk:
        began = desk.time.now()
        desk.ask("totals", times=3, processes=3)
        assert desk.time.now() > began + timedelta(seconds=1), "five a second are allowed, nine were wanted at once"


@pytest.mark.slow
def test_three_processes_together_stay_within_the_rolling_window(database: str, tmp_path: Path) -> None:
    with office(database, tmp_path, RateLimits(burst=25)) as desk:
        began = desk.time.now()
        made = desk.ask("descriptions", times=3, processes=3)
        assert sum(made) > 40, "more than one window's worth"
        assert desk.time.now() > began + timedelta(seconds=10)


@pytest.mark.slow
def test_a_wait_that_one_process_was_told_is_kept_by_the_others(database: str, tmp_path: Path) -> None:
    with office(database, tmp_path, RateLimits()) as desk:
        with desk.app.store.read() as tx:
            connection = connection_named(tx, "acme")
        desk.crm.faults.add(Fault(path="/search", status=429, headers={"Retry-After": "5"}, body={"status": "error"}))
        connector, _ = desk.app.connector(connection)
        with pytest.raises(Exception, match="limit"):
            connector.count_lost_total()
        refused_at = desk.time.now()

        desk.ask("totals", times=1, processes=2)

        assert (desk.time.now() - refused_at).total_seconds() >= 5


@contextmanager
def an_org(url: str, home: Path, tls_folder: Path) -> Iterator[tuple[App, ConnectionRow]]:
    """The product, connected to a Salesforce org where few calls may run at once."""
    time = SharedTime(NOW)
    with serve(SalesforceOrg(BOOK), now=time.now, tls_folder=tls_folder) as server:
        settings = Settings(home=home, database_url=url, ca_file=str(server.ca_file))
        app = open_app(settings, now=time.now, sleep=time.sleep)
        try:
            own = server.app.settings
            credentials = {"client_id": own.client_id, "client_secret": own.client_secret}
            options = {"concurrent_calls": "2"}
            connect(
                app,
                Wanted(
                    crm="salesforce",
                    name="acme",
                    url=server.url,
                    auth="client_credentials",
                    credentials=credentials,
                    options=options,
                ),
            )
            with app.store.read() as tx:
                yield app, connection_named(tx, "acme")
        finally:
            app.store.dispose()


def room_held(app: App, connection: ConnectionRow) -> dict[str, Held]:
    return StoredWindows(app.store, connection.id).load("calls").held


def test_one_job_after_another_finds_room_for_its_calls(database: str, tmp_path: Path) -> None:
    with an_org(database, tmp_path, tmp_path) as (app, connection):
        began = app.now()
        for _ in range(5):
            connector, _ = app.connector(connection)
            connector.check()
            del connector
        assert app.now() == began, "nobody waited for room that nobody uses"
        assert 0 < len(room_held(app, connection)) <= 2


def test_the_room_of_a_killed_process_is_free_at_once(database: str, tmp_path: Path) -> None:
    with an_org(database, tmp_path, tmp_path) as (app, connection):
        connector, _ = app.connector(connection)
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as killed:
            there = replace(this_process(), pid=str(killed.pid), started=started_at(killed.pid) or "")
            held = Window(held={f"{there}|1": Held(count=2, until=app.now().timestamp() + 600)})
            StoredWindows(app.store, connection.id).change("calls", lambda _: (held, None))
            with pytest.raises(ConnectorError, match="run at once"):
                connector.describe()
            killed.kill()

        began = app.now()
        connector.describe()
        assert app.now() == began
