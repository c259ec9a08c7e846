"""The states of a reminder, whatever people, the CRM and time do to it: a machine of random steps against the rules."""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.pool import StaticPool

from connectors.base import TaskStatus
from connectors.errors import ConnectorError, Unclear, Unreachable
from mappings.model import Account
from service.reminders.actions import Action, PastDayError, decide
from service.reminders.readback import read_back
from service.reminders.states import ALLOWED, ENDS
from service.store.models import Base, EventRow, OutboxRow, ReminderRow
from service.store.session import Store, open_store
from tests.integration.world import World, step

FOREVER = {"done", "cancelled"}
days = st.integers(0, 60)


class Reminders(RuleBasedStateMachine):
    """Losses with one to three steps, and everything that can happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(_store())
        self.over: dict[int, str] = {}

    @property
    def reminders(self) -> Sequence[ReminderRow]:
        return self.world.reminders()

    # --- what happens

    @precondition(lambda self: len(self.world.planned) < 4)
    @rule(offsets=st.lists(days, min_size=1, max_size=3), shared=st.booleans())
    def lose(self, offsets: list[int], shared: bool) -> None:
        number = len(self.world.planned) + 1
        steps = [
            step(self.world.today + timedelta(days=day), ordinal=place + 1) for place, day in enumerate(sorted(offsets))
        ]
        account = {"account": Account(id="A1", name="Account 1")} if shared else {}
        self.world.lose(f"d{number}", *steps, **account)

    @rule()
    def work(self) -> None:
        self.world.work()

    @rule(how=st.sampled_from([("before", Unreachable), ("before", Unclear), ("after", Unclear)]))
    def work_badly(self, how: tuple[str, type[ConnectorError]]) -> None:
        """One request fails, before or after the CRM did it."""
        when, kind_of_failure = how
        left = [kind_of_failure("The line broke.")]

        def fail(kind: str) -> None:
            if left and kind.startswith("write"):
                raise left.pop()

        setattr(self.world.crm, when, fail)
        with contextlib.suppress(ConnectorError):
            self.world.work()
        self.world.crm.before = self.world.crm.after = lambda kind: None

    @rule(hours=st.integers(1, 24 * 40))
    def pass_time(self, hours: int) -> None:
        self.world.pass_time(hours=hours)

    @rule(minutes=st.integers(1, 300))
    def clock_is_set_back(self, minutes: int) -> None:
        self.world.pass_time(minutes=-minutes)

    @precondition(lambda self: self.reminders)
    @rule(data=st.data(), action=st.sampled_from(list(Action)), day=days)
    def decide_here(self, data: st.DataObject, action: Action, day: int) -> None:
        chosen = data.draw(st.sampled_from(self.reminders))
        until = self.world.today + timedelta(days=day)
        with contextlib.suppress(PastDayError), self.world.store.begin() as tx:
            decide(tx, [chosen.id], action, who="ann", now=self.world.now, until=until)

    @precondition(lambda self: self.world.crm.open())
    @rule(data=st.data(), what=st.sampled_from(["complete", "delete", "move"]), day=days)
    def act_in_the_crm(self, data: st.DataObject, what: str, day: int) -> None:
        task = data.draw(st.sampled_from(self.world.crm.open()))
        changed = {
            "complete": replace(task, status=TaskStatus.COMPLETED),
            "delete": replace(task, status=TaskStatus.DELETED),
            "move": replace(task, due_on=self.world.today + timedelta(days=day)),
        }
        self.world.crm.tasks[task.id] = changed[what]

    @rule()
    def read_back(self) -> None:
        world = self.world
        read_back(world.store, world.crm, world.connection_id, since=None, today=world.today, now=world.now)

    @precondition(lambda self: self.world.planned)
    @rule(data=st.data(), offsets=st.lists(days, max_size=3))
    def replan(self, data: st.DataObject, offsets: list[int]) -> None:
        deal_id = data.draw(st.sampled_from(sorted(self.world.planned)))
        steps = [
            step(self.world.today + timedelta(days=day), ordinal=place + 1) for place, day in enumerate(sorted(offsets))
        ]
        self.world.replan(deal_id, *steps)

    @precondition(lambda self: self.world.planned)
    @rule(data=st.data())
    def reopen(self, data: st.DataObject) -> None:
        deal_id = data.draw(st.sampled_from(sorted(self.world.planned)))
        self.world.end(deal_id, "reopened", "The deal was reopened.")

    # --- what holds

    @invariant()
    def every_change_is_allowed_and_has_its_event(self) -> None:
        with self.world.store.read() as tx:
            events = tx.scalars(select(EventRow).where(EventRow.entity == "reminder").order_by(EventRow.id)).all()
            states = {row.id: row.state for row in tx.execute(select(ReminderRow.id, ReminderRow.state))}
        told: defaultdict[int, str | None] = defaultdict(lambda: None)
        for event in events:
            if event.to_state == "double":
                continue
            before = told[event.entity_id]
            assert event.from_state == before
            assert event.why
            assert event.who
            assert before is None or event.to_state in ALLOWED[before]
            told[event.entity_id] = event.to_state
        assert states == dict(told)

    @invariant()
    def what_is_over_for_good_stays_over(self) -> None:
        now = {row.id: row.state for row in self.reminders if row.state in FOREVER}
        assert now.items() >= self.over.items()
        self.over = now

    @invariant()
    def nobody_has_to_look_at_what_is_over(self) -> None:
        assert [row.id for row in self.reminders if row.state in ENDS and row.act_on is not None] == []

    @invariant()
    def nothing_is_due_before_its_morning(self) -> None:
        latest = self.world.now + timedelta(minutes=300 * 50)  # a clock that was set back takes nothing back
        assert all(row.due_on <= latest.date() for row in self.reminders if row.state == "due")

    @invariant()
    def no_follow_up_has_two_open_tasks(self) -> None:
        keys = [task.key for task in self.world.crm.open()]
        assert len(keys) == len(set(keys))

    def teardown(self) -> None:
        """At rest, no task is open whose reminder is over, and nothing waits for ever."""
        world = self.world
        for hours in (1, 1, 48, 1):  # longer than any clock was set back
            world.pass_time(hours=hours)
            self.read_back()
            world.work()
        over = {row.key for row in self.reminders if row.state in ENDS}
        assert [task.key for task in world.crm.open() if task.key in over] == []
        waiting = [row for row in world.rows(OutboxRow) if row.state in {"ready", "writing", "unclear"}]
        assert waiting == []
        self.every_change_is_allowed_and_has_its_event()
        world.store.dispose()


def _store() -> Store:
    found = open_store("sqlite://")
    engine = found.engine
    engine.pool = StaticPool(engine.pool._creator)
    Base.metadata.create_all(engine)
    return found


def check(examples: int, steps: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Reminders,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks, database=None
        ),
    )


def test_reminders_keep_the_rules() -> None:
    check(examples=12, steps=20)


@pytest.mark.slow
def test_reminders_keep_the_rules_for_long() -> None:
    check(examples=360 if os.environ.get("TORTURE_SEEDS") else 120, steps=40)


def test_the_table_of_states_names_every_state() -> None:
    assert set(ALLOWED) == {"held", "scheduled", "due", "done", "snoozed", "cancelled", "skipped", "failed"}
    assert all(ALLOWED[state] == frozenset() for state in FOREVER)
