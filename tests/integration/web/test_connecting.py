"""Connecting, reading, going live and taking back, from the pages alone."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from connectors.sandbox.book_making import make_book
from connectors.sandbox.faults import Fault
from connectors.sandbox.hubspot.portal import HubSpotPortal
from connectors.sandbox.hubspot.settings import DEMO_TOKEN, PortalSettings
from connectors.sandbox.salesforce.org import SalesforceOrg
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.server import RunningServer, serve
from service.bootstrap import App, open_app
from service.config import Settings
from service.jobs.schedule import LEADER
from service.jobs.turns import take
from service.people.roles import Role
from service.people.users import add_user
from service.store.connections import connection_named
from service.store.models import ConnectionState, InboxRow, InboxState, ReminderRow, TaskRefRow
from service.store.turns import is_due
from service.web.app import create_app
from tests.integration.web.crm import NOW
from tests.integration.web.test_pages import enter, form_token


@dataclass(slots=True)
class Office:
    """The product with a browser, and the CRM it may be connected to."""

    app: App
    client: FlaskClient
    crm: RunningServer[HubSpotPortal]
    portal: HubSpotPortal

    def post(self, path: str, **form: object) -> TestResponse:
        token = form_token(self.client.get("/connections/new/hubspot"))
        return self.client.post(path, data={"csrf_token": token, **form})

    def connect(self, **more: str) -> TestResponse:
        given = {"name": "acme", "url": self.crm.url, "auth": "token", "token.token": DEMO_TOKEN, **more}
        return self.post("/connections/new/hubspot", **given)

    def page(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with at_work(Settings(home=tmp_path, allow_private_addresses=True)) as found:
        yield found


@contextmanager
def at_work(settings: Settings, rules: PortalSettings | None = None) -> Iterator[Office]:
    """The product and a CRM, with an admin signed in; what is asked for at a page is done at once."""
    portal = HubSpotPortal(make_book(11, deals=60, today=NOW.date()), *filter(None, [rules]))
    app = open_app(settings, now=lambda: NOW, sleep=lambda _: None, jitter=lambda: 0.0)
    with app.store.begin() as tx:
        add_user(tx, email="ada@example.com", name="Ada", role=Role.ADMIN, who="test", now=NOW)
    client = create_app(app, background=lambda act: act()).test_client()
    enter(app, client, "ada@example.com")
    with serve(portal, now=lambda: NOW) as server:
        yield Office(app=app, client=client, crm=server, portal=portal)
    app.store.dispose()


def test_an_account_is_connected_by_a_form_and_its_likely_fields_are_proposed_with_samples(office: Office) -> None:
    answer = office.connect()
    assert answer.headers["Location"] == "/connections/acme/fields"

    page = office.page("/connections/acme/fields")

    assert 'value="closed_lost_reason"' in page
    assert "likely" in page
    assert 'class="sample"' in page
    assert DEMO_TOKEN not in page


def test_a_wrong_token_is_said_above_the_form_and_what_was_typed_stays(office: Office) -> None:
    answer = office.connect(**{"token.token": "wrong"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "refuses the token" in page
    assert "Check what was entered below" in page
    assert "rekindle connect" not in page, "a command is no help in a browser"
    assert 'value="acme"' in page
    assert "wrong" not in page.split("<form", 2)[-1]


def test_a_private_address_is_refused_unless_the_operator_allows_it(tmp_path: Path) -> None:
    with at_work(Settings(home=tmp_path)) as office:
        answer = office.connect(url="https://127.0.0.1:9")
        assert answer.status_code == 400
        assert "private network" in answer.get_data(as_text=True)
        assert not office.crm.calls.by_kind()


def test_a_field_the_account_does_not_have_is_refused(office: Office) -> None:
    office.connect()

    answer = office.post("/connections/acme/fields", **{"field.reason": "no_such_field"})

    assert answer.status_code == 400
    assert "no_such_field" in answer.get_data(as_text=True)


def test_the_scope_of_deals_that_were_read_goes_into_the_draft_and_holds_once_it_is_published(office: Office) -> None:
    office.connect()
    office.post("/connections/acme/sync")
    page = office.page("/connections/acme/fields")
    assert "newbusiness" in page

    form = {"field.reason": "closed_lost_reason", "mode.type": "exclude", "scope.type": "existingbusiness"}
    office.post("/connections/acme/fields", **form)

    assert "left out by “not type existingbusiness”" not in office.page("/connections/acme")
    assert "not type existingbusiness" in office.page("/reasons/scope")
    started = office.post("/changes/start", kind="mappings").headers["Location"]
    for _ in range(20):
        office.post(f"{started}/go-on")
    assert "leaves the scope" in office.page(started)
    office.post(f"{started}/publish", comment="Renewals are another team's.")
    for _ in range(20):
        office.post(f"{started}/go-on")
    assert "left out by “not type existingbusiness”" in office.page("/connections/acme")


def test_the_scope_of_a_fresh_connection_is_saved_at_once(office: Office) -> None:
    office.connect()
    form = {"field.reason": "closed_lost_reason", "mode.type": "exclude", "scope.type": "existingbusiness"}
    office.post("/connections/acme/fields", **{**form, "min_amount": "10"})
    office.post("/connections/acme/sync")

    assert "left out by “not type existingbusiness”" in office.page("/connections/acme")


def test_a_sync_is_told_with_its_counts_and_a_failed_one_in_words(office: Office) -> None:
    office.connect()
    office.post("/connections/acme/sync")
    assert "new " in office.page("/connections/acme")

    office.crm.faults.add(Fault(path="crm/", status=403, times=None))
    office.post("/connections/acme/sync")
    page = office.page("/connections/acme")

    assert "The last sync failed." in page
    assert "Traceback" not in page


def test_what_runs_is_shown_as_it_runs_and_the_page_goes_back_when_it_is_over(office: Office) -> None:
    office.connect()

    waiting = office.client.get(f"/connections/acme/live?after=0&asked={int(NOW.timestamp())}")
    assert "Asked for" in waiting.get_data(as_text=True)

    office.post("/connections/acme/sync")
    over = office.client.get(f"/connections/acme/live?after=0&asked={int(NOW.timestamp())}")
    assert over.headers["HX-Redirect"] == "/connections/acme"


def test_a_sync_goes_to_the_workers_where_a_scheduler_leads(office: Office) -> None:
    office.connect()
    woken: list[tuple[str, int | None]] = []
    here: list[object] = []
    client = create_app(
        office.app, wake_job=lambda name, id_: woken.append((name, id_)), background=here.append
    ).test_client()
    enter(office.app, client, "ada@example.com")
    form = {"csrf_token": form_token(client.get("/connections/acme"))}

    client.post("/connections/acme/sync", data=form)
    assert (woken, len(here)) == ([], 1), "no scheduler: this process does it"

    assert take(office.app, LEADER, by="a scheduler")
    client.post("/connections/acme/sync", data=form)
    with office.app.store.read() as tx:
        row = connection_named(tx, "acme")
        assert is_due(tx, f"sync_connection/{row.id}", now=NOW)
    assert (woken, len(here)) == ([("sync_connection", row.id)], 1)


def test_what_could_not_begin_is_told_as_a_failed_run(office: Office) -> None:
    office.connect()
    with office.app.store.begin() as tx:
        row = connection_named(tx, "acme")
        row.sync_leased_until, row.sync_leased_by = NOW + timedelta(hours=1), "another"

    office.post("/connections/acme/sync")
    with office.app.store.begin() as tx:
        connection_named(tx, "acme").sync_leased_until = None

    assert "The last sync failed." in office.page("/connections/acme")


def test_a_link_from_elsewhere_fills_in_no_address(office: Office) -> None:
    assert "evil.example" not in office.page("/connections/new/hubspot?name=acme&url=https://evil.example")


def test_going_live_writes_what_it_announced_and_undo_takes_it_back(office: Office) -> None:
    office.connect()
    office.post("/connections/acme/sync")
    counted = office.page("/connections/acme/go-live?count=1&limit=5")
    assert "Write 5 tasks to acme" in counted
    assert re.search(r"<td>[A-Z][a-z]+ 20\d\d", counted), "a month has its name"
    assert "/connections/acme/undo" not in office.page("/connections/acme")
    assert not office.portal.tasks()

    office.post("/connections/acme/go-live", limit="5")
    assert len(office.portal.tasks()) == 5
    assert "/connections/acme/undo" in office.page("/connections/acme")
    with office.app.store.begin() as tx:
        ref = tx.scalars(select(TaskRefRow)).first()
        assert ref is not None
        ref.touched = ["due_on"]
        deal = tx.scalars(select(ReminderRow.deal_id).where(ReminderRow.id == ref.reminder_id)).one()
        task, subject = ref.crm_task_id, ref.written["subject"]
    told = office.page(f"/deals/{deal}")
    assert f"Task {task}, open" in told
    assert "was changed there" in told
    assert subject in unescape(told)
    assert ">5</b><span>tasks deleted" in office.page("/connections/acme/undo")

    office.post("/connections/acme/undo")
    assert not office.portal.tasks()
    assert "/connections/acme/undo" not in office.page("/connections/acme")
    assert "Nothing of ours is left to take back" in office.page("/connections/acme/undo")
    with office.app.store.read() as tx:
        assert connection_named(tx, "acme").state == ConnectionState.HOLD


def test_new_webhook_keys_are_shown_once(office: Office) -> None:
    office.connect()

    shown = office.post("/connections/acme/webhook").get_data(as_text=True)

    assert "whsec_" in shown
    assert "whsec_" not in office.page("/connections/acme")


def test_dead_letters_are_tried_again_or_given_up(office: Office) -> None:
    office.connect()
    with office.app.store.begin() as tx:
        row = connection_named(tx, "acme")
        letter = InboxRow(
            connection_id=row.id, kind="deal", deal_id="77", state=InboxState.DEAD, attempts=12, error="It was away.",
            mark="a", received_at=NOW, next_try_at=NOW,
        )  # fmt: skip
        tx.add(letter)
        tx.flush()
        letter_id = letter.id
    assert "It was away." in office.page("/connections/acme")

    office.post("/connections/acme/letters", box="inbox", verb="retry", id=str(letter_id))

    with office.app.store.read() as tx:
        assert tx.get_one(InboxRow, letter_id).state == InboxState.PENDING


def test_an_export_is_read_and_nothing_of_it_is_stored(office: Office) -> None:
    text = "Id,Account Name,Loss Reason,Close Date,Amount\n1,Borealis,Too expensive,2026-10-01,5000\n"

    answer = office.post("/start", file=(io.BytesIO(text.encode()), "lost.csv"))

    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Too expensive" in page
    assert "Borealis" in page
    assert "Borealis" not in office.page("/deals")


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"PK\x03\x04rest", "lost.csv"), (b"PK\x03\x04rest", "lost.xlsx"), (b"Id,Loss Reason\n1,Price\n", "lost.exe")],
    ids=["its content", "both", "its name"],
)
def test_a_file_that_is_no_export_is_refused_in_words(office: Office, content: bytes, name: str) -> None:
    answer = office.post("/start", file=(io.BytesIO(content), name))

    assert answer.status_code == 400
    assert "Excel" in answer.get_data(as_text=True)


def test_a_salesforce_org_is_connected_by_client_credentials(office: Office, tmp_path: Path) -> None:
    org = SalesforceOrg(make_book(5, deals=40, today=NOW.date()))
    with serve(org, now=lambda: NOW, tls_folder=tmp_path) as server:
        http = replace(office.app.settings, ca_file=str(server.ca_file))
        office.client = create_app(replace(office.app, settings=http), background=lambda act: act()).test_client()
        enter(office.app, office.client, "ada@example.com")
        form = {"name": "org", "url": server.url, "auth": "client_credentials"}
        form |= {
            "client_credentials.client_id": OrgSettings().client_id,
            "client_credentials.client_secret": OrgSettings().client_secret,
        }
        answer = office.post("/connections/new/salesforce", **form)
        assert answer.headers.get("Location") == "/connections/org/fields", answer.get_data(as_text=True)
        assert "__c" in office.page("/connections/org/fields")

        office.post("/connections/org/sync")
        page = office.page("/connections/org")

    assert "new " in page
    assert "/webhooks/salesforce/org/…" in page, "the token in the address is shown when it is changed"
