"""What putting a draft (or an earlier version) in force would do: counts at once, then the full list in batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from service.bootstrap import App
from service.errors import UsageFault
from service.losses.rules import Rules
from service.mapping_sets.basis import StalePreviewError, days_of_connections, rules_of, stale_because, step_of
from service.mapping_sets.drafts import open_draft
from service.mapping_sets.kinds import KINDS, Kind, mapping_set_of, policy_of
from service.mapping_sets.listing import Preview, as_told, counts_as_json, preview_row
from service.mapping_sets.outcomes import Taken, foresee_batch, taken_by
from service.mapping_sets.reasons import count_moves
from service.mapping_sets.reconsider import Step
from service.mapping_sets.versions import published, version_text
from service.store.apart import take_apart
from service.store.connections import all_connections
from service.store.documents import lock_documents
from service.store.models import ConnectionRow, OutcomeRow, PreviewRow, PreviewState
from service.store.outcomes import save_outcomes
from service.store.previews import START, Cursor, count_cases, load_stored, next_deal_ids

BATCH = 1000
Progress = Callable[[int, int], None]
Stating = dict[int, list[int] | None]
"""The reasons that a step is about, by connection; None where it may be about any deal."""


def start_preview(app: App, kind: Kind, *, author: str, rollback_to: int | None = None) -> int:
    """Begin a preview of the draft, or of going back to a version; its id. The counts are there at once.

    Raises UsageFault where that is in force already, StalePreviewError where the draft was made from an older version.
    """
    with app.store.begin() as tx:
        app.rules(tx)  # published first, if nothing ever was
        lock_documents(tx)
        text, revision = _wanted(tx, kind, rollback_to)
        version = KINDS[kind].version_of(text)
        if version == published(tx, kind).version:
            raise UsageFault(
                f"That is what the {KINDS[kind].label} in force says already.", remedy="There is nothing to publish."
            )
        _drop_stale(app, tx)
        base = rules_in_force(tx)
        row = PreviewRow(
            kind=str(kind),
            state=PreviewState.BUILDING,
            version=version,
            text=text,
            draft_revision=revision,
            rollback_to=rollback_to,
            mappings_base=published(tx, Kind.MAPPINGS).number,
            policy_base=published(tx, Kind.POLICY).number,
            days=days_of_connections(app, tx),
            counts=_counts(tx, base, rules_of(base, kind, text)),
            totals={},
            cursor=None,
            total=count_cases(tx, with_excluded=_rescopes(tx, base, rules_of(base, kind, text))),
            done=0,
            author=author,
            created_at=app.now(),
        )
        tx.add(row)
        tx.flush()
        return row.id


def build_preview(app: App, preview_id: int, *, progress: Progress = lambda _done, _total: None) -> Preview:
    """Make the list of a preview, batch by batch, each saved; one that was interrupted goes on where it was left.

    Raises StalePreviewError as soon as what it rests on changes.
    """
    taken: dict[int, Taken] = {}
    stating: Stating = {}
    while True:
        with app.store.read() as tx:
            row = preview_row(tx, preview_id)
            if row.state != PreviewState.BUILDING:
                return as_told(app, tx, row)
            _refuse_stale(app, tx, row)
            batch = _next(app, tx, row, taken, stating)
        with app.store.begin() as tx:
            if not _is_ours(tx, preview_id, row.cursor):
                continue  # another worker made this batch; look again
            save_outcomes(tx, batch.rows)
            tx.execute(update(PreviewRow).where(PreviewRow.id == preview_id).values(**batch.values))
        if batch.taken is not None:
            taken[batch.connection_id] = batch.taken
        progress(batch.values["done"], row.total)


def rules_in_force(tx: Session) -> Rules:
    """The published documents."""
    return Rules(
        mapping_set=mapping_set_of(published(tx, Kind.MAPPINGS).text), policy=policy_of(published(tx, Kind.POLICY).text)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """What one batch adds to the list, and where the preview then stands."""

    values: dict[str, Any]
    rows: Sequence[Mapping[str, Any]] = ()
    connection_id: int = 0
    taken: Taken | None = None


def _next(app: App, tx: Session, row: PreviewRow, taken: dict[int, Taken], stating: Stating) -> _Batch:
    connections, step = sorted(all_connections(tx), key=lambda one: one.id), step_of(tx, row)
    connection_id, *place = row.cursor or [0, *START]
    for connection in connections:
        if connection.id < connection_id:
            continue
        after: Cursor = (place[0], place[1]) if connection.id == connection_id else START
        if connection.id not in stating:
            stating[connection.id] = step.stating(tx, connection.id)
        with_excluded = step.scope_for(connection) is not None
        ids, behind = next_deal_ids(
            tx, connection.id, after, BATCH, stating=stating[connection.id], with_excluded=with_excluded
        )
        if ids and behind is not None:
            return _foreseen(app, tx, row, connection, step, ids, behind, taken)
    return _Batch(values={"state": PreviewState.READY, "done": row.total, "finished_at": app.now()})


def _foreseen(
    app: App,
    tx: Session,
    row: PreviewRow,
    connection: ConnectionRow,
    step: Step,
    ids: Sequence[int],
    behind: Cursor,
    taken: dict[int, Taken],
) -> _Batch:
    before = taken.get(connection.id)
    if before is None:  # begun by another process, or just begun
        outcomes = select(OutcomeRow.outcome).where(
            OutcomeRow.preview_id == row.id,
            OutcomeRow.connection_id == connection.id,
            OutcomeRow.outcome.is_not(None),
        )
        before = taken_by(one for one in tx.scalars(outcomes) if one)
    after, totals = Counter(before), Counter(row.totals)

    def foresee(some: Sequence[int]) -> list[dict[str, Any]]:
        found = foresee_batch(
            tx,
            connection,
            load_stored(tx, some, with_excluded=step.scope_for(connection) is not None),
            step,
            preview_id=row.id,
            today=date.fromisoformat(row.days[str(connection.id)]),
            now=app.now(),
            taken=after,
        )
        after.update(found.taken)
        totals.update(found.totals)
        return found.rows

    # A deal our code fails on is not in the list: publishing meets it as a new arrival, and names it.
    parts = take_apart(ids, foresee, lambda _id, _error: totals.update(failed=1))
    done = min(row.done + len(ids), row.total)
    values = {"cursor": [connection.id, *behind], "totals": dict(totals), "done": done}
    return _Batch(values=values, rows=[one for part in parts for one in part], connection_id=connection.id, taken=after)


def _rescopes(tx: Session, base: Rules, wanted: Rules) -> bool:
    """Whether any connection's scope is to be another."""
    step = Step(base=base, rules=wanted)
    return any(step.scope_for(connection) is not None for connection in all_connections(tx))


def _drop_stale(app: App, tx: Session) -> None:
    """Previews that nobody can publish any more. Those that still hold may be somebody else's."""
    unused = select(PreviewRow).where(PreviewRow.state.in_((PreviewState.BUILDING, PreviewState.READY)))
    stale = [row.id for row in tx.scalars(unused) if stale_because(app, tx, row)]
    tx.execute(delete(PreviewRow).where(PreviewRow.id.in_(stale)), execution_options={"synchronize_session": False})


def _is_ours(tx: Session, preview_id: int, cursor: list[Any] | None) -> bool:
    """Whether the preview still stands where it was read."""
    query = select(PreviewRow).where(PreviewRow.id == preview_id).with_for_update()
    row = tx.scalar(query, execution_options={"populate_existing": True})
    return row is not None and row.state == PreviewState.BUILDING and row.cursor == cursor


def _wanted(tx: Session, kind: Kind, rollback_to: int | None) -> tuple[str, int | None]:
    if rollback_to is not None:
        return version_text(tx, kind, rollback_to), None
    draft = open_draft(tx, kind)
    if not draft.is_open:
        raise UsageFault(
            f"The {KINDS[kind].label} has no draft.", remedy=f"Make one with `rekindle {kind} import FILE`."
        )
    if draft.is_outdated:
        raise StalePreviewError(
            f"The draft was made from number {draft.base_number}, and number {published(tx, kind).number} is in force.",
            remedy=f"Look at `rekindle {kind} diff`, then import the draft anew.",
        )
    return draft.text, draft.revision


def _counts(tx: Session, base: Rules, wanted: Rules) -> dict[str, Any]:
    if base.mapping_set.version == wanted.mapping_set.version:
        return {}
    return counts_as_json(count_moves(tx, base.mapping_set, wanted.mapping_set))


def _refuse_stale(app: App, tx: Session, row: PreviewRow) -> None:
    if because := stale_because(app, tx, row):
        raise StalePreviewError(f"The preview does not hold any more: {because}.", remedy="Make it again.")
