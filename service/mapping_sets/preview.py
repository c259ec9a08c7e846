"""What putting a draft (or an earlier version) in force would do: counts at once, then the full list in batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from mappings.diff import ReasonDiff
from service.bootstrap import App
from service.errors import NothingSuch, RekindleError, UsageFault
from service.losses.rules import Rules
from service.mapping_sets.drafts import open_draft
from service.mapping_sets.kinds import KINDS, Difference, Kind, mapping_set_of, policy_of
from service.mapping_sets.outcomes import Taken, foresee_batch, taken_by
from service.mapping_sets.reasons import count_moves
from service.mapping_sets.reconsider import Step
from service.mapping_sets.versions import diff_texts, published, version_text
from service.store.connections import all_connections
from service.store.documents import lock_documents
from service.store.models import ConnectionRow, OutcomeRow, PreviewRow, PreviewState
from service.store.previews import START, Cursor, count_cases, load_stored, next_deal_ids, save_outcomes

BATCH = 1000
SHOWN = 200
"""Reasons that move which are kept with a preview; the rest are in the count."""
Progress = Callable[[int, int], None]
Stating = dict[int, list[int] | None]
"""The reasons that a step is about, by connection; None where it may be about any deal."""


class StalePreviewError(RekindleError):
    """What a preview rests on has changed. Nothing was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A preview as it stands. `counts` are by stated category; `totals` are of the list, complete once it is ready.

    `stale` says in words what it rests on and is not so any more, or is None.
    """

    id: int
    kind: Kind
    state: PreviewState
    version: str
    rollback_to: int | None
    number: int | None
    counts: dict[str, Any]
    totals: dict[str, int]
    done: int
    total: int
    author: str
    created_at: datetime
    stale: str | None


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
            days=_days(app, tx),
            counts=_counts(tx, base, rules_of(base, kind, text)),
            totals={},
            cursor=None,
            total=count_cases(tx),
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
            row = _row(tx, preview_id)
            if row.state != PreviewState.BUILDING:
                return _told(app, tx, row)
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


def load_preview(app: App, preview_id: int) -> Preview:
    """A preview as it stands. Raises NothingSuch."""
    with app.store.read() as tx:
        return _told(app, tx, _row(tx, preview_id))


def list_outcomes(
    tx: Session, preview_id: int, *, after_deal: int = 0, limit: int = 100, connection_id: int | None = None
) -> list[dict[str, Any]]:
    """A page of the deals that change: {deal, connection_id, state, name, before, after, steps, tasks, ...}.

    The last one's `deal` is where the next page begins. Uses ix_preview_outcomes_changes.
    """
    query = select(OutcomeRow).where(
        OutcomeRow.preview_id == preview_id, OutcomeRow.deal_id > after_deal, OutcomeRow.outcome.is_not(None)
    )
    if connection_id is not None:
        query = query.where(OutcomeRow.connection_id == connection_id)
    return [
        {"deal": row.deal_id, "connection_id": row.connection_id, "state": row.state, **(row.outcome or {})}
        for row in tx.scalars(query.order_by(OutcomeRow.deal_id).limit(limit))
    ]


def differences_of(tx: Session, preview_id: int) -> tuple[Difference, ...]:
    """What the previewed document changes in the one that it was previewed against."""
    row = _row(tx, preview_id)
    kind = Kind(row.kind)
    base = row.mappings_base if kind is Kind.MAPPINGS else row.policy_base
    return diff_texts(kind, version_text(tx, kind, base), row.text)


def rules_in_force(tx: Session) -> Rules:
    """The published documents."""
    return Rules(
        mapping_set=mapping_set_of(published(tx, Kind.MAPPINGS).text), policy=policy_of(published(tx, Kind.POLICY).text)
    )


def rules_of(base: Rules, kind: Kind, text: str) -> Rules:
    """The rules in force with one document in place of its like."""
    if kind is Kind.MAPPINGS:
        return Rules(mapping_set=mapping_set_of(text), policy=base.policy)
    return Rules(mapping_set=base.mapping_set, policy=policy_of(text))


def stale_because(app: App, tx: Session, row: PreviewRow) -> str | None:
    """What a preview rests on and is not so any more, in words; None where it holds."""
    if row.state not in (PreviewState.BUILDING, PreviewState.READY):
        return None
    bases = published(tx, Kind.MAPPINGS).number, published(tx, Kind.POLICY).number
    if bases != (row.mappings_base, row.policy_base):
        return "another version was published since"
    if row.draft_revision is not None and open_draft(tx, Kind(row.kind)).revision != row.draft_revision:
        return "the draft was changed since"
    if _days(app, tx) != row.days:
        return "the day has changed since, or a connection was added or removed"
    return None


def step_of(tx: Session, row: PreviewRow) -> Step:
    """From the documents that a preview was made against to those it is about."""
    base = Rules(
        mapping_set=mapping_set_of(version_text(tx, Kind.MAPPINGS, row.mappings_base)),
        policy=policy_of(version_text(tx, Kind.POLICY, row.policy_base)),
    )
    return Step(base=base, rules=rules_of(base, Kind(row.kind), row.text))


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
        ids, behind = next_deal_ids(tx, connection.id, after, BATCH, stating=stating[connection.id])
        if ids and behind is not None:
            return _foreseen(tx, row, connection, step, ids, behind, taken)
    return _Batch(values={"state": PreviewState.READY, "done": row.total, "finished_at": app.now()})


def _foreseen(
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
    found = foresee_batch(
        tx,
        connection,
        load_stored(tx, ids),
        step,
        preview_id=row.id,
        today=date.fromisoformat(row.days[str(connection.id)]),
        taken=before,
    )
    after = Counter(before)
    after.update(found.taken)
    totals = Counter(row.totals)
    totals.update(found.totals)
    done = min(row.done + len(ids), row.total)
    values = {"cursor": [connection.id, *behind], "totals": dict(totals), "done": done}
    return _Batch(values=values, rows=found.rows, connection_id=connection.id, taken=after)


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


def counts_as_json(found: ReasonDiff) -> dict[str, Any]:
    """Deals by stated category before and after, and the reasons that move."""
    return {
        "before": {str(key): count for key, count in found.before.most_common()},
        "after": {str(key): count for key, count in found.after.most_common()},
        "reasons": len(found.moves),
        "deals": sum(one.reason.count for one in found.moves),
        "moves": [
            {
                "connection": one.reason.connection,
                "values": [words for _, words in one.reason.texts],
                "count": one.reason.count,
                "before": {"category": str(one.before.category), "sub_reason": one.before.sub_reason},
                "after": {"category": str(one.after.category), "sub_reason": one.after.sub_reason},
            }
            for one in found.moves[:SHOWN]
        ],
    }


def _days(app: App, tx: Session) -> dict[str, str]:
    return {str(one.id): app.today(one).isoformat() for one in all_connections(tx)}


def _row(tx: Session, preview_id: int) -> PreviewRow:
    row = tx.get(PreviewRow, preview_id, populate_existing=True)
    if row is None:
        last = tx.scalar(select(func.max(PreviewRow.id)))
        raise NothingSuch(f"There is no preview {preview_id}.", remedy=f"The last one is {last or 'not made yet'}.")
    return row


def _refuse_stale(app: App, tx: Session, row: PreviewRow) -> None:
    if because := stale_because(app, tx, row):
        raise StalePreviewError(f"The preview does not hold any more: {because}.", remedy="Make it again.")


def _told(app: App, tx: Session, row: PreviewRow) -> Preview:
    return Preview(
        id=row.id,
        kind=Kind(row.kind),
        state=PreviewState(row.state),
        version=row.version,
        rollback_to=row.rollback_to,
        number=row.number,
        counts=row.counts,
        totals=row.totals,
        done=row.done,
        total=row.total,
        author=row.author,
        created_at=row.created_at,
        stale=stale_because(app, tx, row),
    )
