"""Previews and publications made a little at a time, by pages or by workers."""

from __future__ import annotations

from itertools import count

import pytest

from mappings.taxonomy import Category
from service.jobs.queue import Wake
from service.jobs.sweep import sweep
from service.jobs.work import JOBS
from service.mapping_sets import preview as building
from service.mapping_sets import publish as publishing
from service.mapping_sets.kinds import Kind
from service.mapping_sets.listing import load_preview
from service.mapping_sets.pending import work_on
from service.mapping_sets.preview import start_preview
from service.mapping_sets.publish import begin_publication
from service.store.models import PreviewState
from service.store.session import Store
from tests.integration.sets_world import SetsWorld

DEALS = 5


@pytest.fixture
def sets(store: Store, monkeypatch: pytest.MonkeyPatch) -> SetsWorld:
    """Deals that are looked at one by one."""
    monkeypatch.setattr(building, "BATCH", 1)
    monkeypatch.setattr(publishing, "BATCH", 1)
    found = SetsWorld(store)
    found.read(*(found.lost(f"d{number}", "Price") for number in range(DEALS)))
    found.assign("Price", to=Category.NEED)
    return found


def test_a_preview_and_its_publication_go_on_in_small_steps_to_their_end(sets: SetsWorld) -> None:
    clock = count().__next__
    id_ = start_preview(sets.app, Kind.MAPPINGS, author="ann")

    first = work_on(sets.app, id_, seconds=0, monotonic=clock)
    assert (first.state, first.done) == (PreviewState.BUILDING, 1)
    while work_on(sets.app, id_, seconds=0, monotonic=clock).state == PreviewState.BUILDING:
        pass
    begin_publication(sets.app, id_, author="ann", comment="why")
    assert work_on(sets.app, id_, seconds=0, monotonic=clock).state == PreviewState.PUBLISHING
    while work_on(sets.app, id_, seconds=0, monotonic=clock).state == PreviewState.PUBLISHING:
        pass

    assert {category for category, *_ in sets.meanings().values()} == {Category.NEED}
    assert load_preview(sets.app, id_).totals["applied"] == DEALS


def test_the_sweep_has_a_worker_finish_what_is_under_way_and_then_rests(sets: SetsWorld) -> None:
    id_ = start_preview(sets.app, Kind.MAPPINGS, author="ann")
    assert Wake("finish_changes") in sweep(sets.app)

    JOBS["finish_changes"](sets.app, None)

    assert load_preview(sets.app, id_).state == PreviewState.READY
    assert Wake("finish_changes") not in sweep(sets.app)
    begin_publication(sets.app, id_, author="ann", comment="why")
    assert Wake("finish_changes") in sweep(sets.app)
    wakes = JOBS["finish_changes"](sets.app, None)
    assert load_preview(sets.app, id_).state == PreviewState.PUBLISHED
    assert Wake("dispatch_reminders", sets.connection_id) in [*wakes]


def test_a_stale_preview_keeps_no_worker_busy(sets: SetsWorld) -> None:
    id_ = start_preview(sets.app, Kind.MAPPINGS, author="ann")
    sets.assign("Price", to=Category.AUTHORITY)

    assert Wake("finish_changes") not in sweep(sets.app)
    assert work_on(sets.app, id_, seconds=9, monotonic=lambda: 0.0).stale == "the draft was changed since"
