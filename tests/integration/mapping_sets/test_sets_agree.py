"""Preview equals publish: for random edits, arrivals and people at work, what was previewed is what was done.

After every publication each deal is held against its previewed outcome, and against a reading made from nothing.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select, text

from connectors.base import OpenDeal, TaskStatus
from mappings.documents.mapping_edits import put_rule, put_scope, put_sub_reason, remove_scope
from mappings.documents.mapping_set import Meaning, WordRule
from mappings.model import Account, DealKey, LostDeal, Money, StatedReason
from mappings.taxonomy import TAXONOMY, Category
from service.losses.scope import scope_from
from service.mapping_sets.drafts import DraftConflictError, open_draft, save_draft
from service.mapping_sets.kinds import Kind
from service.mapping_sets.listing import Preview
from service.mapping_sets.preview import build_preview, start_preview
from service.mapping_sets.publish import begin_publication, publish, resume_publication
from service.mapping_sets.versions import list_versions
from service.store.codec import from_record
from service.store.models import Base, ClassificationRow, ConnectionRow, DealRow, EpisodeRow, PlanRow
from service.store.session import Store, open_store
from tests.fakes.connector import ACCOUNT_ID
from tests.integration.sets_world import SetsWorld, interval
from tests.tables import with_tables

NUMBERS = st.integers(1, 9)
REASONS = st.sampled_from(
    ["Price", "Timing", "No ROI", "Lost to Competitor - Zendesk", "Other", "No budget", "Went dark", ""]
)
NOTES = st.sampled_from(
    ["", "", "Asked us to call back in May 2027.", "The CFO froze all spending.", "Their contract ends in March 2027."]
)
CATEGORIES = st.sampled_from(list(Category))
WORDS = st.sampled_from(["price", "froze", "call back", "competitor", "budget"])

MakeStore = Callable[[], Any]


class Editing(RuleBasedStateMachine):
    """Two admins, a CRM and some reps, at one connection."""

    stores: MakeStore

    @initialize(one_task=st.booleans())
    def begin(self, one_task: bool) -> None:
        self.opened = self.stores()
        self.sets = SetsWorld(self.opened.__enter__())
        self.sets.set(one_task_per_account=one_task)

    def teardown(self) -> None:
        if hasattr(self, "opened"):
            self.opened.__exit__(None, None, None)

    def lost(self, number: int, reason: str, notes: str, owner: str = "rep-1") -> LostDeal:
        sets = self.sets
        known = sets.crm.deals.get(f"d{number}")
        lost_on = known.lost_on if isinstance(known, LostDeal) else sets.now.date() - timedelta(days=3 * number)
        account = Account(id=f"A{number % 4}", name=f"Account {number % 4}", country="DE") if number % 5 else Account()
        sets.now += timedelta(minutes=1)
        said = [StatedReason(field="Reason", value=reason)] if reason else []
        if number % 3 == 0 and notes:  # some say more in a text beside the list
            said.append(StatedReason(field="Why", value=notes))
        return sets.lost(
            f"d{number}",
            reason,
            notes,
            stated_reasons=tuple(said),
            lost_on=lost_on,
            account=account,
            owner_id=owner,
            amount=Money(amount=Decimal(1000 * number), currency="EUR"),
            deal_type="new" if number % 2 else "renewal",
        )

    @rule(number=NUMBERS, reason=REASONS, notes=NOTES, owner=st.sampled_from(["rep-1", "rep-2"]))
    def a_deal_is_lost_or_changes(self, number: int, reason: str, notes: str, owner: str) -> None:
        self.sets.read(self.lost(number, reason, notes, owner))

    @rule(number=NUMBERS)
    def a_deal_is_reopened(self, number: int) -> None:
        self.sets.now += timedelta(minutes=1)
        self.sets.read(OpenDeal(key=DealKey(ACCOUNT_ID, f"d{number}"), modified_at=self.sets.now))
        self.sets.crm.deals.pop(f"d{number}", None)

    @rule()
    def tasks_are_written(self) -> None:
        self.sets.work()

    @rule(place=st.integers(0, 5), status=st.sampled_from([TaskStatus.COMPLETED, TaskStatus.DELETED, None]))
    def a_rep_works_on_a_task(self, place: int, status: TaskStatus | None) -> None:
        open_tasks = sorted(self.sets.crm.open(), key=lambda task: task.id)
        if place < len(open_tasks) and status is not None:
            open_tasks[place].status = status
        elif place < len(open_tasks):
            open_tasks[place].due_on += timedelta(days=9)

    @rule(days=st.integers(1, 40))
    def time_passes(self, days: int) -> None:
        self.sets.now += timedelta(days=days)

    @rule(state=st.sampled_from(["live", "live", "hold"]))
    def the_connection_is_held_or_released(self, state: str) -> None:
        self.sets.set(state=state)

    @rule(value=REASONS.filter(bool), category=CATEGORIES, place=st.integers(0, 3))
    def labels_are_assigned(self, value: str, category: Category, place: int) -> None:
        names = list(TAXONOMY[category].sub_reasons)
        self.sets.assign(value, to=category, sub_reason=names[place % len(names)])

    @rule(words=WORDS, category=CATEGORIES)
    def a_rule_is_written(self, words: str, category: Category) -> None:
        one = WordRule(id=f"r-{words.replace(' ', '-')}", any=(words,), meaning=Meaning(category=category))
        self.sets.draft(Kind.MAPPINGS, lambda there: put_rule(there, one))

    @rule(threshold=st.sampled_from(["0.6", "0.85", "0.95"]))
    def the_threshold_is_set(self, threshold: str) -> None:
        self.sets.draft(
            Kind.MAPPINGS,
            lambda there: "\n".join(
                f"review_threshold = {threshold}" if line.startswith("review_threshold") else line
                for line in there.splitlines()
            ),
        )

    @rule()
    def a_sub_reason_is_added(self) -> None:
        self.sets.draft(
            Kind.MAPPINGS, lambda there: put_sub_reason(there, Category.NEED, "other_need", "Something else.")
        )

    @rule(category=st.sampled_from(["timing", "need", "value_perception", "authority"]), days=st.integers(20, 400))
    def an_interval_is_set(self, category: str, days: int) -> None:
        self.sets.draft(Kind.POLICY, lambda there: interval(there, category, days))

    @rule(least=st.sampled_from(["3000", "6000"]), left_out=st.sampled_from(["new", "renewal", None]))
    def a_scope_is_drawn(self, least: str, left_out: str | None) -> None:
        scope = {"min_amount": least, **({"exclude": {"type": [left_out]}} if left_out else {})}
        self.sets.draft(Kind.MAPPINGS, lambda there: put_scope(there, "acme", scope))

    @rule()
    def nothing_is_said_of_the_scope(self) -> None:
        self.sets.draft(
            Kind.MAPPINGS, lambda there: remove_scope(there, "acme") if "[[scopes]]" in there else there + "\n"
        )

    @rule(kind=st.sampled_from(list(Kind)))
    def two_admins_save_and_the_second_is_refused(self, kind: Kind) -> None:
        with self.sets.store.begin() as tx:
            opened = open_draft(tx, kind)
        self.sets.draft(kind, lambda there: there + "\n# seen by ann\n")
        with pytest.raises(DraftConflictError), self.sets.store.begin() as tx:
            save_draft(tx, kind, opened.text, revision=opened.revision, author="ben", now=self.sets.now)

    @rule(kind=st.sampled_from(list(Kind)), data=st.data())
    def a_draft_is_published(self, kind: Kind, data: st.DataObject) -> None:
        if not self._has_news(kind):
            return
        self._settle()
        preview = build_preview(self.sets.app, start_preview(self.sets.app, kind, author="ann"))
        arrivals = data.draw(st.lists(st.tuples(NUMBERS, REASONS, NOTES), max_size=2))
        self._publish_with(preview, arrivals, in_between=data.draw(st.booleans()))

    @rule(kind=st.sampled_from(list(Kind)), place=st.integers(0, 9))
    def a_version_is_gone_back_to(self, kind: Kind, place: int) -> None:
        with self.sets.store.read() as tx:
            versions = list_versions(tx, kind)
        chosen = versions[place % len(versions)]
        if chosen.version == versions[0].version:
            return
        self._settle()
        preview = build_preview(
            self.sets.app, start_preview(self.sets.app, kind, author="ann", rollback_to=chosen.number)
        )
        self._publish_with(preview, [], in_between=False)

    @rule(kind=st.sampled_from(list(Kind)))
    def a_publication_is_taken_back_at_once(self, kind: Kind) -> None:
        # What was held comes back as what is new would: held on hold, else scheduled. Only going live lets it through.
        is_held = any(row.state == "hold" for row in self.sets.all(ConnectionRow))
        is_held = is_held or any(state == "held" for state, _ in self.sets.days().values())
        if is_held or not self._has_news(kind):
            return
        self._settle()
        before = self._standing()
        with self.sets.store.read() as tx:
            number = list_versions(tx, kind)[0].number
        self.sets.publish(kind)
        self.sets.work()
        self.sets.publish(kind, rollback_to=number)
        self._settle()
        after = self._standing()
        assert {key: value for key, value in after.items() if key in before} == before
        assert {value[0] for key, value in after.items() if key not in before} <= {"skipped", "completed"}

    # --- what is checked ------------------------------------------------------------------------------------

    def _has_news(self, kind: Kind) -> bool:
        with self.sets.store.read() as tx:
            draft = open_draft(tx, kind)
            current = list_versions(tx, kind)[0].version
        return draft.is_open and not draft.is_outdated and draft.version != current

    def _settle(self) -> None:
        """Until nothing is left to be written."""
        for _ in range(3):
            self.sets.work()

    def _inside(self) -> set[str]:
        """The deals in scope."""
        return {row.crm_deal_id for row in self.sets.all(DealRow) if row.excluded_by is None}

    def _standing(self) -> dict[Any, tuple[Any, ...]]:
        """Meanings, reminders that stand, and tasks."""
        inside = self._inside()
        meanings = {("deal", deal): value[:2] for deal, value in self.sets.meanings().items() if deal in inside}
        days = {("step", *key): _if_it_stands(value) for key, value in self.sets.days().items()}
        return {**meanings, **days, **{("task", id_): value for id_, value in self.sets.tasks().items()}}

    def _publish_with(self, preview: Preview, arrivals: list[tuple[int, str, str]], *, in_between: bool) -> None:
        sets = self.sets
        foreseen = sets.outcomes(preview)
        before_days, before_tasks = sets.days(), sets.tasks()
        if in_between:  # others are read after the switch, before their turn
            begin_publication(sets.app, preview.id, author="ann", comment="")
            sets.read(*(self.lost(*one) for one in arrivals))
            resume_publication(sets.app)
        else:
            sets.read(*(self.lost(*one) for one in arrivals))
            publish(sets.app, preview.id, author="ann", comment="")
        arrived = {f"d{one[0]}" for one in arrivals}
        days, done = sets.days(), sets.outcomes(preview)
        for deal_id, outcome in foreseen.items():
            if deal_id not in arrived:
                assert done[deal_id]["state"] == "applied"
                self._came_true(deal_id, outcome, before_days, days)
        for key, value in before_days.items():
            if key[0] not in foreseen and key[0] not in arrived:
                assert days[key] == value, "a deal that was not listed changed"
        self._everything_stands_on_the_rules_in_force()
        if not arrivals:
            self._tasks_came_true(foreseen, before_tasks)

    def _came_true(self, deal_id: str, outcome: dict[str, Any], before: dict[Any, Any], days: dict[Any, Any]) -> None:
        assert self.sets.meanings()[deal_id][:2] == (outcome["after"]["category"], outcome["after"]["sub_reason"])
        expected = {key: value for key, value in before.items() if key[0] == deal_id}
        for one in outcome["steps"]:
            day = one["to"] or one["from"]
            expected[deal_id, one["purpose"], one["ordinal"]] = (one["state"], date.fromisoformat(day))
        assert {key: value for key, value in days.items() if key[0] == deal_id} == expected

    def _tasks_came_true(self, foreseen: dict[str, Any], before: dict[str, tuple[str, date]]) -> None:
        told = {
            (task["what"], task["task_id"], task["due_on"])
            for outcome in foreseen.values()
            for task in outcome["tasks"]
            if task["what"] != "reworded"
        }
        self._settle()
        assert told == set(_done_to_tasks(before, self.sets.tasks()))

    def _everything_stands_on_the_rules_in_force(self) -> None:
        """Each deal means what a reading from nothing says, under the versions in force."""
        with self.sets.store.begin() as tx:
            rules = self.sets.app.rules(tx)
            rows = tx.execute(
                select(DealRow.record, ClassificationRow, PlanRow)
                .join(EpisodeRow, (EpisodeRow.deal_id == DealRow.id) & EpisodeRow.ended_as.is_(None))
                .join(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id)
                .join(PlanRow, PlanRow.episode_id == EpisodeRow.id)
                .where(DealRow.state == "lost", DealRow.excluded_by.is_(None))
            ).all()
            scope = scope_from(rules.mapping_set.scope_of("acme") or {})
            lost = tx.execute(select(DealRow.record, DealRow.excluded_by).where(DealRow.state == "lost")).all()
        for record, excluded_by in lost:
            assert excluded_by == scope.excluding_rule(from_record(record, LostDeal))
        for record, meaning, plan in rows:
            deal = from_record(record, LostDeal)
            assert (meaning.mapping_version, plan.policy_version) == (
                rules.mapping_set.version,
                rules.policy.version,
            )
            fresh, follow_ups = rules.apply(deal, plan.made_on, "acme")
            stored = from_record(meaning.record, type(fresh))
            assert replace(stored, mapping_version="") == replace(fresh, mapping_version="")
            kept = from_record(plan.record, type(follow_ups))
            assert replace(kept, policy_version="") == replace(follow_ups, policy_version="")


def _if_it_stands(value: tuple[str, date]) -> tuple[Any, ...]:
    """The day of a step that the plan does not have is nobody's."""
    return (value[0],) if value[0] == "skipped" else value


def _done_to_tasks(
    before: dict[str, tuple[str, date]], after: dict[str, tuple[str, date]]
) -> Iterator[tuple[str, str | None, str | None]]:
    for id_, (status, day) in after.items():
        was, former = before.get(id_, (None, None))
        if was is None:
            yield "created", None, day.isoformat()
        elif was == "open" and status == "completed":
            yield "closed", id_, None
        elif was == "completed" and status == "open":
            yield "reopened", id_, day.isoformat()
        elif status == "open" and former != day:
            yield "moved", id_, day.isoformat()


@contextmanager
def _on_sqlite() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'sets.db'}")
        with_tables(store)
        yield store
        store.dispose()


def _on_postgresql(url: str) -> MakeStore:
    @contextmanager
    def make() -> Iterator[Store]:
        store = open_store(url)
        Base.metadata.create_all(store.engine)
        tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
        with store.engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
        yield store
        store.dispose()

    return make


THOROUGH = 3 if os.environ.get("TORTURE_SEEDS") else 1


def _run(stores: MakeStore, *, examples: int, steps: int) -> None:
    machine = type("Editing", (Editing,), {"stores": staticmethod(stores)})
    quiet = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate,),  # an example takes a second: making it smaller would take minutes
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=quiet)


def test_what_was_previewed_is_what_was_done_on_sqlite() -> None:
    _run(_on_sqlite, examples=8, steps=20)


@pytest.mark.slow
def test_what_was_previewed_is_what_was_done_on_sqlite_many_times() -> None:
    _run(_on_sqlite, examples=70 * THOROUGH, steps=40)


@pytest.mark.slow
def test_what_was_previewed_is_what_was_done_on_postgresql(postgres_url: str) -> None:
    _run(_on_postgresql(postgres_url), examples=30 * THOROUGH, steps=30)
