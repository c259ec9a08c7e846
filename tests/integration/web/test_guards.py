"""What guards the pages: headers, cookies, sessions, passwords, and what the log says of refusals."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.bootstrap import App, open_app
from service.config import Settings
from service.errors import UsageFault
from service.people.roles import Role, Scope
from service.people.sessions import make_api_token
from service.people.users import add_user, find_user, invite, setup_code
from service.security.passwords import check_new_password, new_code
from service.store.people import actions, user_of_email
from service.web.app import create_app
from tests.integration.web.crm import NOW
from tests.integration.web.test_pages import PASSWORD, enter, form_token, sign_in

HTTPS = "https://rekindle.example"
ADA, EVE = "ada@example.com", "eve@example.com"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    opened = open_app(Settings(home=tmp_path), now=lambda: NOW, sleep=lambda _: None, jitter=lambda: 0.0)
    with opened.store.begin() as tx:
        add_user(tx, email=ADA, name="Ada", role=Role.ADMIN, who="test", now=NOW, password=PASSWORD)
        add_user(tx, email=EVE, name="Eve", role=Role.VIEWER, who="test", now=NOW)
    yield opened
    opened.store.dispose()


@pytest.fixture
def client(app: App) -> FlaskClient:
    return create_app(app).test_client()


def deeds(app: App) -> list[tuple[str, str]]:
    with app.store.read() as tx:
        return [(row.who, row.what) for row in actions(tx)]


def test_behind_https_every_cookie_is_bound_to_the_host_and_out_of_reach(app: App) -> None:
    client = create_app(replace(app, settings=replace(app.settings, base_url=HTTPS))).test_client()
    token = form_token(client.get("/sign-in", base_url=HTTPS))
    form = {"csrf_token": token, "email": ADA, "password": PASSWORD}

    answer = client.post("/sign-in", base_url=HTTPS, data=form, headers={"Referer": f"{HTTPS}/sign-in"})

    assert answer.status_code == 303
    given = [
        *client.get("/sign-in", base_url=HTTPS).headers.getlist("Set-Cookie"),
        *answer.headers.getlist("Set-Cookie"),
    ]
    assert given
    for cookie in given:
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_browsers_are_told_to_come_by_https_only_where_people_do(app: App, client: FlaskClient) -> None:
    behind = create_app(replace(app, settings=replace(app.settings, base_url=HTTPS))).test_client()

    assert behind.get("/healthz").headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in client.get("/healthz").headers


@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/deals", "/healthz", "/nothing", "/assets/app.js"])
def test_no_answer_may_be_guessed_at_framed_or_followed(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers
    assert "Content-Type" in headers


@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/v1/deals", "/healthz"])
def test_trace_is_not_answered(client: FlaskClient, path: str) -> None:
    assert client.open(path, method="TRACE").status_code in (401, 405)


def test_no_variable_of_the_environment_makes_it_tell_its_inside(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    flask = create_app(app)
    flask.add_url_rule("/breaks", view_func=lambda: str(1 / 0))

    answer = flask.test_client().get("/breaks", headers={"Accept": "text/html"})

    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.get_data(as_text=True)
    assert not flask.debug


def test_no_folder_is_listed_and_no_source_is_shown(client: FlaskClient) -> None:
    for path in ("/assets/", "/assets/../app.py", "/.git/config", "/assets/%2e%2e/app.py"):
        assert client.get(path).status_code == 404


def test_signing_out_clears_what_the_browser_kept_and_stands_in_the_log(app: App, client: FlaskClient) -> None:
    enter(app, client, ADA)

    answer = client.post("/sign-out", data={"csrf_token": form_token(client.get("/you"))})

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert deeds(app)[0] == (ADA, "signed out")


def test_signing_in_again_ends_the_browsers_former_session(client: FlaskClient) -> None:
    sign_in(client, ADA)
    first = client.get_cookie("rekindle")
    client.post("/sign-in", data={"csrf_token": form_token(client.get("/you")), "email": ADA, "password": PASSWORD})
    second = client.get_cookie("rekindle")
    assert first is not None
    assert second is not None
    assert first.value != second.value
    client.set_cookie("rekindle", first.value)

    assert client.get("/you").status_code == 303


def test_a_person_changes_their_password_and_other_browsers_are_out(app: App, client: FlaskClient) -> None:
    elsewhere = create_app(app).test_client()
    enter(app, elsewhere, ADA)
    enter(app, client, ADA)
    token = form_token(client.get("/you"))
    wanted = "nine copper umbrellas"

    wrong = client.post("/you/password", data={"csrf_token": token, "current": "not that", "password": wanted})
    right = client.post("/you/password", data={"csrf_token": token, "current": PASSWORD, "password": wanted})

    assert (wrong.status_code, right.status_code) == (400, 303)
    assert client.get("/you").status_code == 200
    assert elsewhere.get("/you").status_code == 303
    assert sign_in(create_app(app).test_client(), ADA, wanted).status_code == 303


def test_a_person_signs_out_everywhere_else(app: App, client: FlaskClient) -> None:
    elsewhere = create_app(app).test_client()
    enter(app, elsewhere, ADA)
    enter(app, client, ADA)

    client.post("/you/sign-out-elsewhere", data={"csrf_token": form_token(client.get("/you"))})

    assert client.get("/you").status_code == 200
    assert elsewhere.get("/you").status_code == 303


@pytest.mark.parametrize("common", ["Administrator1!", "123!hannahmontana", "superstarsuperstar", "Finalfantasy2026"])
def test_a_common_password_is_refused_whatever_stands_around_it(common: str) -> None:
    with pytest.raises(UsageFault, match="easily guessed"):
        check_new_password(common, email=ADA)


@pytest.mark.parametrize(
    "good", ["seven maple lanterns", "x" * 40 + "abcdeföü 漢字", "correct horse battery staple", "9$kL2!mQx7#v"]
)
def test_any_signs_and_lengths_make_a_password(good: str) -> None:
    check_new_password(good, email=ADA)


def test_a_one_time_code_cannot_be_guessed() -> None:
    codes = {new_code() for _ in range(50)}

    assert len(codes) == 50
    assert all(len(code.replace("-", "")) == 28 for code in codes)


def test_a_refused_sign_in_is_logged_without_what_was_typed(
    app: App, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in(client, ADA, "a wrong but precious password")

    assert "A sign-in was refused." in caplog.messages
    assert "precious" not in str([vars(record) for record in caplog.records])
    assert deeds(app)[0] == (ADA, "sign-in refused")


def test_after_ten_refusals_even_the_right_password_waits(client: FlaskClient, app: App) -> None:
    from service.people.sessions import MOST_FOR_ADDRESS, note_failure

    with app.store.begin() as tx:
        for _ in range(MOST_FOR_ADDRESS):
            note_failure(tx, email=ADA, place="203.0.113.9", now=NOW)

    answer = sign_in(client, ADA)

    assert answer.status_code == 401
    assert "Too many tries" in answer.get_data(as_text=True)


def test_what_somebody_may_not_do_is_logged(app: App, client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    enter(app, client, EVE)
    with app.store.begin() as tx:
        eve = user_of_email(tx, EVE)
        assert eve is not None
        token = make_api_token(tx, eve, name="t", scopes=[Scope.READ], who="t", now=NOW)

    for path, headers in (
        ("/people", {}),
        ("/api/v1/people", {"Authorization": f"Bearer {token}"}),
        ("/api/v1/people", {"Authorization": "Bearer rk_api_nobodys"}),
    ):
        client.get(path, headers=headers)

    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warnings == ["Not allowed.", "Not allowed.", "A token was refused."]
    assert "rk_api" not in str([vars(record) for record in caplog.records])


def test_a_parameter_sent_twice_counts_once(app: App, client: FlaskClient) -> None:
    token = form_token(client.get("/sign-in"))
    twice: dict[str, Any] = {"csrf_token": token, "email": [ADA, EVE], "password": [PASSWORD, "another"]}

    answer = client.post("/sign-in?email=mallory@example.com", data=twice)

    assert answer.status_code == 303
    assert deeds(app)[0] == (ADA, "signed in")


def test_a_form_or_a_file_that_is_too_large_is_refused(app: App, client: FlaskClient) -> None:
    enter(app, client, ADA)
    token = form_token(client.get("/you"))

    form = client.post("/you", data={"csrf_token": token, "zone": "x" * 2_000_000})
    body = client.post("/api/v1/mappings/draft", data=io.BytesIO(b"x" * 2_000_000))

    assert form.status_code == 413
    assert body.status_code in (401, 404, 413)


@pytest.mark.parametrize("page", ["/sign-in", "/password"])
def test_passwords_are_masked_and_may_be_pasted_or_filled_in(client: FlaskClient, page: str) -> None:
    text = client.get(page).get_data(as_text=True)

    assert 'name="password" type="password"' in text
    assert 'autocomplete="current-password"' in text or 'autocomplete="new-password"' in text
    assert "onpaste" not in text
    assert "maxlength" not in text


def test_a_breached_password_is_refused_at_every_door(app: App, tmp_path: Path) -> None:
    wanted, file = "nine copper umbrellas", tmp_path / "pwned.txt"
    file.write_text(hashlib.sha1(wanted.encode(), usedforsecurity=False).hexdigest().upper() + ":2\n")
    strict = replace(app, settings=replace(app.settings, breached_passwords=str(file)))
    browser = create_app(strict).test_client()
    with app.store.begin() as tx:
        code = invite(tx, find_user(tx, ADA), who="test", now=NOW)
    by_code = {"csrf_token": form_token(browser.get("/password")), "code": code, "password": wanted}
    answers = [browser.post("/password", data=by_code)]
    enter(strict, browser, ADA)
    own = {"csrf_token": form_token(browser.get("/you")), "current": PASSWORD, "password": wanted}
    answers.append(browser.post("/you/password", data=own))

    new = open_app(Settings(home=tmp_path / "new", breached_passwords=str(file)), now=lambda: NOW)
    with new.store.begin() as tx:
        code = setup_code(tx, now=NOW)
    browser = create_app(new).test_client()
    first = {"csrf_token": form_token(browser.get("/set-up")), "code": code, "email": ADA, "password": wanted}
    answers.append(browser.post("/set-up", data=first))
    new.store.dispose()

    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert all("found in a breach of another service" in answer.get_data(as_text=True) for answer in answers)
