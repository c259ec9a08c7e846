"""Signing in by OpenID Connect: who is vouched for and is here comes in, and nobody else by any trick."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connectors.sandbox.server import serve
from service.bootstrap import App, open_app
from service.config import Settings, load_settings
from service.errors import UsageFault
from service.people.roles import Role
from service.people.users import add_user, invite, switch_off
from service.store.models import SignInRow
from service.store.people import actions, user_of_email
from service.web.app import create_app
from tests.fakes.issuer import (
    CLIENT,
    SECRET,
    Issuer,
    by_another_key,
    by_the_public_key,
    by_the_shared_secret,
    unsigned,
)
from tests.integration.web.crm import NOW
from tests.integration.web.test_pages import PASSWORD, form_token


@dataclass
class Gate:
    """An installation, the issuer it relies on, and a browser."""

    app: App
    issuer: Issuer
    client: FlaskClient

    def go(self, path: str = "/sign-in") -> dict[str, str]:
        """Press the button; what the issuer is asked for."""
        page = self.client.get(path)
        target = "/sign-in/oidc" + (f"?{urlsplit(path).query}" if "?" in path else "")
        answer = self.client.post(target, data={"csrf_token": form_token(page)})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        address = answer.headers["Refresh"].partition("url=")[2]
        assert address.startswith(f"{self.issuer.url}/authorize?")
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    def back(self, asked: dict[str, str], **more: str) -> TestResponse:
        given = {"code": self.issuer.consent(asked), "state": asked["state"], **more}
        return self.client.get("/sign-in/oidc/callback", query_string=given)

    def come(self) -> TestResponse:
        return self.back(self.go())

    def is_in(self) -> bool:
        return self.client.get("/you").status_code == 200


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    issuer = Issuer()
    with serve(issuer, now=lambda: NOW) as server:
        issuer.url = server.url
        settings = Settings(
            home=tmp_path,
            oidc_issuer=server.url,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
            oidc_label="Example Ltd",
        )
        app = open_app(settings, now=lambda: NOW, sleep=lambda _: None, jitter=lambda: 0.0)
        with app.store.begin() as tx:
            add_user(tx, email="ada@example.com", name="Ada", role=Role.ADMIN, who="t", now=NOW, password=PASSWORD)
            add_user(tx, email="eve@example.com", name="Eve", role=Role.ADMIN, who="t", now=NOW)
        yield Gate(app, issuer, create_app(app).test_client())
        app.store.dispose()


def refused(gate: Gate, answer: TestResponse, says: str) -> None:
    assert answer.status_code == 401
    assert says in answer.get_data(as_text=True)
    assert not gate.is_in()


def test_a_person_the_issuer_vouches_for_comes_in(gate: Gate) -> None:
    asked = gate.go("/sign-in?next=/deals")

    answer = gate.back(asked)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/deals")
    assert gate.is_in()
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"].split() == ["openid", "email"]
    assert asked["redirect_uri"] == "http://localhost/sign-in/oidc/callback"
    with gate.app.store.read() as tx:
        first = actions(tx)[0]
        assert (first.who, first.what, first.says) == ("ada@example.com", "signed in", "OpenID Connect")


def test_the_button_stands_where_an_issuer_is_set_and_nowhere_else(gate: Gate) -> None:
    without = create_app(replace(gate.app, settings=replace(gate.app.settings, oidc_issuer=""))).test_client()
    page = without.get("/sign-in")

    assert "Sign in with Example Ltd" in gate.client.get("/sign-in").get_data(as_text=True)
    assert "Sign in with" not in page.get_data(as_text=True)
    assert without.post("/sign-in/oidc", data={"csrf_token": form_token(page)}).status_code == 404
    assert without.get("/sign-in/oidc/callback").status_code == 404


def test_a_token_with_another_nonce_lets_nobody_in(gate: Gate) -> None:
    gate.issuer.claims["nonce"] = "of another sign-in"

    refused(gate, gate.come(), "nonce")


def test_a_token_without_a_nonce_lets_nobody_in(gate: Gate) -> None:
    gate.issuer.without = ("nonce",)

    refused(gate, gate.come(), "nonce")


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another-application"},
        {"aud": ["another-application"]},
        {"aud": "another-application", "azp": CLIENT},
        {"aud": [CLIENT, "another-application"], "azp": "another-application"},
        {"aud": [CLIENT, "another-application"]},
        {"aud": None},
    ],
)
def test_a_token_for_another_application_lets_nobody_in(gate: Gate, claims: dict[str, Any]) -> None:
    gate.issuer.claims.update(claims)

    refused(gate, gate.come(), "cannot be relied on")


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
def test_an_expired_token_lets_nobody_in(gate: Gate, name: str) -> None:
    off = timedelta(minutes=-5) if name == "exp" else timedelta(minutes=5)
    gate.issuer.claims[name] = int((NOW + off).timestamp())

    refused(gate, gate.come(), "cannot be relied on")


@pytest.mark.parametrize("sign", [unsigned, by_another_key, by_the_shared_secret, by_the_public_key, lambda _: "x.y.z"])
def test_a_token_that_nobody_or_somebody_else_signed_lets_nobody_in(
    gate: Gate, sign: Callable[[dict[str, Any]], str]
) -> None:
    gate.issuer.sign = sign

    refused(gate, gate.come(), "(signature)")


def test_a_token_of_another_issuer_lets_nobody_in(gate: Gate) -> None:
    gate.issuer.claims["iss"] = "https://issuer.example"

    refused(gate, gate.come(), "(iss)")


def test_an_answer_that_names_another_issuer_lets_nobody_in(gate: Gate) -> None:
    refused(gate, gate.back(gate.go(), iss="https://issuer.example"), "(answer_iss)")


def test_an_answer_without_its_issuer_lets_nobody_in_where_it_is_promised(gate: Gate) -> None:
    gate.issuer.about["authorization_response_iss_parameter_supported"] = True

    refused(gate, gate.come(), "(answer_iss)")
    assert gate.back(gate.go(), iss=gate.issuer.url).status_code == 303


@pytest.mark.parametrize(
    "about",
    [{"issuer": "https://issuer.example"}, {"token_endpoint": "ftp://issuer.example/token"}, {"jwks_uri": None}],
)
def test_a_discovery_that_names_another_issuer_is_refused(gate: Gate, about: dict[str, Any]) -> None:
    page = gate.client.get("/sign-in")
    gate.issuer.about.update(about)

    answer = gate.client.post("/sign-in/oidc", data={"csrf_token": form_token(page)})

    assert answer.status_code == 502
    assert "(discovery)" in answer.get_data(as_text=True)


@pytest.mark.parametrize("word", [False, None, "false", "yes", 1.5])
def test_an_address_that_was_not_confirmed_lets_nobody_in(gate: Gate, word: Any) -> None:
    gate.issuer.claims["email_verified"] = word

    refused(gate, gate.come(), "not confirmed")


def test_an_address_told_in_the_user_info_only_counts_for_the_same_person(gate: Gate) -> None:
    gate.issuer.without = ("email", "email_verified")
    gate.issuer.info = {"sub": "u-2", "email": "ada@example.com", "email_verified": True}
    refused(gate, gate.come(), "(userinfo_sub)")

    gate.issuer.info["sub"] = "u-1"
    assert gate.come().status_code == 303
    assert gate.is_in()


def test_a_stranger_is_refused_and_the_refusal_is_on_record(gate: Gate) -> None:
    gate.issuer.email = "mallory@example.com"

    refused(gate, gate.come(), "Nobody here has your e-mail address")
    with gate.app.store.read() as tx:
        first = actions(tx)[0]
        assert (first.who, first.what) == ("mallory@example.com", "sign-in refused")
        assert user_of_email(tx, "mallory@example.com") is None


def test_somebody_who_was_switched_off_is_refused(gate: Gate) -> None:
    with gate.app.store.begin() as tx:
        ada = user_of_email(tx, "ada@example.com")
        assert ada is not None
        switch_off(tx, ada, who="eve@example.com", now=NOW)

    refused(gate, gate.come(), "Nobody here")


def test_an_address_given_to_another_person_does_not_inherit_the_account(gate: Gate) -> None:
    assert gate.come().status_code == 303
    other = Gate(gate.app, gate.issuer, create_app(gate.app).test_client())
    gate.issuer.claims["sub"] = "u-9"

    refused(other, other.come(), "belonged to another account")
    with gate.app.store.begin() as tx:
        ada = user_of_email(tx, "ada@example.com")
        assert ada is not None
        assert ada.oidc_subject == "u-1"
        invite(tx, ada, who="eve@example.com", now=NOW)
    assert other.come().status_code == 303, "an admin untied the former account"


def test_who_is_known_to_the_issuer_comes_in_under_another_address(gate: Gate) -> None:
    assert gate.come().status_code == 303
    again = Gate(gate.app, gate.issuer, create_app(gate.app).test_client())
    gate.issuer.email = "eve@example.com"

    assert again.come().status_code == 303
    with gate.app.store.read() as tx:
        assert [one.who for one in actions(tx) if one.what == "signed in"] == ["ada@example.com", "ada@example.com"]


def test_somebody_known_who_was_switched_off_is_nobody_under_a_free_address_either(gate: Gate) -> None:
    assert gate.come().status_code == 303
    with gate.app.store.begin() as tx:
        ada = user_of_email(tx, "ada@example.com")
        assert ada is not None
        switch_off(tx, ada, who="eve@example.com", now=NOW)
    again = Gate(gate.app, gate.issuer, create_app(gate.app).test_client())
    gate.issuer.email = "eve@example.com"

    refused(again, again.come(), "Nobody here")


def test_an_issuer_that_never_confirms_addresses_is_taken_where_the_operator_says_so(gate: Gate) -> None:
    gate.issuer.without = ("email_verified",)
    refused(gate, gate.come(), "not confirmed")
    trusting = with_settings(gate, oidc_email_verified="if_sent")

    assert trusting.come().status_code == 303
    gate.issuer.without, gate.issuer.claims["email_verified"] = (), False
    gate.issuer.email, gate.issuer.claims["sub"] = "eve@example.com", "u-2"
    fresh = with_settings(gate, oidc_email_verified="if_sent")
    refused(fresh, fresh.come(), "not confirmed")


def test_a_weak_or_old_sign_in_there_is_refused_where_another_is_asked_for(gate: Gate) -> None:
    strict = with_settings(gate, oidc_acr=("mfa",), oidc_max_age_s=3600.0)
    asked = strict.go()
    assert (asked["acr_values"], asked["max_age"]) == ("mfa", "3600")
    refused(strict, strict.back(asked), "(acr)")
    gate.issuer.claims["acr"] = "mfa"
    refused(strict, strict.come(), "(auth_time)")
    gate.issuer.claims["auth_time"] = int((NOW - timedelta(hours=2)).timestamp())
    refused(strict, strict.come(), "(auth_time)")

    gate.issuer.claims["auth_time"] = int((NOW - timedelta(minutes=50)).timestamp())
    assert strict.come().status_code == 303


def test_where_only_the_provider_counts_no_password_and_no_code_lets_anybody_in(gate: Gate) -> None:
    only = with_settings(gate, oidc_only=True)
    page = only.client.get("/sign-in")
    token = form_token(page)
    form = {"csrf_token": token, "email": "ada@example.com", "password": PASSWORD}

    assert 'type="password"' not in page.get_data(as_text=True)
    assert only.client.post("/sign-in", data=form).status_code == 403
    assert only.client.post("/password", data={**form, "code": "x"}).status_code == 403
    assert not only.is_in()
    assert only.come().status_code == 303


def with_settings(gate: Gate, **values: Any) -> Gate:
    app = replace(gate.app, settings=replace(gate.app.settings, **values))
    return Gate(app, gate.issuer, create_app(app).test_client())


def test_a_state_of_the_issuer_is_good_once(gate: Gate) -> None:
    asked = gate.go()
    assert gate.back(asked).status_code == 303
    stranger = Gate(gate.app, gate.issuer, create_app(gate.app).test_client())

    again, elsewhere = gate.back(asked), stranger.back(asked)

    assert (again.status_code, elsewhere.status_code) == (401, 401)
    assert "used already" in again.get_data(as_text=True)
    assert not stranger.is_in()


def test_a_state_is_of_no_use_in_another_browser(gate: Gate) -> None:
    asked = gate.go()
    stranger = Gate(gate.app, gate.issuer, create_app(gate.app).test_client())
    stranger.go()

    refused(stranger, stranger.back(asked), "used already, or is too old")
    assert gate.back(asked).status_code == 303


def test_a_sign_in_is_begun_anew_after_ten_minutes(gate: Gate) -> None:
    asked = gate.go()
    with gate.app.store.begin() as tx:
        tx.query(SignInRow).update({"created_at": NOW - timedelta(minutes=11)})

    refused(gate, gate.back(asked), "too old")


def test_what_the_issuer_says_when_the_person_declines_is_shown_as_text(gate: Gate) -> None:
    asked = gate.go()

    answer = gate.client.get(
        "/sign-in/oidc/callback",
        query_string={"state": asked["state"], "error": "access_denied", "error_description": "<b>no</b>"},
    )

    refused(gate, answer, "&lt;b&gt;no&lt;/b&gt;")


def test_an_issuer_that_is_away_is_said_and_the_password_still_works(gate: Gate) -> None:
    page = gate.client.get("/sign-in")
    away = replace(gate.app, settings=replace(gate.app.settings, oidc_issuer="http://127.0.0.1:9"))
    client = create_app(away).test_client()
    answer = client.post("/sign-in/oidc", data={"csrf_token": form_token(client.get("/sign-in"))})

    assert answer.status_code == 502
    assert "cannot be asked" in answer.get_data(as_text=True)
    form = {"csrf_token": form_token(page), "email": "ada@example.com", "password": PASSWORD}
    assert gate.client.post("/sign-in", data=form).status_code == 303


def test_nothing_of_a_sign_in_is_kept_in_clear_or_logged(gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    asked = gate.go()
    with gate.app.store.read() as tx:
        row = tx.query(SignInRow).one()
        kept = " ".join(str(value) for value in vars(row).values())
    gate.back(asked)

    said = kept + str([vars(record) for record in caplog.records])
    for secret in (asked["state"], asked["nonce"], gate.issuer.forms[0]["code_verifier"], "code-1", "at-1", SECRET):
        assert secret not in said
    with gate.app.store.read() as tx:
        assert tx.query(SignInRow).count() == 0


@pytest.mark.parametrize(
    "given",
    [
        {"REKINDLE_OIDC_ISSUER": "https://issuer.example"},
        {"REKINDLE_OIDC_CLIENT_ID": "x"},
        {"REKINDLE_OIDC_ISSUER": "http://issuer.example", "REKINDLE_OIDC_CLIENT_ID": "x"},
    ],
)
def test_half_a_setting_or_a_plain_address_is_refused_at_the_start(given: dict[str, str]) -> None:
    with pytest.raises(UsageFault, match="OIDC_ISSUER"):
        load_settings(given)
