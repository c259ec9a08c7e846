"""Signing in at the CRM: a state is good once, for ten minutes, for the session and the CRM it was made for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from connectors.registry import connector_specs
from connectors.sandbox.book_making import make_book
from connectors.sandbox.hubspot.settings import OAuthApp, PortalSettings
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.server import RunningServer, serve
from connectors.sandbox.wire import Request, Response, json_response
from service.config import Settings
from service.connections import sign_in
from service.connections.sign_in import begin_sign_in
from service.errors import UsageFault
from service.store.connections import connection_named
from service.store.models import SignInRow
from service.web.app import create_app
from tests.integration.web.crm import NOW
from tests.integration.web.test_connecting import Office, at_work
from tests.integration.web.test_pages import enter

OURS = OAuthApp(
    client_id="our-app",
    client_secret="app-secret",
    refresh_token="refresh-1",
    code="code-1",
    redirect_uri="http://localhost/oauth/hubspot/callback",
)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    settings = Settings(
        home=tmp_path,
        allow_private_addresses=True,
        hubspot_client_id="our-app",
        hubspot_client_secret="app-secret",
        salesforce_client_id="sf-app",
        salesforce_client_secret="sf-secret",
    )
    with at_work(settings, PortalSettings(oauth_apps=(OURS,))) as found:
        yield found


def begin(office: Office) -> dict[str, str]:
    answer = office.post("/oauth/hubspot/start", name="acme", url=office.crm.url)
    assert answer.status_code == 200
    address = answer.headers["Refresh"].partition("url=")[2]
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_a_person_signs_in_at_the_crm_and_the_connection_keeps_the_refresh_token(office: Office) -> None:
    sent = begin(office)
    assert sent["redirect_uri"] == OURS.redirect_uri
    assert sent["response_type"] == "code"
    assert "crm.objects.deals.read" in sent["scope"].split()

    answer = office.client.get(f"/oauth/hubspot/callback?code=code-1&state={sent['state']}")

    assert answer.headers["Location"] == "/connections/acme/fields"
    with office.app.store.read() as tx:
        row = connection_named(tx, "acme")
    assert row.auth == "oauth"
    assert office.app.keyring.decrypt(row.credentials or "")["refresh_token"] == "refresh-1"
    office.post("/connections/acme/sync")
    assert "new " in office.page("/connections/acme")


def test_a_state_is_good_once(office: Office) -> None:
    back = f"/oauth/hubspot/callback?code=code-1&state={begin(office)['state']}"
    office.client.get(back)

    again = office.client.get(back)

    assert again.status_code == 400
    assert "used already" in again.get_data(as_text=True)


def test_a_state_is_good_for_ten_minutes(office: Office) -> None:
    sent = begin(office)
    with office.app.store.begin() as tx:
        tx.query(SignInRow).update({"created_at": NOW - timedelta(minutes=11)})

    assert office.client.get(f"/oauth/hubspot/callback?code=code-1&state={sent['state']}").status_code == 400


def test_a_state_is_of_no_use_to_another_session_or_another_crm(office: Office) -> None:
    state = begin(office)["state"]
    stranger = create_app(office.app).test_client()
    enter(office.app, stranger, "ada@example.com")

    assert stranger.get(f"/oauth/hubspot/callback?code=code-1&state={state}").status_code == 400
    assert office.client.get(f"/oauth/salesforce/callback?code=code-1&state={state}").status_code == 400
    assert office.client.get(f"/oauth/hubspot/callback?code=code-1&state={state}").status_code == 303


def test_a_wrong_code_is_refused_in_words_and_nothing_is_connected(office: Office) -> None:
    answer = office.client.get(f"/oauth/hubspot/callback?code=guessed&state={begin(office)['state']}")

    assert answer.status_code == 400
    assert "did not accept the sign-in" in answer.get_data(as_text=True)
    assert "acme" not in office.page("/connections")


def test_what_the_crm_says_when_the_person_declines_is_shown_as_text(office: Office) -> None:
    answer = office.client.get("/oauth/hubspot/callback?error=access_denied&error_description=<script>x</script>")

    assert answer.status_code == 400
    assert "<script>x" not in answer.get_data(as_text=True)


def test_our_secret_goes_to_the_crms_own_hosts_only(office: Office) -> None:
    strict = replace(office.app, settings=replace(office.app.settings, allow_private_addresses=False))
    resolved = "https://93.184.216.34"

    with pytest.raises(UsageFault, match="no address of that CRM"):
        begin_sign_in(strict, "hubspot", name="acme", url=resolved, session="s", back="http://localhost/x")


class Authority:
    """A small authorization server: it remembers the challenge it was sent, and gives a token for the verifier."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []

    def __call__(self, request: Request, now: datetime) -> Response:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        self.forms.append(form)
        return json_response({"access_token": "00D!x", "refresh_token": "r-1", "instance_url": "https://a.b.example"})


def test_salesforce_is_asked_with_a_challenge_and_answered_with_its_verifier(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, connected = Authority(), []

    def note(app: Any, wanted: Any) -> None:
        connected.append(wanted)
        raise UsageFault("That is enough.")

    monkeypatch.setattr(sign_in, "connect", note)
    with serve(authority, now=lambda: NOW) as server:
        answer = office.post("/oauth/salesforce/start", name="org", url=server.url)
        address = answer.headers["Refresh"].partition("url=")[2]
        sent = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        office.client.get(f"/oauth/salesforce/callback?code=c-1&state={sent['state']}")

    form = authority.forms[0]
    assert urlsplit(address).path == "/services/oauth2/authorize"
    assert sent["code_challenge_method"] == "S256"
    assert sent["code_challenge"] == create_s256_code_challenge(form["code_verifier"])
    assert (form["grant_type"], form["code"], form["client_id"]) == ("authorization_code", "c-1", "sf-app")
    assert connected[0].credentials["refresh_token"] == "r-1"
    assert connected[0].url == server.url  # an answer alone may not lead our token to another site


@pytest.fixture
def org(office: Office, tmp_path: Path) -> Iterator[RunningServer[SalesforceOrg]]:
    settings = OrgSettings(
        client_id="sf-app", client_secret="sf-secret", callbacks=("http://localhost/oauth/salesforce/callback",)
    )
    book = make_book(11, deals=40, today=NOW.date())
    with serve(SalesforceOrg(book, settings), now=lambda: NOW, tls_folder=tmp_path) as server:
        known = replace(office.app.settings, ca_file=str(server.ca_file))
        office.client = create_app(replace(office.app, settings=known), background=lambda act: act()).test_client()
        enter(office.app, office.client, "ada@example.com")
        yield server


def decided(office: Office, org: RunningServer[SalesforceOrg], decision: str) -> str:
    """Where the person is sent back to once they have decided on the org's own page."""
    address = office.post("/oauth/salesforce/start", name="org", url=org.url).headers["Refresh"].partition("url=")[2]
    asked = requests.get(address, timeout=60, verify=str(org.ca_file))
    assert "Allow Access?" in asked.text
    hidden = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', unescape(asked.text)))
    form = {**{name: value for name, value in hidden.items() if name != "decision"}, "decision": decision}
    action = f"{org.url}/services/oauth2/authorize"
    answer = requests.post(action, data=form, timeout=60, allow_redirects=False, verify=str(org.ca_file))
    assert answer.status_code == 302
    return answer.headers["Location"].removeprefix("http://localhost")


def test_an_org_that_a_person_lets_us_into_is_read_and_renews_its_token(
    office: Office, org: RunningServer[SalesforceOrg]
) -> None:
    back = decided(office, org, "allow")

    connected = office.client.get(back)
    assert connected.status_code == 303, connected.get_data(as_text=True)
    assert connected.headers["Location"] == "/connections/org/fields"
    org.app.expire_tokens()
    office.post("/connections/org/sync")
    assert "new " in office.page("/connections/org")
    assert office.client.get(back).status_code == 400, "a code and its state are good once"


@pytest.mark.slow
def test_an_org_that_a_person_does_not_let_us_into_is_not_connected(
    office: Office, org: RunningServer[SalesforceOrg]
) -> None:
    answer = office.client.get(decided(office, org, "deny"))

    assert answer.status_code == 400
    assert "end-user denied authorization" in answer.get_data(as_text=True)
    assert "/connections/org" not in office.page("/connections")


@pytest.mark.slow
def test_a_code_is_worth_nothing_without_the_verifier_of_its_challenge(
    office: Office, org: RunningServer[SalesforceOrg]
) -> None:
    code = parse_qs(urlsplit(decided(office, org, "allow")).query)["code"][0]
    form = {
        "grant_type": "authorization_code", "code": code, "client_id": "sf-app", "client_secret": "sf-secret",
        "redirect_uri": "http://localhost/oauth/salesforce/callback", "code_verifier": "guessed",
    }  # fmt: skip

    stolen = requests.post(f"{org.url}/services/oauth2/token", data=form, timeout=60, verify=str(org.ca_file))

    assert (stolen.status_code, stolen.json()["error_description"]) == (400, "invalid code verifier")


def test_every_crm_that_can_be_signed_in_to_declares_how() -> None:
    for spec in connector_specs().values():
        if spec.sign_in is not None:
            assert any(method.key == "oauth" for method in spec.auth)
            assert spec.sign_in.token_url("https://x").startswith("https://x/")
