"""With every message switched on, and prospects' addresses everywhere: whom anything is sent to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from connectors.sandbox.book import Book, BookDeal
from connectors.sandbox.book_making import make_book
from connectors.sandbox.wire import Request, Response
from service import operations
from service.bootstrap import App
from service.connections.settings import set_setting
from service.golive.report import GoLiveRequest
from service.people.roles import Role
from service.people.users import add_user
from service.reviews.wishes import wish_for_review
from service.store.connections import connection_named
from service.store.models import ReminderRow
from service.store.people import user_of_email
from tests.fakes.mail import mail_server
from tests.integration.people_world import MONDAY, office
from tests.integration.queue_world import work_off

OURS = ("boss@x.example", "ada@x.example")
SENDS = re.compile(
    r"e-?mail|recipient|address|notif|marketing|communication|message|quickaction|/actions/", re.IGNORECASE
)
"""Words of whatever in either CRM would have it send something to somebody."""


@pytest.mark.slow
@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_messages_go_to_users_and_owners_and_the_crm_is_asked_to_send_nothing(
    crm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = _planted(make_book(3, deals=60, today=MONDAY.date()))
    written: list[Request] = []
    with mail_server() as box, _hook() as (url, posts), office(crm, tmp_path, book, is_live=False) as at:
        _listen(monkeypatch, type(at.hands.app), written)
        app = replace(
            at.app,
            settings=replace(
                at.app.settings,
                smtp_url=f"smtp://127.0.0.1:{box.port}?starttls=off&from=rekindle@seller.example",
                base_url="https://rekindle.example",
                allow_private_addresses=True,
                patience_s=0.0,
            ),
        )
        _switch_everything_on(app, url)
        at.sync()
        operations.go_live(app, "acme", GoLiveRequest())
        with app.store.begin() as tx:  # everybody has something due
            standing = update(ReminderRow).where(ReminderRow.state == "scheduled")
            tx.execute(standing.values(due_on=MONDAY.date(), act_on=MONDAY.date()))
        for day in range(8):
            _set(app, "digest", "slack" if day % 2 else "email")
            at.pass_time(days=1)
            work_off(app, most=200)

    prospects = {one.email.lower() for one in book.contacts}
    asked = {one.lower() for one in box.recipients}
    assert asked & {*OURS}, "users were sent their review"
    assert asked - {*OURS}, "reps were sent their digest"
    assert asked <= {one.email.lower() for one in book.users} | {*OURS}
    assert not asked & prospects
    assert not {str(one[name]) for one in box.messages for name in ("Cc", "Bcc", "Reply-To") if one[name]} & prospects
    assert {path for path, _ in posts} == {"/services/x", "/services/boss"}
    tasks = [request for request in written if b"Rekindle" in request.body or b"hs_task" in request.body]
    assert tasks, "tasks were written"
    assert [request.path for request in written if SENDS.search(request.path)] == []
    assert {name for request in written for name in _names(request) if SENDS.search(name)} == set()
    assert {kind for request in written for kind in _kinds(request)} <= {"TODO"}


def _planted(book: Book) -> Book:
    """The addresses of prospects also where somebody might take them from: names, reasons, notes."""
    first = {one.account_number: one.email for one in reversed(book.contacts)}
    deals = tuple(_told_of(deal, first.get(deal.account_number, "")) for deal in book.deals)
    return replace(book, deals=deals)


def _told_of(deal: BookDeal, address: str) -> BookDeal:
    if deal.state != "lost":
        return deal
    return replace(deal, notes=f"{deal.notes or ''} Write to {address}, or mailto:{address}.")


def _listen(monkeypatch: pytest.MonkeyPatch, crm: Any, written: list[Request]) -> None:
    answer = crm.__call__

    def heard(self: Any, request: Request, now: datetime) -> Response:
        is_search = request.path.endswith(("/search", "/batch/read")) or "oauth" in request.path
        if request.method != "GET" and not is_search:
            written.append(request)
        response: Response = answer(self, request, now)
        return response

    monkeypatch.setattr(crm, "__call__", heard)


def _switch_everything_on(app: App, url: str) -> None:
    for name, value in (("slack_url", f"{url}/services/x"), ("digest_hour", "8"), ("escalate_after_days", "1")):
        _set(app, name, value)
    for email, role, way in ((OURS[0], Role.MANAGER, "slack"), (OURS[1], Role.ADMIN, "email")):
        with app.store.begin() as tx:
            add_user(tx, email=email, name="", role=role, who="test", now=app.now())
            user = user_of_email(tx, email)
            assert user is not None
            wish_for_review(app, tx, user, way=way, slack_url=f"{url}/services/boss", who=email)


def _set(app: App, name: str, value: str) -> None:
    with app.store.begin() as tx:
        set_setting(tx, connection_named(tx, "acme"), name, value, keyring=app.keyring, by_operator=True)


def _names(request: Request) -> Iterator[str]:
    """Every name of a property or field in what was written."""
    if "json" not in request.headers.get("content-type", ""):
        return
    found = [orjson.loads(request.body)]
    while found:
        one = found.pop()
        if isinstance(one, dict):
            yield from one
            found += one.values()
        elif isinstance(one, list):
            found += one


def _kinds(request: Request) -> list[str]:
    return re.findall(r'"hs_task_type":\s*"(\w+)"', request.body.decode(errors="replace"))


@contextmanager
def _hook() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    posts: list[tuple[str, bytes]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posts.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", posts
        server.shutdown()
