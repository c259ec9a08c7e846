"""A fault on a page names what to do on a page, whatever command its remedy was written for."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import update

from connectors.errors import NeedsReconnect, Unreachable
from service.config import Settings
from service.store.models import ConnectionRow
from service.web.words.remedies import here_in_words
from tests.integration.web.test_connecting import Office, at_work


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with at_work(Settings(home=tmp_path, allow_private_addresses=True)) as found:
        found.connect()
        yield found


@pytest.mark.parametrize(
    ("says", "shown"),
    [
        ("HubSpot refused it. Enter a valid token with `rekindle connect hubspot NAME --token-stdin`.",
         "HubSpot refused it. Enter its credentials again."),
        ("The server redirects; check --api-url.", "Check the address it is reached at."),
        ("No loss reason is mapped. Use --field reason=PROPERTY.",
         "No loss reason is mapped. Choose the fields that are read."),
        ("There is no draft. Make one with `rekindle policy import FILE`.",
         "There is no draft. Change it in the draft of the timing."),
        ("No scheduler is running. Run `rekindle scheduler`, or `rekindle up`.",
         "No scheduler is running. Whoever runs the server has to do this."),
        ("That code is wrong. Ask for another: `rekindle admin setup-code`, or an admin.",
         "That code is wrong. Ask for another: `rekindle admin setup-code`, or an admin."),
        ("The tasks are -- as they say -- there.", "The tasks are -- as they say -- there."),
    ],
)  # fmt: skip
def test_a_sentence_about_a_command_is_about_a_page(says: str, shown: str) -> None:
    assert here_in_words(says) == shown


def test_what_the_crm_refused_leads_to_the_form_for_new_credentials(office: Office) -> None:
    says = "The token is refused. Enter it again with `rekindle connect hubspot NAME --token-stdin`. Then <b>"
    with office.app.store.begin() as tx:
        health = [{"check": "credentials", "ok": False, "says": says}]
        tx.execute(update(ConnectionRow).values(health=health))

    page = office.page("/connections/acme")

    assert "--token-stdin" not in page
    assert "&lt;b&gt;" in page
    assert 'Enter its credentials again. <a href="/connections/new/hubspot?name=acme">New credentials</a>' in page
    assert "--token-stdin" not in office.page("/connections")


@pytest.mark.parametrize(
    ("fault", "title", "link"),
    [
        (Unreachable("acme does not answer."), "The CRM does not answer", "/connections/acme"),
        (NeedsReconnect("Refused.", remedy="Run `rekindle connect hubspot acme`."), "The CRM said no",
         "/connections/new/hubspot?name=acme"),
    ],
)  # fmt: skip
def test_a_page_that_needs_the_crm_says_so_with_a_way_to_try_again(
    office: Office, monkeypatch: pytest.MonkeyPatch, fault: Exception, title: str, link: str
) -> None:
    def away(*_: object) -> None:
        raise fault

    monkeypatch.setattr("service.web.views.connecting.look_at", away)

    answer = office.client.get("/connections/acme/fields")

    page = unescape(answer.get_data(as_text=True))
    assert answer.status_code == 502
    assert title in page
    assert 'href="/connections/acme/fields?">Try again' in page
    assert f'href="{link}"' in page
    assert "`rekindle" not in page


def test_a_page_gives_up_on_a_crm_long_before_a_sync_does(office: Office) -> None:
    with office.app.store.read() as tx:
        row = tx.get_one(ConnectionRow, 1)
    patient = office.app.http(only_public=False).settings

    impatient = office.app._impatient(office.app.http(only_public=row.only_public)).settings

    longest = impatient.max_tries * impatient.read_timeout_s
    assert longest <= 20 < patient.max_tries * patient.read_timeout_s
