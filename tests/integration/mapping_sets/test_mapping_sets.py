"""Drafts, previews, publications and rollbacks of the editable documents, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from connectors.base import TaskStatus
from mappings.taxonomy import Category
from service.errors import Busy, UsageFault
from service.mapping_sets.basis import StalePreviewError
from service.mapping_sets.drafts import DraftConflictError, open_draft, save_draft
from service.mapping_sets.kinds import Kind
from service.mapping_sets.preview import build_preview, start_preview
from service.mapping_sets.publish import publish, resume_publication
from service.store.models import ConnectionRow
from service.store.session import Store
from tests.integration.sets_world import TODAY, SetsWorld, interval


@pytest.fixture
def sets(store: Store) -> SetsWorld:
    return SetsWorld(store)


def test_a_saved_draft_changes_nothing_until_it_is_published(sets: SetsWorld) -> None:
    sets.read(sets.lost("d1", "Price"))
    before = sets.meanings(), sets.days()

    draft = sets.assign("Price", to=Category.VALUE_PERCEPTION, sub_reason="price_value")

    assert (draft.is_open, draft.base_number, draft.author) == (True, 1, "ann")
    assert (sets.meanings(), sets.days()) == before


def test_saving_over_a_newer_revision_is_refused_with_what_changed(sets: SetsWorld) -> None:
    with sets.store.begin() as tx:
        opened = open_draft(tx, Kind.MAPPINGS)
    sets.assign("Price", to=Category.VALUE_PERCEPTION)

    with pytest.raises(DraftConflictError, match='"Price"') as refused, sets.store.begin() as tx:
        save_draft(
            tx,
            Kind.MAPPINGS,
            opened.text,
            revision=opened.revision,
            author="ben",
            now=sets.now,
            seen=opened.text,
        )

    assert refused.value.draft.author == "ann"


def test_a_draft_opened_before_a_publication_cannot_undo_it_unseen(sets: SetsWorld) -> None:
    with sets.store.begin() as tx:
        opened = open_draft(tx, Kind.MAPPINGS)
    sets.assign("Price", to=Category.VALUE_PERCEPTION)
    sets.publish(Kind.MAPPINGS)

    with pytest.raises(DraftConflictError), sets.store.begin() as tx:
        save_draft(tx, Kind.MAPPINGS, opened.text, revision=opened.revision, author="ben", now=sets.now)


def test_the_counts_say_at_once_how_many_deals_move(sets: SetsWorld) -> None:
    sets.read(*(sets.lost(f"p{number}", "Price") for number in range(3)), sets.lost("t", "Timing"))
    sets.assign("Price", to=Category.VALUE_PERCEPTION, sub_reason="price_value")

    preview = build_preview(sets.app, start_preview(sets.app, Kind.MAPPINGS, author="ann"))

    assert preview.counts["before"] == {"budget": 3, "timing": 1}
    assert preview.counts["after"] == {"value_perception": 3, "timing": 1}
    assert [(one["values"], one["count"]) for one in preview.counts["moves"]] == [(["Price"], 3)]


def test_publishing_does_to_every_deal_what_the_preview_said(sets: SetsWorld) -> None:
    sets.read(*(sets.lost(f"p{number}", "Price") for number in range(7)), sets.lost("t", "Timing"))
    sets.work()
    sets.assign("Price", to=Category.VALUE_PERCEPTION, sub_reason="price_value")
    preview = sets.preview(Kind.MAPPINGS)
    foreseen = sets.outcomes(preview)

    publish(sets.app, preview.id, author="ann", comment="price is value here")

    assert set(foreseen) == {f"p{number}" for number in range(7)}
    assert {one["state"] for one in sets.outcomes(preview).values()} == {"applied"}
    for deal_id, outcome in foreseen.items():
        assert outcome["after"]["category"] == "value_perception" == sets.meanings()[deal_id][0]
        for step in outcome["steps"]:
            state, day = sets.days()[deal_id, step["purpose"], step["ordinal"]]
            assert (state, day.isoformat()) == (step["state"], step["to"] or step["from"])


def test_the_tasks_move_as_the_preview_said(sets: SetsWorld) -> None:
    sets.read(*(sets.lost(f"p{number}", "Price") for number in range(7)), sets.lost("t", "Timing"))
    sets.work()
    sets.assign("Price", to=Category.VALUE_PERCEPTION, sub_reason="price_value")
    preview = sets.preview(Kind.MAPPINGS)
    told = [task for one in sets.outcomes(preview).values() for task in one["tasks"]]

    publish(sets.app, preview.id, author="ann", comment="")
    sets.work()

    assert {task["what"] for task in told} == {"moved"}
    standing = sets.tasks()
    assert {task["task_id"]: task["due_on"] for task in told} == {
        id_: day.isoformat() for id_, (_, day) in standing.items() if id_ in {task["task_id"] for task in told}
    }


def test_a_deal_that_arrives_after_the_preview_is_processed_and_listed(sets: SetsWorld) -> None:
    sets.read(sets.lost("p1", "Price"), sets.lost("p2", "Price"))
    sets.assign("Price", to=Category.VALUE_PERCEPTION, sub_reason="price_value")
    preview = sets.preview(Kind.MAPPINGS)
    sets.read(sets.lost("p3", "Price"), sets.lost("p2", "Price", notes="The CFO froze all spending.", modified_at=None))

    publish(sets.app, preview.id, author="ann", comment="")

    states = {deal_id: one["state"] for deal_id, one in sets.outcomes(preview).items()}
    assert states == {"p1": "applied", "p2": "arrived", "p3": "arrived"}
    assert {meaning[2] for meaning in sets.meanings().values()} == {preview.version}


def test_a_policy_is_previewed_and_published_in_the_same_way(sets: SetsWorld) -> None:
    sets.read(sets.lost("v", "No ROI"), sets.lost("t", "Timing"))
    sets.work()
    sets.draft(Kind.POLICY, partial(interval, category="value_perception", days=200))
    preview = sets.preview(Kind.POLICY)

    publish(sets.app, preview.id, author="ann", comment="")

    assert set(sets.outcomes(preview)) == {"v"}
    (step,) = sets.outcomes(preview)["v"]["steps"]
    assert step["what"] == "moves"
    assert sets.days()["v", step["purpose"], 1][1].isoformat() == step["to"]
    assert {meaning[3] for meaning in sets.meanings().values()} == {preview.version}


@pytest.mark.parametrize("change", ["draft", "published", "day"])
def test_a_preview_does_not_outlive_what_it_rests_on(sets: SetsWorld, change: str) -> None:
    sets.read(sets.lost("p", "Price"))
    sets.assign("Price", to=Category.VALUE_PERCEPTION)
    preview = sets.preview(Kind.MAPPINGS)

    if change == "draft":
        sets.assign("Timing", to=Category.NEED)
    elif change == "published":
        sets.draft(Kind.POLICY, partial(interval, category="value_perception", days=200))
        sets.publish(Kind.POLICY)
    else:
        sets.now = sets.now.replace(day=24)

    with pytest.raises(StalePreviewError):
        publish(sets.app, preview.id, author="ann", comment="")
    assert sets.meanings()["p"][0] == "budget"


def test_what_is_in_force_already_needs_no_preview(sets: SetsWorld) -> None:
    with pytest.raises(UsageFault, match="no draft"):
        start_preview(sets.app, Kind.POLICY, author="ann")
    sets.draft(Kind.POLICY, lambda text: text + "\n# a comment alone\n")
    with pytest.raises(UsageFault, match="already"):
        start_preview(sets.app, Kind.POLICY, author="ann")


def test_a_rollback_restores_categories_days_and_tasks(sets: SetsWorld) -> None:
    sets.read(*(sets.lost(f"p{number}", "Price") for number in range(9)), sets.lost("c", "Lost to Competitor"))
    sets.work()
    meanings, days, tasks = sets.meanings(), sets.days(), sets.tasks()
    sets.assign("Price", "Lost to Competitor", to=Category.NOT_A_REJECTION, sub_reason="duplicate")
    sets.publish(Kind.MAPPINGS)
    sets.work()
    assert {status for status, _ in sets.tasks().values()} == {"completed"}

    done = sets.publish(Kind.MAPPINGS, rollback_to=1)
    sets.work()

    assert done.number == 3
    assert sets.meanings() == meanings
    assert sets.days() == days
    assert sets.tasks() == tasks


def test_a_rollback_leaves_what_a_person_decided(sets: SetsWorld) -> None:
    sets.read(sets.lost("p", "Price"))
    sets.work()
    (task_id,) = sets.tasks()
    sets.crm.tasks[task_id].status = TaskStatus.COMPLETED
    sets.work()
    sets.assign("Price", to=Category.NOT_A_REJECTION, sub_reason="duplicate")
    sets.publish(Kind.MAPPINGS)
    sets.publish(Kind.MAPPINGS, rollback_to=1)
    sets.work()

    assert sets.tasks()[task_id][0] == "completed"
    assert {row.state for row in sets.reminders("p").values()} == {"done"}


def test_on_hold_publishing_plans_and_writes_nothing(sets: SetsWorld) -> None:
    sets.read(sets.lost("p", "Price"))
    sets.work()
    sets.set(state="hold")
    before, calls = sets.tasks(), len(sets.crm.calls)
    sets.assign("Price", to=Category.NOT_A_REJECTION, sub_reason="duplicate")

    preview = sets.publish(Kind.MAPPINGS)
    sets.work()

    assert sets.outcomes(preview)["p"]["tasks"] == []
    assert sets.meanings()["p"][0] == "not_a_rejection"
    assert sets.tasks() == before
    assert "write_tasks" not in sets.crm.calls[calls:]


def test_a_publication_killed_in_the_middle_is_finished_by_the_next_run(
    sets: SetsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.mapping_sets.publish.BATCH", 2)
    sets.read(*(sets.lost(f"p{number}", "Price") for number in range(6)))
    sets.assign("Price", to=Category.VALUE_PERCEPTION, sub_reason="price_value")
    preview = sets.preview(Kind.MAPPINGS)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(sets.app, preview.id, author="ann", comment="", progress=stop)
    half = [meaning[2] for meaning in sets.meanings().values()].count(preview.version)
    with sets.store.begin() as tx:
        assert sets.app.rules(tx).mapping_set.version == preview.version
    sets.draft(Kind.POLICY, partial(interval, category="value_perception", days=200))
    with pytest.raises(Busy):
        publish(sets.app, sets.preview(Kind.POLICY).id, author="ann", comment="")

    done = resume_publication(sets.app)

    assert half == 2
    assert done is not None
    assert done.state == "published"
    assert {meaning[2] for meaning in sets.meanings().values()} == {preview.version}
    assert {one["state"] for one in sets.outcomes(preview).values()} == {"applied"}
    assert resume_publication(sets.app) is None


def test_a_preview_killed_in_the_middle_goes_on_where_it_was(sets: SetsWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    sets.read(*(sets.lost(f"p{number}", "Price") for number in range(40)))
    sets.work()
    sets.assign("Price", to=Category.VALUE_PERCEPTION, sub_reason="price_value")
    at_once = sets.outcomes(sets.preview(Kind.MAPPINGS))
    monkeypatch.setattr("service.mapping_sets.preview.BATCH", 7)
    preview_id = start_preview(sets.app, Kind.MAPPINGS, author="ann")

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            build_preview(sets.app, preview_id, progress=stop)
    in_pieces = sets.outcomes(build_preview(sets.app, preview_id))

    assert set(in_pieces) == set(at_once)
    per_day = [step["to"] for one in in_pieces.values() for step in one["steps"]]
    assert max(per_day.count(day) for day in per_day) <= 5


def test_publishing_does_not_trip_the_brake(sets: SetsWorld) -> None:
    sets.outbox = replace(sets.outbox, brake=20)
    deals = [sets.lost(f"p{number}", "Price", lost_on=TODAY - timedelta(days=1)) for number in range(30)]
    sets.read(*deals, is_planned=True)
    sets.work(is_planned=True)
    sets.now += timedelta(hours=2)
    before = sets.tasks()
    sets.assign("Price", to=Category.AUTHORITY, sub_reason="needs_approval")

    sets.publish(Kind.MAPPINGS)
    sets.work()

    (connection,) = sets.all(ConnectionRow)
    assert connection.state == "live"
    assert sum(day != before[id_][1] for id_, (_, day) in sets.tasks().items()) > 20
