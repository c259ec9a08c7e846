"""The pages: who is let in where, what a form must carry, and that hostile words are only words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from service.bootstrap import App, open_app
from service.config import Settings
from service.connections.connect import Wanted, connect
from service.people import sessions
from service.people.roles import Role
from service.people.users import add_user
from service.store.models import DealRow, OwnerRow, ReminderRow
from service.store.people import user_of_email
from service.sync.runner import sync
from service.web.app import create_app
from tests.integration.web.crm import NOW, crm_url

PASSWORD = "seven maple lanterns"
PAGES = ("/", "/deals", "/deals/1", "/reminders", "/connections", "/connections/acme", "/people")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A book of lost deals, read from a CRM, and three people: an admin, a rep with deals, a viewer."""
    home: Path = tmp_path_factory.mktemp("home")
    opened = open_app(Settings(home=home), now=lambda: NOW, sleep=lambda _: None, jitter=lambda: 0.0)
    with crm_url() as (url, token):
        connect(opened, Wanted(crm="hubspot", name="acme", url=url, auth="token", credentials={"token": token}))
        sync(opened, "acme", monotonic=lambda: 0.0)
    with opened.store.begin() as tx:
        owner_id = tx.scalars(select(DealRow.owner_id).where(DealRow.owner_id.is_not(None))).first()
        mail = tx.scalars(select(OwnerRow.email).where(OwnerRow.owner_id == owner_id)).one()
        for email, role in (("ada@example.com", Role.ADMIN), (mail, Role.REP), ("eve@example.com", Role.VIEWER)):
            known = PASSWORD if role == Role.ADMIN else None
            add_user(tx, email=email, name="", role=role, who="test", now=NOW, password=known)
    yield opened
    opened.store.dispose()


@pytest.fixture
def client(app: App) -> FlaskClient:
    return create_app(app).test_client()


def form_token(answer: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', answer.get_data(as_text=True))
    assert found is not None
    return found[1]


def enter(app: App, client: FlaskClient, email: str) -> None:
    """Give the browser a session, without the slow check of a password."""
    with app.store.begin() as tx:
        user = user_of_email(tx, email)
        assert user is not None
        client.set_cookie("rekindle", sessions.sign_in(tx, user, now=NOW))


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD) -> TestResponse:
    token = form_token(client.get("/sign-in"))
    return client.post("/sign-in", data={"csrf_token": token, "email": email, "password": password})


def rep_of(app: App) -> str:
    with app.store.read() as tx:
        owner_id = tx.scalars(select(DealRow.owner_id).where(DealRow.owner_id.is_not(None))).first()
        return tx.scalars(select(OwnerRow.email).where(OwnerRow.owner_id == owner_id)).one()


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_sign_in_from_every_page(client: FlaskClient, page: str) -> None:
    answer = client.get(page)

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("page", PAGES)
def test_an_admin_sees_every_page(app: App, client: FlaskClient, page: str) -> None:
    enter(app, client, "ada@example.com")

    assert client.get(page).status_code == 200


def test_every_page_is_shown_while_somebody_writes(app: App, client: FlaskClient) -> None:
    enter(app, client, "ada@example.com")
    drafts = ("/reasons", "/reasons/rules", "/reasons/sub-reasons", "/reasons/scope", "/documents/policy")
    more = ("/timing", "/timing/texts", "/timing/simulator", "/changes", "/versions/mappings", "/people/log", "/you")

    with app.store.begin():  # on SQLite nobody else can write now
        assert {page: client.get(page).status_code for page in (*PAGES, *drafts, *more)} == dict.fromkeys(
            (*PAGES, *drafts, *more), 200
        )


def test_a_new_installation_says_what_to_do_first(tmp_path: Path) -> None:
    opened = open_app(Settings(home=tmp_path), now=lambda: NOW, sleep=lambda _: None, jitter=lambda: 0.0)
    with opened.store.begin() as tx:
        add_user(tx, email="ada@example.com", name="", role=Role.ADMIN, who="test", now=NOW)
    browser = create_app(opened).test_client()
    enter(opened, browser, "ada@example.com")

    pages = {page: browser.get(page).get_data(as_text=True) for page in ("/", "/reasons", "/deals", "/reminders")}
    opened.store.dispose()

    assert [page for page, shown in pages.items() if "Connect a CRM" not in shown] == []


def test_the_deals_behind_the_audits_number_are_as_many(app: App, client: FlaskClient) -> None:
    enter(app, client, "ada@example.com")

    for query in ("", "?span=52w", "?from=2026-01-01&to=2026-06-30"):
        audit = client.get(f"/{query}").get_data(as_text=True)
        found = re.search(r'href="(/deals[^"]*)"><b>([\d,]+)</b><span>deals lost', audit)
        assert found is not None
        deals = client.get(unescape(found[1])).get_data(as_text=True)
        assert re.search(rf">\s*{found[2]} deals?\b", deals), query


def test_the_follow_ups_of_this_week_and_the_next_are_as_many_as_the_lists_they_lead_to(
    app: App, client: FlaskClient
) -> None:
    with app.store.begin() as tx:
        held = tx.scalars(select(ReminderRow).where(ReminderRow.state == "held").order_by(ReminderRow.id)).all()
        for place, row in enumerate(held[:12]):
            row.state, row.due_on = "scheduled", NOW.date() + timedelta(days=place * 2 - 2)
        who = held[0].owner_id
    enter(app, client, "ada@example.com")

    for query in ("", f"?owner_id={who}", "?connection_id=1"):
        audit = unescape(client.get(f"/{query}").get_data(as_text=True))
        for name in ("follow-ups this week", "next week", "overdue"):
            found = re.search(rf'href="(/reminders[^"]*)"><b[^>]*>(\d+)</b><span>{name}', audit)
            assert found is not None
            listed = client.get(found[1]).get_data(as_text=True)
            assert listed.count('name="id"') == int(found[2]), (query, name)


def test_who_went_silent_is_told_from_who_did_not_decide(app: App, client: FlaskClient) -> None:
    enter(app, client, "ada@example.com")

    audit = unescape(client.get("/?span=156w").get_data(as_text=True))

    pareto = audit[audit.index("Reasons, the largest first") : audit.index("What was stated")]
    told = dict(re.findall(r'href="(\?[^"]*)">([^<]+)</a>', pareto))
    silent, undecided = (
        next(link for link, name in told.items() if name == one) for one in ("Went silent", "No decision")
    )
    assert "sub_reason=no_decision" in undecided
    assert "Silent or undecided" not in pareto
    assert silent != undecided
    assert "Silent or undecided" in unescape(client.get("/?category=unresponsive&span=156w").get_data(as_text=True))


def test_an_amount_in_a_table_has_two_decimals(app: App, client: FlaskClient) -> None:
    enter(app, client, "ada@example.com")

    for page in ("/audit.csv?span=156w", "/deals.csv"):
        table = client.get(page).get_data(as_text=True)
        assert re.search(r",\d+\.\d\d[,\r]", table)
        assert not re.search(r"\d\.\d{3,}", table)


@pytest.mark.parametrize("page", ["/connections", "/connections/acme", "/people"])
def test_a_rep_is_refused_what_admins_do(app: App, client: FlaskClient, page: str) -> None:
    enter(app, client, rep_of(app))

    assert client.get(page).status_code == 403


def test_a_rep_finds_their_own_deals_and_no_others(app: App, client: FlaskClient) -> None:
    enter(app, client, rep_of(app))
    with app.store.read() as tx:
        owner_id = tx.scalars(select(OwnerRow.owner_id).where(OwnerRow.email == rep_of(app))).one()
        own = tx.scalars(select(DealRow.id).where(DealRow.owner_id == owner_id)).first()
        other = tx.scalars(select(DealRow.id).where(DealRow.owner_id != owner_id)).first()

    assert client.get(f"/deals/{own}").status_code == 200
    assert client.get(f"/deals/{other}").status_code == 404


def test_a_rep_whom_the_crm_does_not_know_is_told_so(app: App, client: FlaskClient) -> None:
    with app.store.begin() as tx:
        add_user(tx, email="new@example.com", name="", role=Role.REP, who="test", now=NOW)
    enter(app, client, "new@example.com")

    for page in ("/deals", "/reminders"):
        assert "No user of the CRM has your e-mail address." in client.get(page).get_data(as_text=True)


def test_the_deals_are_narrowed_down_from_their_own_page(app: App, client: FlaskClient) -> None:
    enter(app, client, "ada@example.com")
    with app.store.read() as tx:
        rep = tx.scalars(select(OwnerRow).where(OwnerRow.email == rep_of(app))).one()

    page = client.get(f"/deals?owner_id={rep.owner_id}&category=competitor&span=156w").get_data(as_text=True)

    assert f'<option value="{rep.owner_id}" selected>{rep.name}</option>' in page
    assert '<option value="competitor" selected>' in page
    assert '<option value="156w" selected>' in page
    assert f"owner: {rep.name}" in page
    deal = re.search(r'href="(/deals/\d+)"', page)
    assert deal is not None
    assert "Open there" in client.get(deal[1]).get_data(as_text=True)


def test_a_wrong_password_says_nothing_about_which_part_was_wrong(client: FlaskClient) -> None:
    known = sign_in(client, "ada@example.com", "wrong")
    unknown = sign_in(client, "nobody@example.com", "wrong")

    assert known.status_code == unknown.status_code == 401
    words = [re.search(r'role="alert">([^<]+)', answer.get_data(as_text=True)) for answer in (known, unknown)]
    assert words[0] is not None
    assert words[1] is not None
    assert words[0][1] == words[1][1]


def test_signing_in_sends_nobody_to_another_site(client: FlaskClient) -> None:
    token = form_token(client.get("/sign-in"))
    answer = client.post(
        "/sign-in?next=//evil.example", data={"csrf_token": token, "email": "ada@example.com", "password": PASSWORD}
    )

    assert answer.headers["Location"] == "/"


def test_a_form_without_its_token_changes_nothing(app: App, client: FlaskClient) -> None:
    enter(app, client, "ada@example.com")
    with app.store.read() as tx:
        id_ = tx.scalars(select(ReminderRow.id).where(ReminderRow.state == "held")).first()

    assert client.post("/reminders/act", data={"verb": "done", "id": str(id_)}).status_code == 400
    with app.store.read() as tx:
        assert tx.get_one(ReminderRow, id_).state == "held"


def test_a_reminder_done_here_is_done(app: App, client: FlaskClient) -> None:
    enter(app, client, "ada@example.com")
    with app.store.begin() as tx:
        id_ = tx.scalars(select(ReminderRow.id).where(ReminderRow.state == "held")).first()
        tx.execute(update(ReminderRow).where(ReminderRow.id == id_).values(state="scheduled"))
    token = form_token(client.get("/reminders?bucket=later"))

    answer = client.post("/reminders/act", data={"csrf_token": token, "verb": "done", "id": str(id_)})

    assert answer.status_code == 303
    with app.store.read() as tx:
        assert tx.get_one(ReminderRow, id_).state == "done"


def test_a_viewer_changes_nothing(app: App, client: FlaskClient) -> None:
    enter(app, client, "eve@example.com")
    token = form_token(client.get("/reminders"))

    assert client.post("/reminders/act", data={"csrf_token": token, "verb": "done", "id": "1"}).status_code == 403


def test_signing_out_ends_the_session_on_the_server(client: FlaskClient) -> None:
    sign_in(client, "ada@example.com")
    cookie = client.get_cookie("rekindle")
    assert cookie is not None
    client.post("/sign-out", data={"csrf_token": form_token(client.get("/"))})
    client.set_cookie("rekindle", cookie.value)

    assert client.get("/").status_code == 303


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", "=HYPERLINK(1)", "\u202egnp.exe", "a" * 400])
def test_hostile_words_of_the_crm_are_shown_as_words(app: App, client: FlaskClient, words: str) -> None:
    enter(app, client, "ada@example.com")
    with app.store.begin() as tx:
        tx.execute(update(DealRow).where(DealRow.id == 1).values(account_name=words, name=words))

    for page in ("/deals", "/deals/1", "/reminders?bucket=later"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.get_data(as_text=True)
    assert "script-src" in client.get("/deals").headers["Content-Security-Policy"]


def test_every_answer_forbids_to_be_kept_or_framed(client: FlaskClient) -> None:
    answer = client.get("/sign-in")

    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
