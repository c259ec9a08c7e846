"""A batch of a publication, sorted: what is as previewed, what is new, what nothing happens to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from service.bootstrap import App
from service.mapping_sets.reconsider import Step, deal_mark, full_mark, gate_of
from service.mapping_sets.tasks import load_neighbourhood
from service.store.models import ConnectionRow, PreviewRow
from service.store.outcomes import Expected, load_outcomes
from service.store.previews import StoredCase


@dataclass(slots=True)
class Sorted:
    """A batch by what is to be done: nothing but a stamp, the previewed outcome, or what is new."""

    as_they_are: list[int] = field(default_factory=list)
    previewed: list[tuple[StoredCase, Expected]] = field(default_factory=list)
    quiet: list[int] = field(default_factory=list)
    arrived: list[StoredCase] = field(default_factory=list)
    left_out: list[StoredCase] = field(default_factory=list)


def sort_cases(
    app: App, tx: Session, connection: ConnectionRow, row: PreviewRow, step: Step, cases: Sequence[StoredCase]
) -> Sorted:
    """Sort the cases; reads only."""
    outcomes = load_outcomes(tx, row.id, [one.deal_row_id for one in cases])
    listed = [one for one in cases if (known := outcomes.get(one.deal_row_id)) and known.outcome is not None]
    near, gate = load_neighbourhood(tx, connection, listed, now=app.now()), gate_of(connection)
    scope = step.scope_for(connection)
    asked = [one for one in cases if one.deal_row_id not in outcomes or one.excluded_by is not None]
    touched = {one.deal_row_id for one in step.touched(tx, asked, connection, scope)}
    found = Sorted()
    for case in cases:
        outcome = outcomes.get(case.deal_row_id)
        is_touched = case.deal_row_id in touched
        if case.excluded_by is not None and not is_touched:
            found.left_out.append(case)
        elif outcome is None:
            if is_touched:
                found.arrived.append(case)
            else:
                found.as_they_are.append(case.episode_id)
        elif outcome.outcome is None:
            if outcome.mark == deal_mark(case):
                found.as_they_are.append(case.episode_id)
                found.quiet.append(case.deal_row_id)
            else:
                found.arrived.append(case)
        elif outcome.mark == full_mark(case, near.rows.get(case.episode_id, []), near.tasks, gate):
            found.previewed.append((case, outcome))
        else:
            found.arrived.append(case)
    return found
