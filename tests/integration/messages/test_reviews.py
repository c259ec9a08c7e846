"""The weekly review: made once on Monday morning, never changed, sent to those who want it and see every deal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from service.errors import UsageFault
from service.people.roles import Role
from service.people.users import add_user, switch_off
from service.reviews.making import due_week, make_due_review, make_review
from service.reviews.sending import send_reviews
from service.reviews.wishes import wish_for_review
from service.store.models import ReviewLetterRow, ReviewRow, UserRow
from service.store.people import actions, user_of_email
from service.store.reviews import all_reviews
from tests.fakes.mail import MailBox, mail_server
from tests.integration.queue_world import WorldApp, app_of, work_off
from tests.integration.world import NOW, World, step

MONDAY = datetime(2026, 11, 30, 5, tzinfo=UTC)  # six o'clock in Paris
WEEK = "2026-W48"


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mail_server() as found:
        yield found


@pytest.fixture
def app(world: World, tmp_path: Path, box: MailBox) -> WorldApp:
    world.set(zone="Europe/Paris", last_sync_at=NOW)
    made = app_of(
        world,
        tmp_path,
        smtp_url=f"smtp://127.0.0.1:{box.port}?starttls=off&from=rekindle@seller.example",
        base_url="https://rekindle.example",
        allow_private_addresses=True,
    )
    for email, role in (("boss@x.example", Role.MANAGER), ("ada@x.example", Role.ADMIN), ("rep@x.example", Role.REP)):
        with world.store.begin() as tx:
            add_user(tx, email=email, name="", role=role, who="test", now=NOW)
    return made


def wish(app: WorldApp, email: str, way: str = "email", slack_url: str = "") -> None:
    with app.store.begin() as tx:
        user = user_of_email(tx, email)
        assert user is not None
        wish_for_review(app, tx, user, way=way, slack_url=slack_url, who=email)


def due(app: WorldApp) -> str | None:
    with app.store.read() as tx:
        return due_week(tx, app.now())


def reviews(app: WorldApp) -> list[tuple[str, str]]:
    with app.store.read() as tx:
        return [(row.week, row.zone) for row in all_reviews(tx)]


def review(app: WorldApp, week: str = WEEK) -> ReviewRow:
    with app.store.read() as tx:
        return tx.get_one(ReviewRow, week)


def lose(world: World, count: int, day: date, prefix: str = "d") -> None:
    for number in range(count):
        world.lose(f"{prefix}{number}", step(day + timedelta(days=200)), lost_on=day)


def test_it_is_made_at_six_on_monday_where_the_team_lives_and_once(app: WorldApp) -> None:
    app.world.now = MONDAY - timedelta(minutes=1)
    assert due(app) is None

    app.world.now = MONDAY
    assert due(app) == WEEK
    makers = [Thread(target=make_due_review, args=(app,)) for _ in range(3)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()

    assert due(app) is None
    assert reviews(app) == [(WEEK, "Europe/Paris")]


def test_a_scheduler_that_was_away_makes_the_latest_week_when_it_is_back(app: WorldApp) -> None:
    app.world.now = MONDAY + timedelta(weeks=3, days=2)

    work_off(app)

    assert reviews(app) == [("2026-W51", "Europe/Paris")]


def test_a_crm_connected_after_monday_has_no_review_before_the_next(app: WorldApp) -> None:
    app.world.set(created_at=NOW)
    app.world.now = NOW + timedelta(days=2)

    assert due(app) is None


def test_what_was_kept_never_changes(app: WorldApp) -> None:
    lose(app.world, 3, date(2026, 11, 25))
    app.world.now = MONDAY
    make_due_review(app)
    before = review(app).content

    lose(app.world, 2, date(2026, 11, 26), "late")
    app.world.pass_time(days=1)
    assert make_review(app, WEEK) is False

    assert before["lost"] == 3
    assert review(app).content == before


def test_eight_lines_stand_alone_whether_much_or_nothing_happened(app: WorldApp) -> None:
    app.world.now = MONDAY
    make_due_review(app)
    lose(app.world, 25, date(2026, 12, 2))
    app.world.pass_time(weeks=1)
    make_due_review(app)

    quiet, busy = review(app).content["lines"], review(app, "2026-W49").content["lines"]
    assert len(quiet) == len(busy) == 8
    assert all(quiet) and all(busy)  # noqa: PT018 -- one claim about two lists
    assert quiet[0].startswith("0 deals lost from 23 Nov to 29 Nov 2026")
    assert busy[0] == "25 deals lost from 30 Nov to 6 Dec 2026, worth 25,000: 25 more than the week before."
    assert busy[1] == "Why: timing 25."
    assert "95 % interval" in busy[3]


def test_it_comes_at_eight_where_the_reader_lives(app: WorldApp, box: MailBox) -> None:
    wish(app, "boss@x.example")
    with app.store.begin() as tx:
        user = user_of_email(tx, "boss@x.example")
        assert user is not None
        user.zone = "America/New_York"
    app.world.now = MONDAY
    work_off(app)
    app.world.now = MONDAY.replace(hour=12, minute=59)
    work_off(app)
    assert box.messages == []

    app.world.now = MONDAY.replace(hour=13)
    work_off(app)
    work_off(app)

    assert [str(one["To"]) for one in box.messages] == ["boss@x.example"]
    payload = box.messages[0].get_payload(decode=True)
    assert isinstance(payload, bytes)
    text = payload.decode()
    assert text.count("\n- ") == 8
    assert f"https://rekindle.example/reviews/{WEEK}" in text


def test_nobody_gets_it_who_does_not_want_it_any_more_or_may_not_see_every_deal(app: WorldApp, box: MailBox) -> None:
    with pytest.raises(UsageFault):
        wish(app, "rep@x.example")
    wish(app, "boss@x.example")
    wish(app, "ada@x.example")
    app.world.now = MONDAY
    make_due_review(app)
    wish(app, "ada@x.example", "off")
    with app.store.begin() as tx:
        add_user(tx, email="x@x.example", name="", role=Role.ADMIN, who="t", now=NOW)
        boss = user_of_email(tx, "boss@x.example")
        assert boss is not None
        switch_off(tx, boss, who="t", now=NOW)
    app.world.now = MONDAY.replace(hour=9)
    send_reviews(app)

    assert box.messages == []
    assert {row.state for row in app.world.rows(ReviewLetterRow)} == {"dropped"}


def test_a_mail_server_that_is_down_for_an_hour_is_tried_again(app: WorldApp, box: MailBox) -> None:
    wish(app, "boss@x.example")
    app.world.now = MONDAY.replace(hour=9)
    box.answer = lambda command: "451 later" if command == "RCPT" else None
    work_off(app)
    assert [row.state for row in app.world.rows(ReviewLetterRow)] == ["ready"]

    box.answer = lambda command: None
    app.world.pass_time(hours=1)
    work_off(app)

    assert len(box.messages) == 1


def test_slack_needs_an_address_which_is_kept_as_ciphertext(app: WorldApp) -> None:
    with pytest.raises(UsageFault, match="incoming webhook"):
        wish(app, "boss@x.example", "slack")

    wish(app, "boss@x.example", "slack", "http://127.0.0.1:9/hook")

    user = next(row for row in app.world.rows(UserRow) if row.email == "boss@x.example")
    assert user.review == "slack"
    assert "127.0.0.1" not in (user.review_slack or "")
    with app.store.read() as tx:
        assert any(one.what == "weekly review" for one in actions(tx))


@pytest.mark.parametrize("week", ["2026-W49", "2026-W99", "nonsense", "2026-W00"])
def test_a_week_that_is_not_over_or_is_none_has_no_review(app: WorldApp, week: str) -> None:
    app.world.now = MONDAY

    with pytest.raises(UsageFault):
        make_review(app, week)
