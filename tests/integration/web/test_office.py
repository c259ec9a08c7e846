"""What an admin and a reader set on pages: settings and leaving of a connection, texts, the review, bulk assignment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from service.store.models import (
    ActionRow,
    ClassificationRow,
    ConnectionRow,
    DealRow,
    OwnerRow,
    ReviewLetterRow,
    SuggestionRow,
    UserRow,
)
from service.store.people import actions
from tests.integration.sets_world import TODAY
from tests.integration.web.desk import Desk, open_desk

SLACK = "https://hooks.slack.example/services/T0/B0/secret"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as opened:
        sets = opened.sets
        sets.set(crm="hubspot", last_sync_at=sets.now, created_at=sets.now - timedelta(days=30))
        lost = [sets.lost(f"d{number}", "Other", lost_on=TODAY - timedelta(days=20 + number)) for number in range(3)]
        sets.read(*lost, sets.lost("priced", "No budget", owner_id="rep-2"))
        yield opened


def connection(desk: Desk) -> ConnectionRow | None:
    with desk.sets.store.read() as tx:
        return tx.scalars(select(ConnectionRow)).first()


def log(desk: Desk) -> list[ActionRow]:
    with desk.sets.store.read() as tx:
        return list(actions(tx))


def test_settings_are_saved_and_the_log_says_which(desk: Desk) -> None:
    browser = desk.enter()
    browser.open("/connections/acme/settings")
    answer = browser.send(
        "/connections/acme/settings", digest="email", digest_hour="7", escalate_after_days="5", account_sense="on"
    )

    assert answer.status_code == 303
    row = connection(desk)
    assert row is not None
    assert (row.digest, row.digest_hour, row.escalate_after_days, row.account_sense) == ("email", 7, 5, True)
    assert log(desk)[0].what == "settings changed"
    assert "digest_hour=7" in log(desk)[0].says


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"digest_hour": "25"}, "no hour of the day"),
        ({"digest": "slack"}, "incoming webhook"),
        ({"fallback_owner": "nobody@x.example"}, "has no user"),
        ({"write_ahead_days": "soon"}, "no number of days"),
        ({"slack_url": "http://127.0.0.1/hook"}, "not encrypted"),
    ],
)
def test_a_setting_that_cannot_be_is_told_above_the_form_and_nothing_is_saved(
    desk: Desk, values: dict[str, str], says: str
) -> None:
    browser = desk.enter()
    browser.open("/connections/acme/settings")
    answer = browser.send("/connections/acme/settings", {"escalate_after_days": "3", **values})

    assert answer.status_code == 400
    assert says in browser.page
    row = connection(desk)
    assert row is not None
    assert (row.digest, row.digest_hour, row.escalate_after_days) == ("off", 8, None)


def test_a_connection_with_open_tasks_is_left_only_when_that_is_said(desk: Desk) -> None:
    browser = desk.enter()
    desk.sets.work()
    assert len(desk.sets.crm.open()) == 1
    assert "1 task of ours is open there" in browser.open("/connections/acme/remove")

    unnamed = browser.send("/connections/acme/remove", typed="other", tasks="leave")
    refused = browser.send("/connections/acme/remove", typed="acme")
    assert (unnamed.status_code, refused.status_code) == (400, 400)
    assert connection(desk) is not None

    answer = browser.send("/connections/acme/remove", typed="acme", tasks="leave")

    assert answer.status_code == 303
    assert connection(desk) is None
    assert len(desk.sets.crm.open()) == 1, "it stays, as a plain task"
    assert log(desk)[0].what == "connection removed"
    with desk.sets.store.read() as tx:
        assert tx.scalars(select(DealRow)).first() is None
    assert "No CRM is connected yet" in browser.open("/connections")


def test_the_text_of_a_finding_is_the_teams_own_until_it_is_emptied(desk: Desk) -> None:
    browser = desk.enter()
    browser.open("/findings")
    browser.send("/findings", budget="Call the controller in May.")
    assert "Call the controller in May." in browser.open("/findings")
    assert log(desk)[0].what == "suggestion changed"

    browser.send("/findings", budget="")

    with desk.sets.store.read() as tx:
        assert tx.scalars(select(SuggestionRow)).all() == []


def test_losses_for_an_unknown_reason_are_decided_together(desk: Desk) -> None:
    browser = desk.enter()
    page = browser.open("/?span=52w")
    assert "No plan, reason unknown: 3." in page
    page = browser.open("/deals?category=unknown&plan=none&span=52w")
    assert page.count('name="id"') == 3

    answer = browser.send(
        "/deals/assign",
        {"id": [1, 2], "meaning": "timing.postponed", "why": "Sam asked them", "back": "/deals?category=unknown"},
    )

    assert answer.headers["Location"] == "/deals?category=unknown"
    with desk.sets.store.read() as tx:
        meanings = tx.scalars(select(ClassificationRow.category).order_by(ClassificationRow.episode_id)).all()
    assert meanings == ["timing", "timing", "unknown", "budget"]
    assert [one.what for one in log(desk)[:2]] == ["verdict", "verdict"]


def test_nobody_decides_about_the_deals_of_others(desk: Desk) -> None:
    browser = desk.enter("rep-1@x.example")
    browser.open("/deals")

    answer = browser.send("/deals/assign", {"id": [4], "meaning": "timing", "why": "x", "back": ""})

    assert answer.status_code == 404
    assert browser.client.get("/reviews").status_code == 403
    assert browser.client.get("/people/log").status_code == 403
    assert browser.client.get("/findings").status_code == 403
    assert browser.send("/people/owner", email="rep-1@x.example", owner="acme:2").status_code == 403
    assert browser.client.get("/connections/acme/settings").status_code == 403
    assert browser.client.get("/connections/acme/remove").status_code == 403
    assert "Follow-ups" in browser.open("/you") or "follow-ups" in browser.page


def test_an_admin_says_who_a_person_is_in_the_crm_and_takes_it_back(desk: Desk) -> None:
    with desk.sets.store.begin() as tx:
        acme = tx.scalars(select(ConnectionRow)).one()
        tx.merge(OwnerRow(connection_id=acme.id, owner_id="77", email="other@x.example", name="Oda", is_active=True))
    browser = desk.enter()
    assert "nobody with that e-mail address" in browser.open("/people")

    answer = browser.send("/people/owner", email="bob@example.com", owner="acme:77")

    assert answer.status_code == 303
    assert "Oda <small>as you said" in browser.open("/people")
    assert log(desk)[0].what == "owner chosen"
    assert browser.send("/people/owner", email="bob@example.com", owner="acme:").status_code == 303
    assert "as you said" not in browser.open("/people")
    assert browser.send("/people/owner", email="bob@example.com", owner="acme:nobody").status_code == 400


def test_a_person_sets_zone_language_and_the_review(desk: Desk) -> None:
    browser = desk.enter()
    browser.open("/you")
    assert browser.send("/you", zone="Mars/Phobos", review="off").status_code == 400
    assert browser.send("/you", zone="Asia/Tokyo", locale="de_DE", review="email").status_code == 303

    with desk.sets.store.read() as tx:
        user = tx.scalars(select(UserRow).where(UserRow.email == "ada@example.com")).one()
    assert (user.zone, user.locale, user.review) == ("Asia/Tokyo", "de_DE", "email")


def test_a_review_that_could_not_be_sent_is_told_to_who_wanted_it(desk: Desk) -> None:
    browser = desk.enter()
    browser.open("/you")
    browser.send("/you", review="email")
    browser.open("/reviews")
    browser.send("/reviews/make", week="2026-W47")
    with desk.sets.store.begin() as tx:
        letter = tx.scalars(select(ReviewLetterRow)).one()
        letter.state, letter.error = "dead", "The mail server refuses ada@example.com (550)."

    assert "could not be sent" in browser.open("/you")
    assert "The mail server refuses ada@example.com (550)." in browser.page


def test_the_review_of_last_week_is_made_once_and_read_by_its_week(desk: Desk) -> None:
    browser = desk.enter()
    assert "No review yet." in browser.open("/reviews")
    browser.send("/reviews/make", week="2026-W47")
    browser.send("/reviews/make", week="2026-W47")

    page = browser.open("/reviews/2026-W47")
    assert page.count("<li>") >= 8
    assert "Week 47 of 2026" in page
    assert "2026-W47" in browser.open("/reviews")
    assert [one.what for one in log(desk)].count("review made") == 1
    assert browser.send("/reviews/make", week="2026-W48").status_code == 400
    assert browser.client.get("/reviews/2026-W40").status_code == 404


def test_the_log_is_narrowed_by_who_what_and_words(desk: Desk) -> None:
    browser = desk.enter()
    browser.open("/findings")
    browser.send("/findings", need="One.")
    desk.enter("bob@example.com").send("/findings")
    browser.open("/connections/acme/settings")
    browser.send("/connections/acme/settings", digest="email")

    assert "suggestion changed" in browser.open("/people/log?what=suggestion+changed&who=ada@example.com")
    assert "digest=email" not in browser.page
    assert "digest=email" in browser.open("/people/log?q=acme+digest")
    assert "Nothing fits" in browser.open("/people/log?q=nothing+like+this")
    table = browser.client.get("/people/log.csv?what=settings+changed").get_data(as_text=True)
    assert table.count("\n") == 2


def test_a_size_is_a_filter(desk: Desk) -> None:
    browser = desk.enter()
    assert "band=under_10k" in browser.open("/?span=52w")

    assert "4 deals" in browser.open("/deals?band=under_10k")
    assert "No deal fits" in browser.open("/deals?band=no_amount")
