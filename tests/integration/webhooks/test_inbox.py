"""Working on the inbox: deals are fetched fresh, once, whatever order their events come in; on both databases."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from connectors.base import DealState, GoneDeal, GoneHow, OpenDeal
from connectors.errors import NeedsReconnect, Rejected, Unreachable
from mappings.model import Account, DealKey, LostDeal, Note, StatedReason
from service.pipeline import ingest
from service.store.models import ConnectionRow, DealRow, EventRow, InboxRow, ReminderRow
from service.store.session import Store
from service.sync.lease import sync_lease
from service.sync.runner import sync
from service.webhooks import claims
from service.webhooks.letters import discard_inbox, list_inbox, retry_inbox
from service.webhooks.processed import Processed
from service.webhooks.processing import process_inbox
from tests.fakes.connector import ACCOUNT_ID, FakeConnector
from tests.integration.webhooks.web_world import FAKES, NOW, WebWorld

LOST_ON = date(2026, 11, 10)


class Acme(WebWorld):
    """One connection more, whose CRM is in memory."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.add("acme", "hubspot", ACCOUNT_ID, state="live", live_since=NOW, last_sync_at=NOW)
        self.client = self.web()

    @property
    def crm(self) -> FakeConnector:
        return FAKES["acme"]

    def lose(self, *numbers: int, **values: Any) -> None:
        for number in numbers:
            shared: dict[str, Any] = {
                "name": f"Deal {number}",
                "lost_on": LOST_ON,
                "account": Account(id=f"A{number}", name=f"Account {number}"),
                "owner_id": "rep-1",
                "stated_reasons": (StatedReason(field="Reason", value="No budget"),),
                "modified_at": self.now,
            }
            self.crm.deals[str(number)] = LostDeal(key=DealKey(ACCOUNT_ID, str(number)), **{**shared, **values})

    def tell(self, *numbers: int, **values: Any) -> None:
        """Webhooks about these deals."""
        events = [self.event(number, **{"portalId": ACCOUNT_ID, **values}) for number in numbers]
        for start in range(0, len(events), 100):
            assert self.hubspot(self.client, events[start : start + 100]).status_code == 200

    def work(self) -> Processed:
        return process_inbox(self.app)

    def deals(self) -> dict[str, str]:
        with self.store.read() as tx:
            return {row.crm_deal_id: row.state for row in tx.scalars(select(DealRow))}

    def states(self) -> list[str]:
        return [row.state for row in self.inbox()]

    def set(self, **values: Any) -> None:
        with self.store.begin() as tx:
            tx.execute(update(ConnectionRow).where(ConnectionRow.name == "acme").values(**values))

    def fetches(self) -> int:
        return self.crm.calls.count("get_deals")


@pytest.fixture
def world(store: Store, tmp_path: Path) -> Acme:
    return Acme(store, tmp_path)


def test_a_lost_deal_has_its_task_in_the_crm_after_one_round(world: Acme) -> None:
    world.lose(1)
    world.tell(1)
    done = world.work()
    assert (done.events, done.deals, done.counts.new, done.written) == (1, 1, 1, 1)
    assert [task.deal.deal_id for task in world.crm.live()] == ["1"]
    assert world.states() == ["done"]
    assert done.next_at is None


def test_a_deal_is_fetched_once_however_many_events_name_it(world: Acme) -> None:
    world.lose(1, 2)
    for number in range(50):
        world.tell(1, 2, at=NOW - timedelta(seconds=number))
    done = world.work()
    assert (done.events, done.deals, world.fetches()) == (100, 2, 1)
    assert world.work().events == 0


def test_on_hold_a_deal_is_read_and_planned_and_not_written(world: Acme) -> None:
    world.set(state="hold")
    world.lose(1)
    world.tell(1)
    world.work()
    with world.store.read() as tx:
        assert {row.state for row in tx.scalars(select(ReminderRow))} == {"held"}
    assert (world.deals(), world.crm.write_calls()) == ({"1": "lost"}, [])


def test_deals_that_are_not_lost_are_of_no_matter_and_a_reopened_one_is_seen(world: Acme) -> None:
    world.crm.deals["2"] = OpenDeal(key=DealKey(ACCOUNT_ID, "2"), modified_at=NOW)
    world.lose(1)
    world.tell(1, 2)
    world.work()
    world.pass_time(minutes=1)
    world.crm.deals["1"] = OpenDeal(key=DealKey(ACCOUNT_ID, "1"), modified_at=world.now)
    world.tell(1)
    assert world.work().counts.reopened == 1
    assert world.deals() == {"1": "open"}


def test_a_deal_that_is_not_shown_yet_is_looked_for_again(world: Acme) -> None:
    world.tell(1)
    done = world.work()
    assert (done.put_back, world.states()) == (1, ["pending"])
    assert done.next_at == NOW + timedelta(seconds=2)
    assert world.work().events == 0
    world.lose(1)
    world.pass_time(seconds=3)
    assert world.work().counts.new == 1
    assert world.states() == ["done"]


def test_a_deal_that_is_never_shown_becomes_a_dead_letter_that_can_be_replayed(world: Acme) -> None:
    world.tell(1, 2, 3)
    world.lose(2)
    for _ in range(world.settings.inbox_max_attempts):
        world.work()
        world.pass_time(hours=1)
    assert sorted(world.states()) == ["dead", "dead", "done"]
    with world.store.begin() as tx:
        letters = list_inbox(tx)
        assert [(one["connection"], one["deal_id"], one["state"]) for one in letters] == [
            ("acme", "1", "dead"),
            ("acme", "3", "dead"),
        ]
        assert "no deal 1" in letters[0]["error"]
        assert retry_inbox(tx, ranges=[(letters[0]["id"], letters[0]["id"])], who="admin", now=world.now) == 1
        assert discard_inbox(tx, ranges=[(letters[1]["id"], letters[1]["id"] + 9)], who="admin", now=world.now) == 1
    world.lose(1)
    assert world.work().counts.new == 1
    assert sorted(world.states()) == ["discarded", "done", "done"]
    with world.store.read() as tx:
        said = tx.scalars(select(EventRow.why).where(EventRow.entity == "inbox")).all()
    assert sorted(said) == ["Given up by admin.", "Tried again."]


def test_a_stored_deal_that_is_not_shown_is_believed_to_be_gone_only_after_several_looks(world: Acme) -> None:
    world.lose(1)
    world.tell(1)
    world.work()
    found = world.crm.deals.pop("1")
    world.pass_time(minutes=1)
    world.tell(1)
    for _ in range(3):
        world.work()
        world.pass_time(minutes=5)
        assert world.deals() == {"1": "lost"}
    world.work()
    assert world.deals() == {"1": "gone"}
    assert isinstance(found, LostDeal)


def test_an_announced_deletion_is_believed_at_once(world: Acme) -> None:
    world.lose(1)
    world.tell(1)
    world.work()
    world.pass_time(minutes=1)
    del world.crm.deals["1"]
    world.tell(1, subscriptionType="object.deletion")
    assert world.work().counts.deleted == 1
    assert world.crm.open() == []


def test_while_the_crm_is_away_nothing_is_given_up(world: Acme) -> None:
    def away(_kind: str) -> None:
        raise Unreachable("The CRM cannot be reached.")

    world.lose(1)
    world.tell(1)
    world.crm.before = away
    for _ in range(3 * world.settings.inbox_max_attempts):
        assert world.work().failures
        world.pass_time(hours=1)
    assert world.states() == ["pending"]
    world.crm.before = lambda kind: None
    assert world.work().counts.new == 1


def test_refused_credentials_stop_the_connection_and_its_events_wait_for_new_ones(world: Acme) -> None:
    world.lose(1)
    world.tell(1)
    world.crm.before = lambda kind: (_ for _ in ()).throw(NeedsReconnect("The CRM refuses the credentials."))
    world.work()
    world.pass_time(hours=1)
    assert world.work().events == 0
    world.crm.before = lambda kind: None
    world.set(state="live")
    assert world.work().counts.new == 1


def test_one_deal_that_cannot_be_read_keeps_no_other_from_it(world: Acme) -> None:
    world.lose(*range(1, 10))
    world.tell(*range(1, 10))
    original = world.crm.get_deals

    def refuse(keys: Sequence[DealKey], /) -> Iterator[DealState]:
        if any(key.deal_id == "5" for key in keys):
            raise Rejected("Deal 5 cannot be read.")
        return original(keys)

    world.crm.get_deals = refuse  # type: ignore[method-assign]
    done = world.work()
    assert (done.counts.new, done.put_back) == (8, 1)
    assert sorted(world.states()) == ["done"] * 8 + ["pending"]


def test_one_connection_that_fails_holds_up_no_other(world: Acme) -> None:
    world.lose(1)
    world.tell(1)
    world.hubspot(world.client, [world.event(7)])
    FAKES["portal"].before = lambda kind: (_ for _ in ()).throw(Unreachable("It is away."))
    world.lose(1)
    done = world.work()
    assert done.counts.new == 1
    assert len(done.failures) == 1


def test_a_crm_that_takes_its_time_does_not_keep_a_worker_for_good(world: Acme) -> None:
    app = replace(world.app, settings=replace(world.app.settings, inbox_batch=1))
    world.lose(1, 2, 3)
    world.tell(1, 2, 3)

    done = process_inbox(app, most_s=10.0, monotonic=partial(next, itertools.count(0.0, 6.0)))

    assert (done.deals, world.states().count("pending")) == (2, 1)
    assert process_inbox(app, most_s=0.0).deals == 1, "a first batch always"
    assert process_inbox(app).deals == 0


def test_an_import_is_answered_by_one_sync_once_it_is_quiet(world: Acme) -> None:
    world.lose(*range(1, 301))
    world.crm.page_size = 1000
    for start in range(1, 301, 100):
        world.tell(*range(start, start + 100), changeSource="IMPORT")
        assert world.work().events == 0
        world.pass_time(seconds=1)
    world.pass_time(seconds=2)
    done = world.work()
    assert (done.swept, world.fetches(), world.crm.calls.count("changed_deals")) == (300, 0, 1)
    assert len(world.deals()) == 300
    assert set(world.states()) == {"done"}


def test_an_import_waits_for_a_sync_that_is_running_and_is_then_answered_by_another(world: Acme) -> None:
    world.lose(*range(1, 151))
    world.tell(*range(1, 151), changeSource="IMPORT")
    world.pass_time(seconds=3)
    with world.store.read() as tx:
        connection_id = world.row(tx, "acme").id
    with sync_lease(world.app, connection_id, "acme"):
        assert (world.work().put_back, world.deals()) == (150, {})
    world.pass_time(seconds=10)
    assert world.work().swept == 150
    assert len(world.deals()) == 150


def test_a_small_import_is_fetched_like_any_other_events(world: Acme) -> None:
    world.lose(1, 2)
    world.tell(1, 2, changeSource="IMPORT")
    world.pass_time(seconds=3)
    assert (world.work().deals, world.fetches()) == (2, 1)


def test_a_killed_processors_events_are_taken_up_when_its_lease_is_over(world: Acme) -> None:
    world.lose(1)
    world.tell(1)
    with world.store.read() as tx:
        connection_id = world.row(tx, "acme").id
    assert claims.claim(world.app, connection_id, with_bulk=True, limit=10)
    world.tell(1, changes="amount")
    assert world.work().events == 0  # another event of a deal that is being fetched waits for it
    world.pass_time(seconds=31)
    assert world.work().events == 2
    assert world.states() == ["done", "done"]


def test_an_older_read_is_never_saved_over_a_newer_one_even_with_the_same_stamp(world: Acme) -> None:
    world.lose(1)
    older = world.crm.deals["1"]
    assert isinstance(older, LostDeal)
    newer = replace(older, notes=(Note(field="notes", text="They froze all spend."),))

    def save(deal: DealState, seconds: int) -> None:
        with world.store.begin() as tx:
            ingest(
                tx, world.row(tx, "acme"), [deal], world.app.rules(tx), today=world.now.date(), now=world.now,
                read_at=NOW + timedelta(seconds=seconds),
            )  # fmt: skip

    def stored() -> tuple[str, int]:
        with world.store.read() as tx:
            row = tx.scalars(select(DealRow)).one()
            return row.state, len(row.record["notes"])

    save(newer, 2)
    save(older, 1)
    assert stored() == ("lost", 1)
    save(GoneDeal(key=older.key, how=GoneHow.DELETED), 1)
    assert stored() == ("lost", 1)
    save(GoneDeal(key=older.key, how=GoneHow.DELETED), 3)
    save(older, 2)
    assert stored()[0] == "gone"


def test_finished_events_are_known_for_a_week_and_then_forgotten(world: Acme) -> None:
    world.lose(1)
    world.tell(1)
    world.work()
    world.pass_time(days=6)
    world.work()
    assert len(world.inbox()) == 1
    world.pass_time(days=2)
    world.work()
    assert world.inbox() == []


def test_webhooks_that_never_came_are_made_good_by_the_next_sync(world: Acme) -> None:
    world.lose(*range(1, 101))
    told = [number for number in range(1, 101) if number % 10 > 2]
    world.tell(*told)
    world.work()
    assert len(world.deals()) == 70
    sync(world.app, "acme", monotonic=lambda: 0.0)
    assert len(world.deals()) == 100
    assert world.work().events == 0


@pytest.mark.parametrize("count", [pytest.param(1000, marks=pytest.mark.slow), 60])
def test_the_same_events_five_times_shuffled_and_in_parallel_have_their_effects_once(world: Acme, count: int) -> None:
    world.lose(*range(1, count + 1))
    world.set(state="hold")
    events = [world.event(number, portalId=ACCOUNT_ID) for number in range(1, count + 1)] * 5
    random.Random(7).shuffle(events)
    batches = [events[start : start + 20] for start in range(0, len(events), 20)]
    seen: list[int] = []
    is_over = threading.Event()

    def work() -> None:
        while not is_over.is_set():
            seen.append(world.work().deals)
            is_over.wait(0.01)

    def deliver(batch: Sequence[Any]) -> list[int]:
        """As the CRM does: again, where the machine is so busy that it could not be stored in time."""
        answered = [world.hubspot(world.web_client(), batch).status_code]
        while answered[-1] == 503 and len(answered) < 50:
            answered.append(world.hubspot(world.web_client(), batch).status_code)
        assert answered[-1] == 200
        return answered

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    with ThreadPoolExecutor(8) as pool:
        answers = [status for told in pool.map(deliver, batches) for status in told]
    is_over.set()
    for one in workers:
        one.join()
    world.work()
    with world.store.read() as tx:
        rows = tx.scalar(select(func.count()).select_from(InboxRow))
        reminders = tx.scalar(select(func.count(func.distinct(ReminderRow.deal_id))))
    assert set(answers) <= {200, 503}
    assert rows == count
    assert set(world.states()) == {"done"}
    assert len(world.deals()) == reminders == count
    assert sum(seen) <= count
