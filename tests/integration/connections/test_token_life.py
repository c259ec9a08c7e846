"""Tokens that are renewed: by one process for all, saved before they are used, and asked for no more once refused."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from urllib.parse import parse_qsl

import orjson
import pytest
from sqlalchemy import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from connectors.errors import ConnectorError, NeedsReconnect
from connectors.sandbox.book_making import make_book
from connectors.sandbox.faults import Fault
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import OAuthApp, PortalSettings, RateLimits
from connectors.sandbox.server import RunningServer, serve
from connectors.sandbox.wire import Request, Response, json_response
from service import clock
from service.bootstrap import App, open_app
from service.config import Settings
from service.connections.connect import Wanted, connect
from service.errors import RekindleError
from service.golive.report import GoLiveRequest
from service.operations import announce
from service.store.connections import connection_named
from service.store.models import ConnectionRow
from service.store.session import Store
from service.sync.runner import sync
from tests.contract import scripted_org as script
from tests.contract.scripted_org import ORG_ID, ScriptedOrg
from tests.fakes.connector import Crash

CREDENTIALS = {"client_id": "app", "client_secret": "s3cret", "refresh_token": "refresh-0"}


class RotatingOrg(ScriptedOrg):
    """An org that gives a new refresh token with each access token, and ends all sessions when an old one is used."""

    def __init__(self) -> None:
        super().__init__()
        self.given = 0
        self.refused = 0
        self.is_revoked = False
        self.is_ended = False
        self.grace = 0  # whether the token before the last one still counts
        self.lock = threading.Lock()

    def __call__(self, request: Request, now: datetime) -> Response:
        with self.lock:
            if request.path == "/services/oauth2/token":
                return self._renewed(dict(parse_qsl(request.body.decode())))
            wanted = f"Bearer access-{self.given}"
            is_refused = self.is_ended or request.headers.get("authorization") != wanted
            if request.path != "/services/data/" and is_refused:
                self.refused += 1
                return script.error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return super().__call__(request, now)

    def _renewed(self, form: Mapping[str, str]) -> Response:
        is_late = self.grace and form["refresh_token"] == f"refresh-{self.given - 1}"
        if self.is_revoked or not (is_late or form["refresh_token"] == f"refresh-{self.given}"):
            self.is_revoked = True
            says = {"error": "invalid_grant", "error_description": "expired access/refresh token"}
            return json_response(says, status=400)
        self.given, self.is_ended = self.given + 1, False
        return script.token(f"access-{self.given}", refresh_token=f"refresh-{self.given}")


@contextmanager
def rotating(tls_folder: Path, home: Path) -> Iterator[tuple[RunningServer[RotatingOrg], App]]:
    with serve(RotatingOrg(), now=clock.now, tls_folder=tls_folder) as server:
        app = open_app(Settings(home=home, ca_file=str(server.ca_file), http_max_tries=1, lease_s=5))
        with app.store.begin() as tx:
            row = {
                "name": "acme",
                "crm": "salesforce",
                "account_id": ORG_ID,
                "url": server.url,
                "auth": "oauth",
                "credentials": app.keyring.encrypt(CREDENTIALS),
                "fields": {},
                "scope": {},
                "options": {},
                "described": {},
                "health": [],
                "state": "live",
                "created_at": clock.now(),
            }
            tx.execute(insert(ConnectionRow), [row])
        yield server, app
        app.store.dispose()


@pytest.fixture(scope="module")
def tls_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


def row_of(app: App) -> ConnectionRow:
    with app.store.read() as tx:
        return connection_named(tx, "acme")


def at_once(count: int, work: Callable[[], object]) -> list[object]:
    """The results of so many threads that begin together."""
    start = threading.Barrier(count)

    def run() -> object:
        start.wait()
        return work()

    with ThreadPoolExecutor(count) as pool:
        return [one.result() for one in [pool.submit(run) for _ in range(count)]]


def test_workers_that_need_a_token_at_once_ask_for_one_between_them(tls_folder: Path, tmp_path: Path) -> None:
    with rotating(tls_folder, tmp_path) as (server, app):
        row = row_of(app)
        told = at_once(6, lambda: app.connector(row)[0].describe().account_id)  # six workers, as processes apart
        assert told == [ORG_ID] * 6
        assert server.app.given == 1


def test_a_rotated_refresh_token_is_the_one_used_next(tls_folder: Path, tmp_path: Path) -> None:
    with rotating(tls_folder, tmp_path) as (server, app):
        row = row_of(app)
        app.connector(row)[0].describe()
        server.app.on(
            r"sobjects/Opportunity/describe",
            script.error(401, "INVALID_SESSION_ID", "Session expired"),
            script.describe("Name", "CloseDate", "Amount", "StageName", "Loss_Reason__c"),
        )
        app.connector(row)[0].describe()
        assert (server.app.given, server.app.is_revoked) == (2, False)


def test_a_token_is_saved_before_it_is_used(tls_folder: Path, tmp_path: Path) -> None:
    with rotating(tls_folder, tmp_path) as (server, app):
        kept: list[object] = []
        server.app.on(r"FROM Organization", lambda _: _see(app, kept))
        with pytest.raises(NeedsReconnect):
            app.connector(row_of(app))[0].describe()
        assert kept[0] == "refresh-1"


def _see(app: App, kept: list[object]) -> Response:
    token = row_of(app).token
    kept.append(app.keyring.decrypt(token).get("refresh_token") if token else None)
    return script.error(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")


def test_access_that_was_taken_away_stops_all_tries_and_is_said(tls_folder: Path, tmp_path: Path) -> None:
    with rotating(tls_folder, tmp_path) as (server, app):
        server.app.is_revoked = True
        with pytest.raises(NeedsReconnect, match="expired access/refresh token"):
            sync(app, "acme", monotonic=lambda: 0.0)
        asked = server.calls.count()
        row = row_of(app)
        assert row.state == "reconnect"
        assert [one["ok"] for one in row.health if one["check"] == "credentials"] == [False]
        with pytest.raises(Exception, match="refused"):
            sync(app, "acme", monotonic=lambda: 0.0)
        with pytest.raises(RekindleError, match="refused"):
            announce(app, "acme", GoLiveRequest())
        assert server.calls.count() == asked, "nothing more is asked"


def renew(server: RunningServer[RotatingOrg], app: App) -> None:
    """The session has ended: the next call needs another token."""
    server.app.is_ended = True
    app.connector(row_of(app))[0].describe()


class DyingStore(Store):
    """Dies at the n-th commit from now; 0: not."""

    left = 0

    @contextmanager
    def begin(self) -> Iterator[Session]:
        self.left -= 1
        if self.left == 0:
            raise Crash
        with super().begin() as tx:
            yield tx


def refusal(act: Callable[[], None]) -> str:
    """What is said where a person has to sign in again; empty where all goes on."""
    try:
        act()
    except NeedsReconnect as refused:
        return str(refused)
    return ""


def test_a_process_killed_around_any_commit_of_a_renewal_leaves_access_or_says_what_to_do(
    tls_folder: Path, tmp_path: Path
) -> None:
    """Lease, mark, answer, save: but for the moment between the answer and its save, access goes on by itself."""
    ends = []
    for number in count(1):
        with rotating(tls_folder, tmp_path / str(number)) as (server, app):
            app.connector(row_of(app))[0].describe()
            dying = DyingStore(app.store.engine)
            dying.left = number
            with contextlib.suppress(Crash):
                renew(server, replace(app, store=dying))
            asked = server.app.given
            later = replace(app, now=lambda: clock.now() + timedelta(minutes=5))  # the killed one's lease ran out
            says = refusal(partial(renew, server, later))
            ends.append((asked, says))
            if dying.left > 0:
                break
    (refused,) = [(asked, says) for asked, says in ends if says]
    assert refused[0] == 2, "Salesforce had answered"
    assert "was cut off before its answer was saved" in refused[1]
    assert "Sign in again" in refused[1]
    assert len(ends) >= 5


def test_a_token_whose_answer_was_lost_is_tried_again_where_the_org_lets_it_count_for_a_while(
    tls_folder: Path, tmp_path: Path
) -> None:
    with rotating(tls_folder, tmp_path) as (server, app):
        app.connector(row_of(app))[0].describe()
        server.app.grace = 1
        server.faults.add(Fault(path="oauth2/token", close="after"))
        with pytest.raises(ConnectorError):
            renew(server, app)
        renew(server, app)
        assert (server.app.given, server.app.is_revoked) == (3, False)


def test_a_renewed_token_is_not_lost_to_a_database_that_is_away_for_a_moment(tls_folder: Path, tmp_path: Path) -> None:
    class AwayStore(Store):
        away = 0

        @contextmanager
        def begin(self) -> Iterator[Session]:
            if server.app.given == 2 and self.away < 5:
                self.away += 1
                raise OperationalError("UPDATE", {}, Exception("the server closed the connection"))
            with super().begin() as tx:
                yield tx

    with rotating(tls_folder, tmp_path) as (server, app):
        app.connector(row_of(app))[0].describe()
        store = AwayStore(app.store.engine)
        renew(server, replace(app, store=store, sleep=lambda _: None))
        assert store.away == 5
        kept = row_of(app).token
        assert kept
        assert app.keyring.decrypt(kept)["refresh_token"] == "refresh-2"


def test_a_renewal_is_not_begun_where_its_answer_could_not_be_saved(tls_folder: Path, tmp_path: Path) -> None:
    class ReadOnlyStore(Store):
        @contextmanager
        def begin(self) -> Iterator[Session]:
            if server.app.given:
                raise OperationalError("UPDATE", {}, Exception("the disk is full"))
            yield Session()

    with rotating(tls_folder, tmp_path) as (server, app):
        app.connector(row_of(app))[0].describe()
        with pytest.raises((ConnectorError, OperationalError)):
            renew(server, replace(app, store=ReadOnlyStore(app.store.engine), sleep=lambda _: None))
        assert server.app.given == 1


NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)


def test_hubspot_tokens_are_renewed_ahead_of_time_by_one_of_many(tmp_path: Path) -> None:
    app_of = OAuthApp(client_id="app", client_secret="s3cret", refresh_token="refresh-0")
    settings = PortalSettings(oauth_apps=(app_of,), limits=RateLimits(burst=1000))
    time = [NOW]
    with serve(HubSpotPortal(make_book(3, deals=5, today=NOW.date()), settings), now=lambda: time[0]) as server:
        app = open_app(Settings(home=tmp_path, http_max_tries=1), now=lambda: time[0], sleep=lambda _: None)
        connect(app, Wanted(crm="hubspot", name="acme", url=server.url, auth="oauth", credentials=CREDENTIALS))
        assert _tokens_asked_for(server) == 1
        row = row_of(app)
        assert row.account_id == str(settings.portal_id)
        time[0] += timedelta(minutes=25)  # of 30: not run out yet
        at_once(5, lambda: app.connector(row)[0].describe().zone)
        assert _tokens_asked_for(server) == 2
        server.app.access.expire_all(int(time[0].timestamp() * 1000))
        at_once(5, lambda: app.connector(row)[0].describe().zone)
        assert _tokens_asked_for(server) == 3, "a token that ended early is renewed once too"
        app.store.dispose()


def _tokens_asked_for(server: RunningServer[HubSpotPortal]) -> int:
    return server.calls.count(r"/token$")


class Uninstalled:
    """A portal that an app was removed from."""

    def __call__(self, request: Request, now: datetime) -> Response:
        if request.path.endswith("/token"):
            says = {"status": "BAD_REFRESH_TOKEN", "message": "missing or invalid refresh token"}
            return Response(status=400, body=orjson.dumps(says))
        return json_response({})


def test_an_uninstalled_app_is_said_once_and_not_asked_again(tmp_path: Path) -> None:
    with serve(Uninstalled(), now=clock.now) as server:
        app = open_app(Settings(home=tmp_path, http_max_tries=3), sleep=lambda _: None)
        with pytest.raises(NeedsReconnect, match="missing or invalid refresh token"):
            connect(app, Wanted(crm="hubspot", name="acme", url=server.url, auth="oauth", credentials=CREDENTIALS))
        assert server.calls.count() == 1
        app.store.dispose()
