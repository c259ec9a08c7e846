"""A person's word on a loss: it decides, it stays through re-reads and publications, and it is for their own deals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mappings.taxonomy import Category
from service.config import Settings
from service.mapping_sets.reconsider import Step, reconsider
from service.people.roles import Role
from service.people.users import add_user
from service.store.case_contents import load_deals, load_meanings
from service.store.models import ClassificationRow, DealRow, EpisodeRow, OwnerRow, PlanRow, ReminderRow
from service.store.previews import load_stored
from service.sync.reclassify import reclassify
from tests.integration.web.crm import NOW
from tests.integration.web.test_connecting import Office, at_work
from tests.integration.web.test_pages import enter, form_token


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with at_work(Settings(home=tmp_path, allow_private_addresses=True)) as found:
        found.connect()
        found.post("/connections/acme/sync")
        yield found


def first_deal(office: Office, *, owner: str | None = None) -> int:
    query = select(DealRow.id).join(EpisodeRow, EpisodeRow.deal_id == DealRow.id).where(DealRow.state == "lost")
    query = query.where(EpisodeRow.ended_as.is_(None), DealRow.excluded_by.is_(None))
    query = query.where(DealRow.owner_id == owner) if owner else query
    with office.app.store.read() as tx:
        found = tx.scalars(query.order_by(DealRow.id)).first()
    assert found is not None
    return found


def meaning(office: Office, deal: int) -> tuple[str, str | None]:
    with office.app.store.read() as tx:
        row = tx.scalars(
            select(ClassificationRow)
            .join(EpisodeRow, EpisodeRow.id == ClassificationRow.episode_id)
            .where(EpisodeRow.deal_id == deal)
        ).one()
        return row.category, row.sub_reason


def plan_days(office: Office, deal: int) -> list[date]:
    with office.app.store.read() as tx:
        row = tx.scalars(
            select(PlanRow).join(EpisodeRow, EpisodeRow.id == PlanRow.episode_id).where(EpisodeRow.deal_id == deal)
        ).one()
    return [date.fromisoformat(step["due_on"]) for step in row.record["steps"]]


def decide(office: Office, deal: int) -> None:
    answer = office.post(f"/deals/{deal}/verdict", meaning="authority.champion_left", why="Mia told me on the phone.")
    assert answer.status_code == 303, answer.get_data(as_text=True)


def test_a_verdict_decides_and_stands_in_the_history(office: Office) -> None:
    deal = first_deal(office)

    decide(office, deal)

    assert meaning(office, deal) == ("authority", "champion_left")
    page = office.page(f"/deals/{deal}")
    assert "decided by a person" in page
    assert page.count("Mia told me on the phone.") >= 2


def test_a_verdict_stays_through_a_full_read_and_a_reclassification_until_it_is_taken_back(office: Office) -> None:
    deal = first_deal(office)
    before = meaning(office, deal)
    decide(office, deal)

    office.post("/connections/acme/sync", full="yes")
    with office.app.store.begin() as tx:
        tx.query(ClassificationRow).update({"mapping_version": "older"})
        tx.query(DealRow).update({"fingerprint": "", "read_at": None})
    office.post("/connections/acme/sync", full="yes")
    with office.app.store.begin() as tx:
        tx.query(ClassificationRow).update({"mapping_version": "older"})
    reclassify(office.app)
    assert meaning(office, deal) == ("authority", "champion_left")

    office.post(f"/deals/{deal}/verdict/take-back")
    assert meaning(office, deal) == before


def test_a_verdict_stays_when_a_publication_reads_the_deal_anew(office: Office) -> None:
    deal = first_deal(office)
    decide(office, deal)
    with office.app.store.begin() as tx:
        rules = office.app.rules(tx)
        tx.query(ClassificationRow).update({"mapping_version": "older"})
    with office.app.store.read() as tx:
        case = load_stored(tx, [deal])[0]
        found = reconsider(
            case,
            load_deals(tx, [deal])[deal],
            load_meanings(tx, [case.episode_id])[case.episode_id],
            Step(base=rules, rules=rules),
            "acme",
            today=NOW.date(),
        )

    assert found.after.underlying.category is Category.AUTHORITY
    assert found.after.underlying == found.before.underlying


def test_a_verdict_without_a_reason_is_refused_and_what_was_chosen_stays(office: Office) -> None:
    deal = first_deal(office)

    answer = office.post(f"/deals/{deal}/verdict", meaning="budget.frozen", why=" ")

    assert answer.status_code == 400
    assert "A reason is missing." in answer.get_data(as_text=True)


def test_a_debriefs_day_is_the_day_of_the_next_follow_up(office: Office) -> None:
    deal = first_deal(office)

    answer = office.post(
        f"/deals/{deal}/debrief", stated="Not this year", momentum="The demo", worth="yes", touch_on="2027-03-10"
    )

    assert answer.status_code == 303
    assert plan_days(office, deal)[0] == date(2027, 3, 10)
    page = office.page(f"/deals/{deal}")
    assert "Not this year" in page
    assert "come back on 10 March 2027" in page
    assert "as the debrief says" in page


def test_a_no_in_the_debrief_ends_the_follow_ups_and_a_yes_brings_them_back(office: Office) -> None:
    deal = first_deal(office)
    assert plan_days(office, deal)

    office.post(f"/deals/{deal}/debrief", worth="no")
    assert not plan_days(office, deal)
    with office.app.store.read() as tx:
        states = set(tx.scalars(select(ReminderRow.state).where(ReminderRow.deal_id == deal)))
    assert not states & {"scheduled", "due", "held", "snoozed"}

    office.post(f"/deals/{deal}/debrief", worth="yes")
    assert plan_days(office, deal)


def test_a_day_that_is_over_is_refused(office: Office) -> None:
    answer = office.post(f"/deals/{first_deal(office)}/debrief", worth="yes", touch_on="2020-01-01")

    assert answer.status_code == 400


def test_a_rep_debriefs_their_own_deals_and_finds_no_others(office: Office) -> None:
    with office.app.store.read() as tx:
        owners = tx.scalars(select(OwnerRow).where(OwnerRow.owner_id.in_(select(DealRow.owner_id)))).all()
    with office.app.store.begin() as tx:
        add_user(tx, email=owners[0].email, name="", role=Role.REP, who="test", now=NOW)
    own, other = (first_deal(office, owner=one.owner_id) for one in owners[:2])
    enter(office.app, office.client, owners[0].email)
    token = form_token(office.client.get(f"/deals/{own}"))
    form = {"csrf_token": token, "meaning": "budget.frozen", "why": "They said so.", "worth": "yes"}

    assert office.client.post(f"/deals/{own}/verdict", data=form).status_code == 303
    assert office.client.post(f"/deals/{own}/debrief", data=form).status_code == 303
    assert office.client.post(f"/deals/{other}/verdict", data=form).status_code == 404
    assert office.client.post(f"/deals/{other}/debrief", data=form).status_code == 404
    assert office.client.post(f"/deals/{other}/verdict/take-back", data=form).status_code == 404


def test_a_viewer_looks_and_changes_nothing(office: Office) -> None:
    deal = first_deal(office)
    with office.app.store.begin() as tx:
        add_user(tx, email="vic@example.com", name="", role=Role.VIEWER, who="test", now=NOW)
    enter(office.app, office.client, "vic@example.com")
    page = office.page(f"/deals/{deal}")
    form = {"csrf_token": form_token(office.client.get(f"/deals/{deal}")), "meaning": "budget", "why": "x"}

    assert "It means something else" not in page
    assert office.client.post(f"/deals/{deal}/verdict", data=form).status_code == 403


def test_follow_ups_are_given_to_a_colleague_and_stay_there_through_a_re_read(office: Office) -> None:
    office.post("/connections/acme/go-live", limit="5")
    with office.app.store.read() as tx:
        row = tx.scalars(select(ReminderRow).where(ReminderRow.state == "due")).first()
        assert row is not None
        other = tx.scalars(
            select(OwnerRow).where(OwnerRow.is_active.is_(True), OwnerRow.owner_id != row.owner_id)
        ).first()
        assert other is not None

    colleague = f"{other.connection_id}:{other.owner_id}"
    answer = office.post("/reminders/act", verb="reassign", id=str(row.id), colleague=colleague)
    assert answer.status_code == 303
    with office.app.store.begin() as tx:
        tx.query(DealRow).update({"fingerprint": "", "read_at": None})
    office.post("/connections/acme/sync", full="yes")

    with office.app.store.read() as tx:
        assert tx.get_one(ReminderRow, row.id).owner_id == other.owner_id
    owners = {task["properties"]["hubspot_owner_id"] for task in office.portal.tasks()}
    assert other.owner_id in owners


def test_the_backlog_is_released_by_hand_once_the_connection_is_live(office: Office) -> None:
    office.post("/connections/acme/go-live", limit="5")
    with office.app.store.begin() as tx:
        waiting = list(tx.scalars(select(ReminderRow.id).where(ReminderRow.state == "scheduled").limit(1)))
        held: dict[Any, Any] = {
            "state": "held",
            "rule": "backlog",
            "is_backlog": True,
            "is_placed": False,
            "act_on": None,
        }
        tx.query(ReminderRow).where(ReminderRow.id.in_(waiting)).update(held)

    office.post("/reminders/act", verb="release", id=str(waiting[0]))

    with office.app.store.read() as tx:
        row = tx.get_one(ReminderRow, waiting[0])
    assert (row.state, row.rule, row.is_placed) == ("scheduled", "released", True)
