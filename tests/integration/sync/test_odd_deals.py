"""A stored deal that our own code fails on: named, tried again, and no other deal waits for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectors.base import TaskStatus
from mappings.model import Classification, FollowUpPlan, LostDeal
from mappings.task_text import TaskText
from mappings.taxonomy import Category
from service.golive.live import go_live, preview_go_live
from service.golive.report import GoLiveReport, GoLiveRequest
from service.losses.rules import Rules
from service.mapping_sets.kinds import Kind
from service.outbox.letters import retry_letters
from service.reminders.advance import advance
from service.reminders.knowledge import TaskStory
from service.reminders.readback import read_back
from service.store.failed_deals import failed_deals
from service.store.models import ClassificationRow, ConnectionRow, DealRow, OutboxRow
from service.store.session import Store
from service.sync.reclassify import reclassify
from tests.integration.golive import test_golive
from tests.integration.sets_world import SetsWorld
from tests.integration.world import KNOWLEDGE, TODAY, World, compose, step

SOON = TODAY + timedelta(days=30)
ODD = "d3"


def fail_on(deal: LostDeal, odd: set[str]) -> None:
    if deal.key.deal_id in odd:
        raise KeyError("a note of somebody's")


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The ids of deals that classifying and planning fail on."""
    ids: set[str] = set()
    apply, replan = Rules.apply, Rules.replan

    def odd_apply(rules: Rules, deal: LostDeal, *more: object) -> tuple[Classification, FollowUpPlan]:
        fail_on(deal, ids)
        return apply(rules, deal, *more)  # type: ignore[arg-type]  # passed on as given

    def odd_replan(rules: Rules, deal: LostDeal, *more: object) -> FollowUpPlan:
        fail_on(deal, ids)
        return replan(rules, deal, *more)  # type: ignore[arg-type]  # passed on as given

    monkeypatch.setattr(Rules, "apply", odd_apply)
    monkeypatch.setattr(Rules, "replan", odd_replan)
    return ids


@pytest.fixture
def sets(store: Store) -> SetsWorld:
    found = SetsWorld(store)
    found.read(*(found.lost(f"d{number}", "Price") for number in range(8)))
    return found


def named(store: Store, connection_id: int) -> list[str]:
    """The failed deals; the health says the same."""
    with store.read() as tx:
        rows = [row.crm_deal_id for row in failed_deals(tx, connection_id)]
        health = [one["says"] for one in tx.get_one(ConnectionRow, connection_id).health if one["check"] == "deals"]
    assert bool(health) == bool(rows)
    assert all(deal_id in health[0] for deal_id in rows)
    assert all("somebody" not in says for says in health)
    return rows


def on_older_rules(sets: SetsWorld) -> None:
    """Every deal stands on a version of the mappings that is in force no more."""
    with sets.store.begin() as tx:
        tx.execute(update(ClassificationRow).values(mapping_version="older"))


def test_reclassifying_goes_on_past_it_and_takes_it_once_it_can(sets: SetsWorld, odd: set[str]) -> None:
    on_older_rules(sets)
    odd.add(ODD)

    assert reclassify(sets.app) == {"deals": 8, "planned": 7, "failed": 1}
    assert [deal for deal, meaning in sets.meanings().items() if meaning[2] == "older"] == [ODD]
    assert named(sets.store, sets.connection_id) == [ODD]

    odd.clear()
    assert reclassify(sets.app) == {"deals": 8, "planned": 1, "failed": 0}


def test_a_publication_goes_on_past_it_to_its_end(sets: SetsWorld, odd: set[str]) -> None:
    sets.assign("Price", to=Category.TIMING, sub_reason="postponed")
    odd.add(ODD)

    preview = sets.preview(Kind.MAPPINGS)
    assert (preview.state, preview.totals["failed"]) == ("ready", 1)
    published = sets.publish(Kind.MAPPINGS)

    assert published.state == "published"
    assert {deal: meaning[0] for deal, meaning in sets.meanings().items()} == {
        f"d{number}": "budget" if f"d{number}" == ODD else "timing" for number in range(8)
    }
    assert named(sets.store, sets.connection_id) == [ODD]
    odd.clear()
    assert reclassify(sets.app)["planned"] == 1
    assert sets.meanings()[ODD][0] == "timing"


def test_no_task_of_another_deal_waits_for_one_that_cannot_be_worded(world: World) -> None:
    for number in range(8):
        world.lose(f"d{number}", step(SOON))
    is_odd = True

    def odd_compose(story: TaskStory) -> TaskText:
        fail_on(story.deal, {ODD} if is_odd else set())
        return compose(story)

    def work() -> None:
        knowledge = replace(KNOWLEDGE, compose=odd_compose)
        for _ in range(2):
            advance(world.store, world.crm, world.connection_id, knowledge=knowledge, today=world.today, now=world.now)
            world.drain()

    asked = len(world.crm.calls)
    work()

    assert {task.deal.deal_id for task in world.crm.open()} == {f"d{number}" for number in range(8)} - {ODD}
    assert named(world.store, world.connection_id) == [ODD]
    assert world.crm.calls[asked:].count("account_activity") == 1, "the CRM is not asked again for every part"

    is_odd = False
    work()
    assert len(world.crm.open()) == 7, "it waits for tomorrow, or for the deal to change"
    world.pass_time(days=1)
    work()
    assert len(world.crm.open()) == 8


def test_a_write_that_cannot_be_read_is_a_dead_letter_and_the_others_leave(world: World) -> None:
    for number in range(4):
        world.lose(f"d{number}", step(SOON))
    world.advance()
    rows = world.rows(OutboxRow, OutboxRow.kind == "create_task")
    sound = dict(rows[1].payload)
    with world.store.begin() as tx:
        tx.execute(update(OutboxRow).where(OutboxRow.id == rows[1].id).values(payload={"change": {"odd": 1}}))

    world.drain()

    assert len(world.crm.open()) == 3
    dead = world.rows(OutboxRow, OutboxRow.state == "dead")
    assert [row.id for row in dead] == [rows[1].id]
    assert "our code failed" in dead[0].error
    assert sorted(world.states()) == ["failed", "scheduled", "scheduled", "scheduled"]

    with world.store.begin() as tx:
        tx.execute(update(OutboxRow).where(OutboxRow.id == rows[1].id).values(payload=sound))
        retry_letters(tx, who="ann", now=world.now)
    world.drain()
    assert len(world.crm.open()) == 4


def test_an_edit_that_cannot_be_taken_over_keeps_no_other_back(world: World) -> None:
    for number in range(4):
        world.lose(f"d{number}", step(SOON))
    world.work()
    for task in world.crm.open():
        task.status = TaskStatus.COMPLETED
        task.body = f"Call in June.\n{task.body}"
    odd = world.planned[ODD].deal_row_id

    def told(_tx: Session, _connection: ConnectionRow, words: Mapping[int, str]) -> int:
        if odd in words:
            raise KeyError("a note of somebody's")
        return len(words)

    read_back(world.store, world.crm, world.connection_id, since=None, today=world.today, now=world.now, told=told)

    assert sorted(world.states()) == ["done", "done", "done", "scheduled"]
    assert named(world.store, world.connection_id) == [ODD]


def test_going_live_leaves_it_out_and_says_so(world: World) -> None:
    world.set(state="hold", live_since=None)
    for number in range(6):
        world.lose(f"d{number}", step(SOON), lost_on=TODAY - timedelta(days=30 + number))
    odd = {ODD}

    def replan(deal: LostDeal, found: Classification, today: date) -> FollowUpPlan:
        fail_on(deal, odd)
        return test_golive.replan(deal, found, today)

    def asked(function: Callable[..., GoLiveReport]) -> GoLiveReport:
        return function(
            world.store,
            world.crm,
            world.connection_id,
            GoLiveRequest(),
            replan=replan,
            knowledge=KNOWLEDGE,
            today=world.today,
            now=world.now,
        )

    announced = asked(preview_go_live)
    done = asked(go_live)
    world.drain()

    assert announced.as_json() == done.as_json()
    assert done.skipped == {"failed": 1}
    assert len(world.crm.open()) == 5
    assert world.connection().state == "live"
    assert named(world.store, world.connection_id) == [ODD]

    odd.clear()
    asked(go_live)
    world.drain()
    assert len(world.crm.open()) == 6


def test_a_fault_of_all_deals_is_no_odd_deal(sets: SetsWorld, odd: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.store.apart.MOST_FAILED", 3)
    on_older_rules(sets)
    odd |= {f"d{number}" for number in range(8)}
    with pytest.raises(KeyError):
        reclassify(sets.app)
    with sets.store.read() as tx:
        assert set(tx.scalars(select(DealRow.state))) == {"lost"}
