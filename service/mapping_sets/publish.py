"""Putting a previewed document in force: one switch for everybody, then the stored deals, batch by batch.

The switch and the record of the publication commit together. What stands on an older version is then brought along in
batches; killed in the middle, `resume_publication` finishes the rest, and nothing is done twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from service.bootstrap import App
from service.errors import Busy
from service.losses.save import save_meaning
from service.losses.scope import Scope
from service.mapping_sets.basis import StalePreviewError, stale_because, step_of
from service.mapping_sets.drafts import close_draft
from service.mapping_sets.kinds import KINDS, Kind, mapping_set_of
from service.mapping_sets.listing import Preview, load_preview
from service.mapping_sets.outcomes import meaning_as_json
from service.mapping_sets.preview import Progress
from service.mapping_sets.reconsider import Reconsidered, Step, days_of, reconsider
from service.mapping_sets.sorting import sort_cases
from service.reminders.apply import apply_plans
from service.reminders.planned import Planned
from service.store.apart import note_failed, take_apart
from service.store.case_contents import load_deals, load_meanings
from service.store.connections import all_connections, connection_named, read_anew
from service.store.deals import update_deals
from service.store.documents import lock_documents, publish_document
from service.store.models import ConnectionRow, OutcomeState, PreviewRow, PreviewState
from service.store.outcomes import drop_quiet_outcomes, mark_applied, save_outcomes
from service.store.previews import StoredCase, load_outdated, outdated_ids, publishing, stamp_unread, stamp_versions
from service.store.reminders import lock_connection
from service.store.runs import finish_run, start_run

BATCH = 1000


def publish(
    app: App, preview_id: int, *, author: str, comment: str, progress: Progress = lambda _done, _total: None
) -> Preview:
    """Put a previewed document in force and do to the stored deals what the preview says.

    Raises StalePreviewError where the preview is not ready or does not hold any more, Busy where another publication
    is not finished; then nothing was done.
    """
    begin_publication(app, preview_id, author=author, comment=comment)
    return resume_publication(app, progress=progress) or load_preview(app, preview_id)


def begin_publication(app: App, preview_id: int, *, author: str, comment: str) -> int:
    """The switch alone: from its commit on everybody reads the new version. Its number. Raises as `publish` does."""
    with app.store.begin() as tx:
        lock_documents(tx)
        row = tx.get(PreviewRow, preview_id, populate_existing=True)
        if row is None or row.state != PreviewState.READY:
            raise StalePreviewError("This preview cannot be published.", remedy="Make it (again), to the end.")
        if because := stale_because(app, tx, row):
            raise StalePreviewError(f"The preview does not hold any more: {because}.", remedy="Make it again.")
        if (other := publishing(tx)) is not None:
            raise Busy(
                f"Number {other.number} of the {other.kind} is still being applied ({other.done} of {other.total})."
            )
        kind, now = Kind(row.kind), app.now()
        made = publish_document(
            tx, KINDS[kind].rows, version=row.version, text=row.text, author=author, comment=comment, now=now
        )
        close_draft(tx, kind, author=author, now=now, is_consumed=row.rollback_to is None)
        if kind is Kind.MAPPINGS:
            _give_scopes(tx, row.text)
        run_id = start_run(tx, kind="publish", connection_id=None, now=now)
        row.state, row.number, row.done, row.finished_at = PreviewState.PUBLISHING, made.number, 0, None
        row.cursor = [run_id]
        tx.flush()
        return made.number or 0


def _give_scopes(tx: Session, text: str) -> None:
    """From now on each connection takes deals as the document says of it. Where notes are not kept whole, and where the
    history of stages was not read, deals that come in have to be read anew."""
    mapping_set = mapping_set_of(text)
    for connection in all_connections(tx):
        before, said = connection.scope_in_force, mapping_set.scope_of(connection.name)
        connection.published_scope = said
        after = connection.scope_in_force
        if before != after and (
            connection.notes != "full" or before.get("reached_stage") != after.get("reached_stage")
        ):
            read_anew(tx, connection.id)


def resume_publication(app: App, *, progress: Progress = lambda _done, _total: None) -> Preview | None:
    """Finish the publication that is not finished, if there is one; the preview it came from."""
    with app.store.read() as tx:
        row = publishing(tx)
        names = [one.name for one in all_connections(tx)]
    if row is None:
        return None
    for name in names:
        _stamp_unread(app, row.id, name)
        after: int | None = 0
        while after is not None:
            after = _batch(app, row.id, name, after, progress)
    with app.store.begin() as tx:
        done = publishing(tx)
        if done is not None and done.id == row.id:
            done.state, done.finished_at, done.done = PreviewState.PUBLISHED, app.now(), done.total
            drop_quiet_outcomes(tx, row.id)
            run_id = (done.cursor or [None])[0]
            if run_id is not None:
                finish_run(tx, run_id, counts=done.totals, calls={}, now=app.now())
    return load_preview(app, row.id)


def _stamp_unread(app: App, preview_id: int, name: str) -> None:
    """Where the stated reasons alone tell which deals are touched, all others are done in one statement."""
    with app.store.begin() as tx:
        connection = lock_connection(tx, connection_named(tx, name).id)
        row = tx.get_one(PreviewRow, preview_id, populate_existing=True, with_for_update=True)
        step = step_of(tx, row)
        stating = step.stating(tx, connection.id)
        if stating is not None and row.state == PreviewState.PUBLISHING:
            base = step.base.mapping_set.version
            count = stamp_unread(tx, connection.id, stating, base=base, versions=step.versions)
            _save_progress(tx, row, count, Counter(applied=count))


def _batch(app: App, preview_id: int, name: str, after: int, progress: Progress) -> int | None:
    """Bring one batch of a connection along; the last row id of it, or None at the end.

    A deal our code fails on stays on the older version and is named; every sync tries it again.
    """
    with app.store.read() as tx:
        connection, row = connection_named(tx, name), tx.get_one(PreviewRow, preview_id)
        if row.state != PreviewState.PUBLISHING:
            return None
        step = step_of(tx, row)
        with_excluded = step.scope_for(connection) is not None
        ids = outdated_ids(tx, connection.id, step.versions, after_id=after, limit=BATCH, with_excluded=with_excluded)
    if not ids:
        return None

    def failed(row_id: int, error: Exception) -> None:
        note_failed(app.store, connection.id, row_id, error, now=app.now())

    done = take_apart(ids, lambda some: _bring(app, preview_id, connection.id, after, some), failed)
    progress(max(done, default=row.done), row.total)
    return ids[-1]


def _bring(app: App, preview_id: int, connection_id: int, after: int, ids: Collection[int]) -> int:
    """One unit of work: those of the deals that still stand on an older version. How many are done in all."""
    with app.store.begin() as tx:
        # Locked before anything is read: a sync could store a newer deal in between, and an older plan would stand.
        connection = lock_connection(tx, connection_id)
        row = tx.get_one(PreviewRow, preview_id, populate_existing=True, with_for_update=True)
        if row.state != PreviewState.PUBLISHING:
            return row.done
        step = step_of(tx, row)
        outdated = _outdated(tx, connection, step, after)
        wanted = set(ids)
        cases = [one for one in outdated if one.deal_row_id in wanted]
        return _save_progress(tx, row, len(cases), _bring_along(app, tx, connection, row, step, cases))


def _outdated(tx: Session, connection: ConnectionRow, step: Step, after: int) -> list[StoredCase]:
    with_excluded = step.scope_for(connection) is not None
    return load_outdated(tx, connection.id, step.versions, after_id=after, limit=BATCH, with_excluded=with_excluded)


def _save_progress(tx: Session, row: PreviewRow, count: int, totals: Counter[str]) -> int:
    done, found = min(row.total, row.done + count), Counter(row.totals)
    found.update(totals)
    tx.execute(update(PreviewRow).where(PreviewRow.id == row.id).values(done=done, totals=dict(found)))
    return done


def _bring_along(
    app: App, tx: Session, connection: ConnectionRow, row: PreviewRow, step: Step, cases: Sequence[StoredCase]
) -> Counter[str]:
    found = sort_cases(app, tx, connection, row, step, cases)
    changing = [*(case for case, _ in found.previewed), *found.arrived]
    stored = load_meanings(tx, [one.episode_id for one in changing])
    deals = load_deals(tx, [one.deal_row_id for one in changing])

    scope, now = step.scope_for(connection), app.now()

    def again(case: StoredCase) -> Reconsidered:
        meaning = stored.get(case.episode_id)
        return reconsider(
            case, deals[case.deal_row_id], meaning, step, connection.name, scope=scope, today=app.today(connection)
        )

    day = date.fromisoformat(row.days.get(str(connection.id)) or app.today(connection).isoformat())
    previewed = [again(case) for case, _ in found.previewed]
    given = {}
    for case, outcome in found.previewed:
        given.update(days_of(outcome.outcome or {}, case.crm_deal_id))
    _apply(tx, connection, previewed, step, today=day, now=now, given=given)
    arrived = [again(case) for case in found.arrived]
    _apply(tx, connection, arrived, step, today=app.today(connection), now=now, given={})
    stamp_versions(tx, found.as_they_are, step.versions)
    _save_scope(tx, [*previewed, *arrived], found.left_out, scope)
    mark_applied(tx, row.id, [*found.quiet, *(case.deal_row_id for case, _ in found.previewed)])
    save_outcomes(tx, [_arrival(row.id, connection, one) for one in arrived])
    return Counter(applied=len(found.as_they_are) + len(previewed), arrived=len(arrived))


def _save_scope(
    tx: Session, changed: Sequence[Reconsidered], left_out: Sequence[StoredCase], scope: Scope | None
) -> None:
    """Which rule leaves each of the deals out from now on."""
    if scope is None:
        return
    rules = {one.case.deal_row_id: one.excluded_by for one in changed if one.excluded_by != one.case.excluded_by}
    for row_id, deal in load_deals(tx, [one.deal_row_id for one in left_out]).items():
        rules[row_id] = scope.excluding_rule(deal)
    update_deals(tx, [{"id": row_id, "excluded_by": rule} for row_id, rule in rules.items()])


def _apply(
    tx: Session,
    connection: ConnectionRow,
    found: Sequence[Reconsidered],
    step: Step,
    *,
    today: date,
    now: Any,
    given: dict[tuple[str, str, int], date],
) -> None:
    planned = [
        Planned(
            deal_row_id=one.case.deal_row_id,
            episode_id=one.case.episode_id,
            episode=one.case.episode,
            deal=one.deal,
            classification=one.after,
            plan=one.plan,
        )
        for one in found
    ]
    save_meaning(tx, planned, step.rules)
    if planned:
        knowledge = step.rules.knowledge
        apply_plans(tx, connection, planned, knowledge=knowledge, today=today, now=now, is_planned=True, given=given)


def _arrival(preview_id: int, connection: ConnectionRow, one: Reconsidered) -> dict[str, Any]:
    """A deal that was not as previewed any more: listed with what became of it."""
    return {
        "preview_id": preview_id,
        "deal_id": one.case.deal_row_id,
        "connection_id": connection.id,
        "mark": "",
        "state": OutcomeState.ARRIVED,
        "outcome": {
            "name": one.deal.name,
            "account": one.deal.account.name,
            "deal_id": one.deal.key.deal_id,
            "before": meaning_as_json(one.before),
            "after": meaning_as_json(one.after),
            "no_plan": one.plan.why_none,
            "steps": [],
            "tasks": [],
        },
    }
