"""The outcomes of a batch of deals as the preview lists them, and their totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from mappings.model import Classification, Verdict
from service.mapping_sets.foresee import StepChange, What, foresee, load_of, with_days
from service.mapping_sets.reconsider import Reconsidered, Step, deal_mark, full_mark, gate_of, reconsider
from service.mapping_sets.tasks import Neighbourhood, load_neighbourhood
from service.reminders.admission import Admission, load_admission
from service.store.case_contents import load_deals, load_meanings
from service.store.models import ConnectionRow, OutcomeState, ReminderRow
from service.store.previews import StoredCase
from service.store.reminders import load_follow_up_counts, week_start

Taken = Counter[tuple[str | None, date]]
"""Days of the reps that earlier batches of the same preview take up (or free, below 0)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What a batch comes to: rows for the store, totals, and the days it takes up."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    totals: Counter[str] = field(default_factory=Counter)
    taken: Taken = field(default_factory=Counter)


def foresee_batch(
    tx: Session,
    connection: ConnectionRow,
    cases: Sequence[StoredCase],
    step: Step,
    *,
    preview_id: int,
    today: date,
    now: datetime,
    taken: Taken,
) -> Foreseen:
    """The outcome of every deal of the batch that the step can touch; reads only. Accounts come whole."""
    found = _reconsidered(tx, connection, cases, step, today=today)
    moving = [one for one in found if one.is_reread or one.is_replanned]
    near = load_neighbourhood(tx, connection, [one.case for one in moving], now=now)
    changes = _changes(tx, connection, moving, near, step, today=today, taken=taken)
    effects = near.effects(connection, changes, writing=step.rules.knowledge.writing, today=today)
    gate = gate_of(connection)
    foreseen = Foreseen(totals=Counter(deals=len(cases)))
    for one in found:
        steps, tasks = changes.get(one.case.episode_id, []), effects.get(one.case.episode_id, [])
        outcome = _outcome(one, steps, tasks)
        rows = near.rows.get(one.case.episode_id, [])
        mark = full_mark(one.case, rows, near.tasks, gate) if outcome else deal_mark(one.case)
        foreseen.rows.append(_row(preview_id, connection, one.case, mark, outcome))
        _count(foreseen, outcome)
        foreseen.taken.update(_taken(steps))
        foreseen.taken.subtract(_freed(steps))
    return foreseen


def _reconsidered(
    tx: Session, connection: ConnectionRow, cases: Sequence[StoredCase], step: Step, *, today: date
) -> list[Reconsidered]:
    """The deals that the step can touch, as it would have them."""
    scope = step.scope_for(connection)
    touched = step.touched(tx, cases, connection, scope)
    deals = load_deals(tx, [one.deal_row_id for one in touched])
    stored = load_meanings(tx, [one.episode_id for one in touched])
    return [
        reconsider(
            one,
            deals[one.deal_row_id],
            stored.get(one.episode_id),
            step,
            connection.name,
            scope=scope,
            today=today,
        )
        for one in touched
    ]


def _changes(
    tx: Session,
    connection: ConnectionRow,
    moving: Sequence[Reconsidered],
    near: Neighbourhood,
    step: Step,
    *,
    today: date,
    taken: Taken,
) -> dict[int, list[StepChange]]:
    admission = load_admission(tx, connection)
    raw = [_foreseen(one, near.rows.get(one.case.episode_id, []), admission, connection, today) for one in moving]
    everything = [change for changes in raw for change in changes]
    owners = {one.owner_id for one in everything if one.is_to_place}  # on hold nothing is placed
    counts = load_follow_up_counts(tx, connection.id, owners, since=week_start(today)) if owners else {}
    load = load_of(counts, taken, everything, step.rules.knowledge.room)
    working = step.rules.knowledge.is_working_day
    placed = with_days(
        [(one.deal, changes) for one, changes in zip(moving, raw, strict=True)],
        load,
        today=today,
        is_working_day=working,
    )
    return {one.case.episode_id: changes for one, changes in zip(moving, placed, strict=True)}


def _foreseen(
    one: Reconsidered, rows: Iterable[ReminderRow], admission: Admission, connection: ConnectionRow, today: date
) -> list[StepChange]:
    owner_id = admission.owner_id(one.deal, connection)
    held_by = admission.rule_for(one.deal, owner_id, is_new=True)
    return foresee(rows, one.plan, held_by=held_by, owner_id=owner_id, today=today)


def _outcome(one: Reconsidered, steps: Sequence[StepChange], tasks: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    if not (one.is_reread or one.is_replanned or steps or tasks):
        return None
    return {
        "name": one.deal.name,
        "account": one.deal.account.name,
        "deal_id": one.deal.key.deal_id,
        "before": meaning_as_json(one.before),
        "after": meaning_as_json(one.after),
        "no_plan": one.plan.why_none,
        **({"scope": {"from": one.case.excluded_by, "to": one.excluded_by}} if one.crosses else {}),
        "steps": [step_as_json(step) for step in steps],
        "tasks": list(tasks),
    }


def meaning_as_json(found: Classification) -> dict[str, Any]:
    """A classification as lists show it."""
    return {
        **_verdict(found.underlying),
        "finality": str(found.underlying.finality),
        "needs_review": found.needs_review,
        "stated": _verdict(found.stated),
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {"category": str(verdict.category), "sub_reason": verdict.sub_reason}


def step_as_json(change: StepChange) -> dict[str, Any]:
    """A follow-up's change as lists show it. `to` is None for one that ends."""
    return {
        "what": str(change.what),
        "purpose": change.purpose,
        "ordinal": change.ordinal,
        "state": str(change.state),
        "owner": change.owner_id,
        "from": change.from_on.isoformat() if change.from_on else None,
        "to": change.to_on.isoformat() if change.to_on else None,
        "why": change.step.why if change.step else None,
        "frees": [change.row.owner_id, change.frees.isoformat()] if change.row and change.frees else None,
    }


def _row(
    preview_id: int, connection: ConnectionRow, case: StoredCase, mark: str, outcome: dict[str, Any] | None
) -> dict[str, Any]:
    return {
        "preview_id": preview_id,
        "deal_id": case.deal_row_id,
        "connection_id": connection.id,
        "mark": mark,
        "state": OutcomeState.PREVIEWED,
        "outcome": outcome,
    }


def _count(foreseen: Foreseen, outcome: Mapping[str, Any] | None) -> None:
    totals = foreseen.totals
    if outcome is None:
        return
    before, after = outcome["before"], outcome["after"]
    totals["changed"] += 1
    if crossing := outcome.get("scope"):
        totals["entering" if crossing["to"] is None else "leaving"] += 1
    totals["category"] += before["category"] != after["category"]
    totals["sub_reason"] += before["sub_reason"] != after["sub_reason"]
    totals["review"] += before["needs_review"] != after["needs_review"]
    if before["category"] != after["category"]:
        totals[f"from {before['category']} to {after['category']}"] += 1
    for one in outcome["steps"]:
        totals[f"steps {one['what']}"] += 1
    for one in outcome["tasks"]:
        totals[f"tasks {one['what']}"] += 1


def _taken(steps: Iterable[StepChange]) -> Taken:
    places = {What.APPEARS, What.MOVES, What.RETURNS, What.REWORDED}
    return Counter(
        (one.owner_id, one.to_on)
        for one in steps
        if one.to_on and one.what in places and one.state == "scheduled" and (one.frees or one.what != What.REWORDED)
    )


def _freed(steps: Iterable[StepChange]) -> Taken:
    return Counter((one.row.owner_id, one.frees) for one in steps if one.row and one.frees)


def taken_by(outcomes: Iterable[Mapping[str, Any]]) -> Taken:
    """The same from stored outcomes, for a preview that goes on where it was left."""
    taken: Taken = Counter()
    for outcome in outcomes:
        for one in outcome["steps"]:
            if one["to"] and one["state"] == "scheduled" and (one["frees"] or one["what"] != What.REWORDED):
                taken[one["owner"], date.fromisoformat(one["to"])] += 1
            if one["frees"]:
                taken[one["frees"][0], date.fromisoformat(one["frees"][1])] -= 1
    return taken
