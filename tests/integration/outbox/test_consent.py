"""A person's wish not to be contacted, read from the CRM again before each step."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from connectors.base import Channel, DealConsent
from mappings.model import Account, DealKey, Purpose
from service.store.models import ConsentRow, EventRow
from tests.fakes.connector import ACCOUNT_ID
from tests.integration.world import TODAY, World, step

SOON = TODAY + timedelta(days=30)
THEN = TODAY + timedelta(days=60)
BOTH = frozenset({Channel.EMAIL, Channel.PHONE})


def readings(world: World) -> list[ConsentRow]:
    with world.store.read() as tx:
        return list(tx.scalars(select(ConsentRow).order_by(ConsentRow.deal_id, ConsentRow.contact_id)))


def whys(world: World, state: str) -> list[str]:
    return [row.why for row in world.rows(EventRow, EventRow.to_state == state)]


def test_an_opt_out_that_no_read_of_the_deal_has_seen_stops_the_step_and_says_why(world: World) -> None:
    world.lose("d1", step(SOON), contact_id="p1")
    world.crm.opted_out["p1"] = BOTH

    world.work()

    (row,) = world.reminders()
    assert (row.state, row.rule) == ("skipped", "opted_out")
    assert world.crm.live() == []
    (why,) = whys(world, "skipped")
    assert "No_Mail, No_Calls" in why


def test_an_opt_out_after_the_task_was_written_closes_it_on_the_day_it_falls_due(world: World) -> None:
    world.lose("d1", step(SOON), step(THEN, Purpose.DECIDE), contact_id="p1")
    world.work()
    assert len(world.crm.open()) == 1
    world.crm.opted_out["p1"] = BOTH

    world.pass_time(days=30)
    world.work()

    assert world.crm.open() == []
    assert world.states() == ["skipped", "skipped"], "nor is the next one written"
    (task,) = world.crm.live()
    assert "No_Mail" in task.body
    assert world.crm.created == 1


def test_a_task_whose_person_refused_calls_since_says_on_the_day_it_falls_due_that_they_are_to_be_written_to(
    world: World,
) -> None:
    world.lose("d1", step(SOON), contact_id="p1")
    world.work()
    assert "do not call" not in world.crm.open()[0].body
    world.crm.opted_out["p1"] = frozenset({Channel.PHONE})

    world.pass_time(days=30)
    world.work()
    written = len(world.crm.calls)
    world.work()

    (task,) = world.crm.open()
    assert "Write, and do not call: they asked for that." in task.body
    assert "write_tasks" not in world.crm.calls[written:], "it says so already"


def test_a_task_that_is_moved_goes_on_saying_which_way_is_left(world: World) -> None:
    world.crm.opted_out["p1"] = frozenset({Channel.EMAIL})
    world.lose("d1", step(SOON), contact_id="p1")
    world.work()

    world.replan("d1", step(THEN))
    world.work()

    (task,) = world.crm.open()
    assert task.due_on == THEN
    assert "Call, and send no e-mail" in task.body


def test_a_task_stands_no_longer_where_consent_to_e_mail_ran_out_and_calls_were_refused_since(world: World) -> None:
    canada, lost_on = Account(id="A1", country="CA"), TODAY - timedelta(days=170)
    world.lose("d1", step(SOON), contact_id="p1", account=canada, lost_on=lost_on)
    world.work()
    assert "consent to e-mail ends on" in world.crm.open()[0].body
    world.crm.opted_out["p1"] = frozenset({Channel.PHONE})

    world.pass_time(days=30)
    world.work()

    assert world.states("d1") == ["skipped"]
    assert world.crm.open() == []


def test_the_deals_of_a_batch_are_asked_about_at_once(world: World) -> None:
    for number in range(20):
        world.lose(f"d{number}", step(SOON), contact_id=f"p{number}")

    world.work()
    world.work()

    assert world.crm.calls.count("read_consent") == 1
    assert len(world.crm.open()) == 20


def test_what_was_read_is_kept_with_its_fields_its_footing_and_the_day_it_began(world: World) -> None:
    world.lose("d1", step(SOON, Purpose.POSITION), step(THEN), contact_id="p1", account=Account(id="A1", country="DE"))
    world.crm.opted_out["p1"] = frozenset({Channel.PHONE})
    first = world.now
    world.work()
    world.pass_time(days=30)
    world.work()

    deal, person = readings(world)
    assert (deal.contact_id, person.contact_id) == ("", "p1")
    assert (person.flags, person.is_closed) == ({"No_Mail": False, "No_Calls": True}, False)
    assert "legitimate interest" in person.basis
    assert (person.changed_at, person.read_at) == (first, world.now)


def test_consent_to_e_mail_runs_out_and_with_calls_refused_no_way_is_left(world: World) -> None:
    canada = Account(id="A1", country="CA")
    lost_on = TODAY - timedelta(days=200)
    world.lose("d1", step(SOON), contact_id="p1", account=canada, lost_on=lost_on)
    world.lose("d2", step(SOON), contact_id="p2", account=Account(id="A2", country="CA"), lost_on=lost_on)
    world.crm.opted_out["p1"] = frozenset({Channel.PHONE})

    world.work()

    assert (world.states("d1"), world.states("d2")) == (["skipped"], ["scheduled"])
    assert "consent to e-mail ended" in whys(world, "skipped")[0]
    assert {row.email_until for row in readings(world)} == {lost_on.replace(year=2026, month=11, day=7)}


def test_who_cannot_be_read_about_is_decided_by_what_is_stored(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = DealConsent(key=DealKey(ACCOUNT_ID, "d1"), is_known=False)
    monkeypatch.setattr(world.crm, "read_consent", lambda keys: iter([unknown]), raising=True)
    world.lose("d1", step(SOON), contact_id="p1")

    world.work()

    assert len(world.crm.open()) == 1
    assert readings(world) == []
