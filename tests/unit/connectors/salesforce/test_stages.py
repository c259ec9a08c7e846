"""When a lost deal was last not lost, by the history of its stages."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.base import Stage
from connectors.salesforce.stages import only_lost_stage, open_until

OPEN, LOST, DEAD = Stage(id="Open", label="Open"), *(Stage(id=n, label=n, is_lost=True) for n in ("Lost", "Dead"))
DEAL = "006000000000001AAA"


def entered(*stages: str) -> list[dict[str, str]]:
    return [
        {"OpportunityId": DEAL, "StageName": name, "CreatedDate": f"2026-11-{day:02d}T09:00:00.000+0000"}
        for day, name in enumerate(stages, start=1)
    ]


def test_it_was_open_until_it_left_its_last_open_stage() -> None:
    found = open_until(entered("Open", "Lost", "Open", "Lost", "Dead"), (OPEN, LOST, DEAD))

    assert found == {DEAL: datetime(2026, 11, 4, 9, tzinfo=UTC)}


def test_a_history_of_lost_stages_alone_tells_nothing() -> None:
    assert open_until(entered("Lost", "Dead", "Lost", "Unheard of", "Lost"), (OPEN, LOST, DEAD)) == {}


def test_one_lost_stage_alone_is_named() -> None:
    assert only_lost_stage((OPEN, LOST)) == "Lost"
    assert only_lost_stage((OPEN, LOST, DEAD)) is None
