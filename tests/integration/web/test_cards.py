"""The deal card's addresses: who is let in, what they see, and that a click counts once, on both databases."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connectors.hubspot.signatures import signature_v3
from service.people.roles import Role
from service.people.users import add_user, find_user, switch_off
from service.store.models import EventRow, PlanRow
from service.web.app import create_app
from tests.integration.queue_world import WorldApp, app_of
from tests.integration.world import TODAY, World, plan, step

BASE, SECRET, PORTAL = "https://rekindle.example", "the-apps-secret", "62515"
NEXT_WEEK = TODAY + timedelta(days=7)
REP, COLLEAGUE = "rep-1@seller.example", "rep-2@seller.example"


def said(answer: TestResponse) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(answer.data)
    return found


@dataclass
class Page:
    """A deal's page in HubSpot with our card on it; HubSpot signs and adds who looks at it."""

    app: WorldApp
    woken: list[tuple[str, int | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client: FlaskClient = create_app(
            self.app, wake_job=lambda name, id_: self.woken.append((name, id_))
        ).test_client()

    def call(
        self,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        email: str = REP,
        portal: str = PORTAL,
        secret: str = SECRET,
        at: datetime | None = None,
    ) -> TestResponse:
        target = f"/cards/hubspot/deals/{path}?userId=5&portalId={portal}&userEmail={email.replace('@', '%40')}&appId=9"
        method, sent = ("GET", b"") if body is None else ("POST", orjson.dumps(body))
        timestamp = str(int((at or self.app.now()).timestamp() * 1000))
        made = signature_v3(secret, url=BASE + target, body=sent, timestamp=timestamp, method=method)
        headers = {"X-HubSpot-Signature-v3": made, "X-HubSpot-Request-Timestamp": timestamp}
        return self.client.open(target, method=method, data=sent, headers=headers)

    def shown(self, deal: str = "17", **who: str) -> dict[str, Any]:
        answer = self.call(deal, **who)  # type: ignore[arg-type]  # all of them are texts
        assert answer.status_code == 200, answer.text
        return said(answer)

    def click(self, word: str, request: str = "click-1", **values: Any) -> TestResponse:
        who = {name: values.pop(name) for name in ("email", "secret", "portal", "deal") if name in values}
        body = {"request": request, **values}
        if "reminder" not in body:
            body["reminder"] = self.shown()["next"]["reminder"]
        return self.call(f"{who.pop('deal', '17')}/{word}", body, **who)


@pytest.fixture
def page(world: World, tmp_path: Path) -> Page:
    """Deal 17 is rep-1's, and its first task stands in the CRM. A rep, a colleague and a viewer have accounts here."""
    world.set(crm="hubspot", account_id=PORTAL, write_ahead_days=30)
    with world.store.begin() as tx:
        for email, role in ((REP, Role.REP), (COLLEAGUE, Role.REP), ("vera@seller.example", Role.VIEWER)):
            add_user(tx, email=email, name="", role=role, who="t", now=world.now)
    world.lose("17", step(TODAY + timedelta(days=3)), step(TODAY + timedelta(days=90), ordinal=2))
    world.work()
    return Page(app_of(world, tmp_path, base_url=BASE, hubspot_client_secret=SECRET))


def test_a_rep_sees_category_next_follow_up_and_why(page: Page) -> None:
    shown = page.shown()

    assert (shown["category"], shown["sub_reason"], shown["state"]) == ("Timing", "postponed", "Lost")
    assert shown["next"]["due_on"] == (TODAY + timedelta(days=3)).isoformat()
    assert shown["next"]["why"] == f"Planned for {(TODAY + timedelta(days=3)).isoformat()}."
    assert shown["next"]["what"] == "Reconnect"
    assert (shown["may_work"], shown["why_none"], shown["today"]) == (True, None, TODAY.isoformat())
    assert shown["story"].startswith(f"{BASE}/deals/")


def test_a_deal_without_follow_ups_says_why(page: Page) -> None:
    world = page.app.world
    lost = world.lose("18")
    with world.store.begin() as tx:
        tx.get_one(PlanRow, lost.episode_id).why_none = "They said never."

    shown = page.shown("18")

    assert (shown["next"], shown["why_none"]) == (None, "They said never.")


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        ({"secret": "guessed"}, 401, "bad_signature"),
        ({"at": datetime(2026, 11, 23, 8, 54, tzinfo=UTC)}, 401, "too_old"),
        ({"portal": "62516"}, 404, "nothing_such"),  # another portal of the same app, not connected
        ({"email": "stranger@seller.example"}, 403, "not_allowed"),
        ({"email": COLLEAGUE}, 404, "nothing_such"),  # a deal that is not theirs is not there for them
    ],
)
def test_whoever_is_not_proved_or_has_no_right_sees_nothing(
    page: Page, change: dict[str, Any], status: int, reason: str
) -> None:
    answer = page.call("17", **change)

    assert (answer.status_code, said(answer)["reason"]) == (status, reason)
    assert "Timing" not in answer.text


def test_a_call_without_a_signature_is_refused(page: Page) -> None:
    answer = page.client.get(f"/cards/hubspot/deals/17?portalId={PORTAL}&userEmail={REP}")

    assert (answer.status_code, said(answer)["reason"]) == (401, "unsigned")


@pytest.mark.parametrize("crm", ["salesforce", "nothing"])
def test_a_crm_without_a_card_has_no_such_address(page: Page, crm: str) -> None:
    assert page.client.get(f"/cards/{crm}/deals/17").status_code == 404


def test_whoever_was_switched_off_is_a_stranger(page: Page) -> None:
    with page.app.store.begin() as tx:
        switch_off(tx, find_user(tx, REP), who="t", now=page.app.now())

    assert page.call("17").status_code == 403


@pytest.mark.parametrize("deal", ["19", "x", "1%00", "9" * 30])
def test_a_deal_that_is_not_known_is_not_there(page: Page, deal: str) -> None:
    assert page.call(deal).status_code == 404


def test_done_ends_the_follow_up_closes_its_task_and_shows_the_next(page: Page) -> None:
    world = page.app.world
    answer = page.click("done")

    assert answer.status_code == 200
    assert said(answer)["next"]["due_on"] == (TODAY + timedelta(days=90)).isoformat()
    assert page.woken == [("drain_outbox", world.connection_id)]
    assert world.states("17") == ["done", "scheduled"]
    world.work()
    assert [task.status for task in world.crm.tasks.values()] == ["completed"]


def test_snooze_moves_the_follow_up_and_keeps_it_there(page: Page) -> None:
    answer = page.click("snooze", until=NEXT_WEEK.isoformat())

    assert (answer.status_code, said(answer)["next"]["due_on"]) == (200, NEXT_WEEK.isoformat())
    (first, _) = page.app.world.reminders("17")
    assert (first.state, first.due_on, first.is_pinned) == ("snoozed", NEXT_WEEK, True)


def test_a_click_that_arrives_twice_counts_once(page: Page) -> None:
    reminder = page.shown()["next"]["reminder"]
    for until, request in ((NEXT_WEEK, "click-1"), (NEXT_WEEK + timedelta(days=7), "click-2"), (NEXT_WEEK, "click-1")):
        assert page.click("snooze", request, reminder=reminder, until=until.isoformat()).status_code == 200

    (first, _) = page.app.world.reminders("17")
    assert first.due_on == NEXT_WEEK + timedelta(days=7)
    assert [row.who for row in page.app.world.rows(EventRow, EventRow.to_state == "snoozed")] == [REP, REP]
    assert len(page.woken) == 2


def test_done_twice_leaves_the_next_step_alone(page: Page) -> None:
    reminder = page.shown()["next"]["reminder"]
    for request in ("click-1", "click-2"):
        assert page.click("done", request, reminder=reminder).status_code == 200

    assert page.app.world.states("17") == ["done", "scheduled"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"request": "r"},
        {"request": "", "reminder": 1},
        {"request": "r" * 101, "reminder": 1},
        {"request": "r", "reminder": "1"},
        {"request": "r", "reminder": True},
        {"request": "r", "reminder": 2**60},
        {"request": "r", "reminder": 1},
        {"request": "r", "reminder": 1, "until": "soon"},
    ],
)
def test_an_incomplete_click_changes_nothing(page: Page, body: dict[str, Any]) -> None:
    assert page.call("17/snooze", body).status_code == 400
    assert page.app.world.states("17") == ["scheduled", "scheduled"]


@pytest.mark.parametrize("until", [TODAY - timedelta(days=1), date(1, 1, 1)])
def test_a_day_that_is_over_is_refused_and_the_click_stays_good(page: Page, until: date) -> None:
    assert page.click("snooze", until=until.isoformat()).status_code == 400
    assert said(page.click("snooze", until=NEXT_WEEK.isoformat()))["next"]["due_on"] == NEXT_WEEK.isoformat()


def test_a_follow_up_of_another_deal_cannot_be_reached_through_this_one(page: Page) -> None:
    world = page.app.world
    world.lose("18", step(TODAY + timedelta(days=4)), owner_id="rep-2")
    (other,) = world.reminders("18")

    assert page.click("done", reminder=other.id).status_code == 404
    assert world.states("18") == ["scheduled"]


def test_a_viewer_sees_and_cannot_act(page: Page) -> None:
    vera = "vera@seller.example"
    assert page.shown(email=vera)["may_work"] is False

    answer = page.click("done", email=vera)

    assert (answer.status_code, said(answer)["reason"]) == (403, "not_allowed")
    assert page.app.world.states("17") == ["scheduled", "scheduled"]


def test_another_word_is_nothing_a_card_knows(page: Page) -> None:
    assert page.click("cancel").status_code == 404


def test_a_changed_plan_shows_at_once(page: Page) -> None:
    world = page.app.world
    world.replan("17", *plan(step(TODAY + timedelta(days=40))).steps)

    assert page.shown()["next"]["due_on"] == (TODAY + timedelta(days=40)).isoformat()
