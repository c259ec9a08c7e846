"""Digests: one a day and reader, at their hour, of what is still open; to reps and managers only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from service.messages.by_hand import give_up, list_messages, resend
from service.messages.digests import MOST, make_digests
from service.messages.sending import send_ready
from service.reminders.actions import Action, decide
from service.store.models import EventRow, MessageRow, OwnerRow
from service.web.links import links_blueprint
from tests.fakes.mail import MailBox, mail_server
from tests.integration.queue_world import WorldApp, app_of, work_off
from tests.integration.world import NOW, TODAY, World, step


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mail_server() as found:
        yield found


@pytest.fixture
def app(world: World, tmp_path: Path, box: MailBox) -> WorldApp:
    world.set(digest="email", digest_hour=8)
    return app_of(
        world,
        tmp_path,
        smtp_url=f"smtp://127.0.0.1:{box.port}?starttls=off&from=rekindle@seller.example",
        base_url="https://rekindle.example",
    )


def text_of(box: MailBox, place: int = -1) -> str:
    payload = box.messages[place].get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def due_today(world: World, count: int = 1, **values: object) -> None:
    for number in range(count):
        world.lose(f"d{len(world.planned)}-{number}", step(TODAY), **values)
    world.work()


def make(app: WorldApp) -> int:
    return make_digests(app, app.world.connection())


def messages(app: WorldApp) -> list[MessageRow]:
    return app.world.rows(MessageRow)


def test_a_rep_gets_one_message_a_day_with_what_is_due(app: WorldApp, box: MailBox) -> None:
    due_today(app.world, 2)
    due_today(app.world, 1, owner_id="rep-2")

    work_off(app)
    work_off(app)
    made_again = make(app)

    assert sorted(str(one["To"]) for one in box.messages) == [
        "rep-1 <rep-1@seller.example>",
        "rep-2 <rep-2@seller.example>",
    ]
    assert made_again == 0
    assert {row.state for row in messages(app)} == {"sent"}
    assert "Planned for 2026-11-23." in text_of(box)
    assert "https://crm.example/deals/" in text_of(box)


def test_the_next_day_tells_what_is_still_open(app: WorldApp, box: MailBox) -> None:
    due_today(app.world, 2)
    work_off(app)
    app.world.pass_time(days=1)
    with app.world.store.begin() as tx:
        decide(tx, [app.world.reminders()[0].id], Action.DONE, who="ann", now=app.now())
    work_off(app)

    assert len(box.messages) == 2
    assert str(box.messages[1]["Subject"]).startswith("1 follow-up for")


def test_two_schedulers_at_the_same_moment_make_one_message(app: WorldApp, box: MailBox) -> None:
    due_today(app.world)

    threads = [Thread(target=make, args=(app,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    senders = [Thread(target=send_ready, args=(app,)) for _ in range(4)]
    for thread in senders:
        thread.start()
    for thread in senders:
        thread.join()

    assert len(messages(app)) == 1
    assert len(box.messages) == 1


def test_it_comes_at_the_readers_own_hour(app: WorldApp, box: MailBox) -> None:
    with app.world.store.begin() as tx:
        tx.execute(update(OwnerRow).where(OwnerRow.owner_id == "rep-2").values(zone="America/New_York"))
    due_today(app.world, owner_id="rep-1")
    app.world.lose("far", step(TODAY), owner_id="rep-2")
    app.world.now = NOW.replace(hour=12, minute=59)
    work_off(app)
    here = [str(one["To"]) for one in box.messages]
    app.world.now = NOW.replace(hour=13, minute=0)
    work_off(app)

    assert here == ["rep-1 <rep-1@seller.example>"]
    assert len(box.messages) == 2


def test_after_hours_it_waits_for_tomorrow(app: WorldApp, box: MailBox) -> None:
    due_today(app.world)
    app.world.now = NOW.replace(hour=22)
    work_off(app)
    at_night = len(box.messages)
    app.world.pass_time(hours=11)
    work_off(app)

    assert (at_night, len(box.messages)) == (0, 1)


def test_a_weekend_is_quiet_unless_something_falls_due_on_it(app: WorldApp, box: MailBox) -> None:
    due_today(app.world)
    app.world.now = NOW + timedelta(days=5)  # Saturday
    work_off(app)

    assert box.messages == []


def test_a_long_list_is_cut_and_says_so(app: WorldApp, box: MailBox) -> None:
    for number in range(MOST + 5):
        app.world.lose(f"d{number}", step(TODAY))
    app.world.pass_time(days=28)
    work_off(app)

    assert "And 5 more" in text_of(box)
    assert str(box.messages[-1]["Subject"]).startswith(f"{MOST + 5} follow-ups")


def test_off_means_off(app: WorldApp, box: MailBox) -> None:
    app.world.set(digest="off")
    due_today(app.world)
    work_off(app)

    assert (messages(app), box.messages) == ([], [])


def test_a_mail_server_that_is_away_is_tried_again(app: WorldApp, box: MailBox) -> None:
    due_today(app.world)
    box.answer = lambda command: "421 later" if command == "RCPT" else None
    work_off(app)
    (waiting,) = messages(app)
    box.answer = lambda command: None
    app.world.pass_time(minutes=5)
    work_off(app)

    assert (waiting.state, waiting.attempts) == ("ready", 1)
    assert len(box.messages) == 1


def test_an_address_that_is_refused_is_not_tried_again(app: WorldApp, box: MailBox) -> None:
    due_today(app.world)
    box.answer = lambda command: "550 no such user" if command == "RCPT" else None
    work_off(app)

    assert [(row.state, "550" in (row.error or "")) for row in messages(app)] == [("dead", True)]


def test_a_message_whose_answer_was_lost_is_not_sent_twice(app: WorldApp, box: MailBox) -> None:
    due_today(app.world)
    box.answer = lambda command: "" if command == "END" else None
    work_off(app)
    box.answer = lambda command: None
    app.world.pass_time(hours=1)
    work_off(app)

    assert [row.state for row in messages(app)] == ["unclear"]
    assert len(box.messages) == 1


def test_what_a_worker_was_sending_when_it_died_is_not_sent_twice(app: WorldApp, box: MailBox) -> None:
    due_today(app.world)
    make(app)
    with app.world.store.begin() as tx:
        tx.execute(update(MessageRow).values(state="sending", lease_until=app.now() - timedelta(seconds=1)))
    work_off(app)

    assert ([row.state for row in messages(app)], box.messages) == (["unclear"], [])


def test_a_message_that_may_not_have_arrived_is_in_the_health_and_sent_again_only_by_a_person(
    app: WorldApp, box: MailBox
) -> None:
    due_today(app.world)
    box.answer = lambda command: "" if command == "END" else None
    work_off(app)
    box.answer = lambda command: None
    (line,) = [one for one in app.world.connection().health if one["check"] == "messages"]
    assert (line["ok"], "1 message(s) may or may not have arrived" in line["says"]) == (False, True)
    assert "rekindle messages" in line["says"]

    app.world.pass_time(days=1, hours=12)  # its day is over, and it is night
    with app.world.store.begin() as tx:
        (told,) = list_messages(tx)
        assert (told["state"], told["kind"], told["day"]) == ("unclear", "digest", TODAY.isoformat())
        assert resend(tx, [told["id"], 999], who="admin", now=app.now()) == 1
        assert resend(tx, [told["id"]], who="admin", now=app.now()) == 0
    assert app.world.connection().health == []
    send_ready(app)

    assert [row.state for row in messages(app)] == ["sent"]
    assert [one["Message-ID"] for one in box.messages] == [box.messages[0]["Message-ID"]] * 2
    said = [row.why for row in app.world.rows(EventRow) if row.entity == "message"]
    assert said == ["Sent again, asked for by admin."]


def test_a_later_message_makes_good_for_one_that_may_not_have_arrived(app: WorldApp, box: MailBox) -> None:
    due_today(app.world)
    box.answer = lambda command: "" if command == "END" else None
    work_off(app)
    box.answer = lambda command: None
    app.world.pass_time(days=1)
    work_off(app)

    assert [row.state for row in messages(app)] == ["unclear", "sent"]
    assert app.world.connection().health == []


def test_a_message_that_was_refused_can_be_given_up(app: WorldApp, box: MailBox) -> None:
    due_today(app.world)
    box.answer = lambda command: "550 no such person" if command == "RCPT" else None
    work_off(app)
    with app.world.store.begin() as tx:
        (told,) = list_messages(tx)
        assert give_up(tx, [told["id"]], who="admin", now=app.now()) == 1

    assert [(row.state, row.error) for row in messages(app)] == [("dropped", "Given up by admin.")]
    assert app.world.connection().health == []


def test_managers_hear_on_mondays_of_what_lies_for_long_and_only_where_it_is_wanted(
    app: WorldApp, box: MailBox
) -> None:
    with app.world.store.begin() as tx:
        tx.execute(update(OwnerRow).where(OwnerRow.owner_id != "boss").values(manager_id="boss"))
    due_today(app.world)
    app.world.pass_time(days=14)
    work_off(app)
    off = [str(one["To"]) for one in box.messages]
    app.world.set(escalate_after_days=10)
    app.world.pass_time(minutes=2)
    work_off(app)

    assert off == ["rep-1 <rep-1@seller.example>"]
    assert str(box.messages[-1]["To"]) == "boss <boss@seller.example>"
    assert "left lying" in str(box.messages[-1]["Subject"])
    assert "/links/" not in text_of(box)


def test_slack_gets_the_message_at_the_address_that_was_set(app: WorldApp) -> None:
    got: list[bytes] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/services/x"
        for by, count in (("user", 0), ("operator", 1)):
            app.world.set(digest="slack", slack=app.keyring.encrypt({"url": url, "by": by}))
            due_today(app.world)
            work_off(app)
            assert len(got) == count
            app.world.pass_time(days=1)
        server.shutdown()

    assert [row.state for row in messages(app)] == ["dead", "sent"]
    assert "private network" in (messages(app)[0].error or "") or "not encrypted" in (messages(app)[0].error or "")
    assert b"follow-up" in got[0]


def test_an_address_that_keeps_silent_holds_up_one_message_and_not_all(app: WorldApp) -> None:
    tries, is_over = list[str](), Event()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            tries.append(self.path)
            is_over.wait(60)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
            pass

    app = replace(app, settings=replace(app.settings, http_read_timeout_s=0.2))
    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/services/x"
        app.world.set(digest="slack", slack=app.keyring.encrypt({"url": url, "by": "operator"}))
        for place, owner in enumerate(("rep-1", "rep-2", "boss")):
            app.world.lose(f"d{place}", step(TODAY), owner_id=owner)
        app.world.work()
        make(app)
        counts = send_ready(app)
        is_over.set()
        server.shutdown()

    assert len(tries) == 1
    assert counts == {"unclear": 1, "ready": 2}
    assert [row.state for row in messages(app)] == ["unclear", "ready", "ready"]


# --- the links in it


@pytest.fixture
def woken() -> list[int]:
    return []


@pytest.fixture
def browser(app: WorldApp, woken: list[int]) -> FlaskClient:
    """A browser without any session, at a bare application."""
    flask = Flask(__name__)
    flask.register_blueprint(links_blueprint(app, wake=woken.append))
    return flask.test_client()


@pytest.fixture
def paths(app: WorldApp, box: MailBox) -> list[str]:
    """The links of a digest with one reminder."""
    due_today(app.world)
    work_off(app)
    return re.findall(r"https://rekindle\.example(/links/\S+)", text_of(box))


def test_looking_changes_nothing_and_shows_the_choice(app: WorldApp, browser: FlaskClient, paths: list[str]) -> None:
    for path in paths:
        answer = browser.get(path)
        assert answer.status_code == 200
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Account 1" in answer.text
    later = browser.get(paths[1]).text

    assert later.index('value="snooze"') < later.index('value="done"')
    assert app.world.states() == ["due"]


def test_done_by_link_completes_the_task_once(
    app: WorldApp, browser: FlaskClient, paths: list[str], woken: list[int]
) -> None:
    first = browser.post(paths[0], data={"action": "done"})
    second = browser.post(paths[0], data={"action": "cancel"})
    other = browser.post(paths[2], data={"action": "cancel"})
    work_off(app)

    assert (first.status_code, second.status_code, other.status_code) == (200, 410, 410)
    assert woken == [app.world.connection_id]
    assert app.world.states() == ["done"]
    assert [str(task.status) for task in app.world.crm.live()] == ["completed"]
    assert app.world.rows(EventRow, EventRow.who == "link: rep-1@seller.example")


def test_later_by_link_moves_the_task_even_where_the_rep_had_moved_it_before(
    app: WorldApp, browser: FlaskClient, paths: list[str]
) -> None:
    until = TODAY + timedelta(days=9)
    answer = browser.post(paths[1], data={"action": "snooze", "until": until.isoformat()})
    work_off(app)

    assert answer.status_code == 200
    assert app.world.states() == ["snoozed"]
    assert app.world.crm.the_task().due_on == until


@pytest.mark.parametrize("until", ["", "yesterday", "2026-11-22", "0001-01-01"])
def test_a_snooze_into_the_past_changes_nothing_and_leaves_the_link(
    app: WorldApp, browser: FlaskClient, paths: list[str], until: str
) -> None:
    refused = browser.post(paths[1], data={"action": "snooze", "until": until})

    assert refused.status_code == 400
    assert browser.get(paths[1]).status_code == 200
    assert app.world.states() == ["due"]


def test_a_link_is_over_after_two_weeks(app: WorldApp, browser: FlaskClient, paths: list[str]) -> None:
    app.world.pass_time(days=14)

    assert (browser.get(paths[0]).status_code, browser.post(paths[0], data={"action": "done"}).status_code) == (
        410,
        410,
    )
    assert app.world.states() == ["due"]


def test_a_link_that_is_none_of_ours_is_not_found(browser: FlaskClient) -> None:
    assert browser.get("/links/abc.def").status_code == 404
    assert browser.post("/links/x", data={"action": "done"}).status_code == 404


def test_a_hundred_clicks_at_once_act_once(app: WorldApp, browser: FlaskClient, paths: list[str]) -> None:
    statuses: list[int] = []

    def click() -> None:
        statuses.append(browser.application.test_client().post(paths[0], data={"action": "done"}).status_code)

    threads = [Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200, *[410] * 7]
