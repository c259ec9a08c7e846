"""Looking before writing again: what became of writes whose answer was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from connectors.base import Connector, FieldChange, GoneDeal, WriteFailure
from connectors.errors import ConnectorError, ConnectorFault, Permanent
from mappings.model import DealKey
from service.outbox.adopt import adopt, find_standing
from service.outbox.aftermath import save_field_outcomes
from service.outbox.build import Claimed, build
from service.outbox.outcomes import Answer, save_outcomes
from service.outbox.settings import OutboxSettings
from service.store.models import ConnectionRow, OutboxKind, OutboxRow, OutboxState
from service.store.reminders import lock_connection
from service.store.session import Store

_PLAIN = {"synchronize_session": False}


def settle_unclear(
    store: Store, connector: Connector, connection: ConnectionRow, *, now: datetime, settings: OutboxSettings
) -> Counter[str]:
    """Look for one batch of unclear writes: what happened is adopted, what did not is ready to be written again.

    Counts `looked`, `adopted`, `doubles`. Raises ConnectorError where the CRM cannot be asked; the rows stay unclear.
    """
    with store.begin() as tx:
        lock_connection(tx, connection.id)
        rows = _take(tx, connection, now=now, settings=settings)
    return _settle(store, connector, connection, rows, now=now, settings=settings) if rows else Counter()


def _settle(
    store: Store,
    connector: Connector,
    connection: ConnectionRow,
    rows: Sequence[Claimed],
    *,
    now: datetime,
    settings: OutboxSettings,
) -> Counter[str]:
    creates = [one for one in rows if one.kind == OutboxKind.CREATE_TASK]
    fields = [one for one in rows if one.kind == OutboxKind.WRITE_FIELDS]
    try:
        found = find_standing(connector, creates)
        present = _present_fields(connector, fields)
    except ConnectorFault as error:
        if len(rows) > 1:  # one of them is beyond the connector: the others are looked for all the same
            return sum(
                (_settle(store, connector, connection, [one], now=now, settings=settings) for one in rows), Counter()
            )
        return _give_up(store, connection, replace(rows[0], is_suspect=True), error, now=now, settings=settings)
    except ConnectorError:
        with store.begin() as tx:
            _give_back(tx, rows, now=now, settings=settings)
        raise
    with store.begin() as tx:
        lock_connection(tx, connection.id)
        ours = _still_unclear(tx, rows)
        lost = [one for one in creates if one.row_id in ours]
        adopted = adopt(tx, connection, lost, found, now=now, is_surely_ours=True)
        again = [one for one in lost if one.row_id not in adopted.row_ids]
        _try_again(tx, connection, again, now=now, settings=settings)
        _settle_fields(
            tx, connection, [one for one in fields if one.row_id in ours], present, now=now, settings=settings
        )
        # A change by CRM id is looked at once more right before it is sent; see writer.py.
        others = [one for one in rows if one.row_id in ours and one not in creates and one not in fields]
        _try_again(tx, connection, others, now=now, settings=settings)
    return adopted.counts + Counter(looked=len(rows))


def _try_again(
    tx: Session, connection: ConnectionRow, rows: Sequence[Claimed], *, now: datetime, settings: OutboxSettings
) -> None:
    """What certainly did not happen is written again; what never gets a clear answer becomes a dead letter."""
    tired = [one for one in rows if one.attempt >= settings.max_attempts]
    _set(tx, [one for one in rows if one not in tired], state=OutboxState.READY, next_try_at=now, lease_until=None)
    answers = [
        Answer(claimed=one, outcome=WriteFailure(key=None, deal=one.deal, error=_no_answer(one))) for one in tired
    ]
    save_outcomes(tx, connection.id, answers, now=now, settings=settings)


def _no_answer(one: Claimed) -> Permanent:
    return Permanent(f"The CRM gave no clear answer in {one.attempt} tries; the write did not happen.")


def _give_up(
    store: Store,
    connection: ConnectionRow,
    one: Claimed,
    error: ConnectorError,
    *,
    now: datetime,
    settings: OutboxSettings,
) -> Counter[str]:
    failure = WriteFailure(key=None, deal=one.deal, error=error)
    with store.begin() as tx:
        return save_outcomes(
            tx, connection.id, [Answer(claimed=one, outcome=failure)], now=now, settings=settings
        ) + Counter(looked=1)


def _take(tx: Session, connection: ConnectionRow, *, now: datetime, settings: OutboxSettings) -> list[Claimed]:
    ids = tx.scalars(
        select(OutboxRow.id)
        .where(
            OutboxRow.connection_id == connection.id,
            OutboxRow.state == OutboxState.UNCLEAR,
            OutboxRow.next_try_at <= now,
            or_(OutboxRow.lease_until.is_(None), OutboxRow.lease_until < now),
        )
        .order_by(OutboxRow.id)
        .limit(settings.batch_size)
        .with_for_update()
    ).all()
    if not ids:
        return []
    is_free = or_(OutboxRow.lease_until.is_(None), OutboxRow.lease_until < now)
    taken = tx.scalars(
        update(OutboxRow)
        .where(OutboxRow.id.in_(ids), OutboxRow.state == OutboxState.UNCLEAR, is_free)
        .values(lease_until=now + settings.lease)
        .returning(OutboxRow.id),
        execution_options=_PLAIN,
    ).all()
    built, hopeless = build(tx, connection, taken, now=now)
    if hopeless:
        tx.execute(
            update(OutboxRow)
            .where(OutboxRow.id.in_(hopeless))
            .values(state=OutboxState.DISCARDED, done_at=now, lease_until=None),
            execution_options=_PLAIN,
        )
    return built


def _present_fields(connector: Connector, fields: Sequence[Claimed]) -> dict[DealKey, Mapping[str, str | None]]:
    keys = [one.deal for one in fields]
    if not keys:
        return {}
    return {state.key: state.outputs for state in connector.get_deals(keys) if not isinstance(state, GoneDeal)}


def _still_unclear(tx: Session, rows: Sequence[Claimed]) -> frozenset[int]:
    attempts = {one.row_id: one.attempt for one in rows}
    found = tx.execute(
        select(OutboxRow.id, OutboxRow.attempts)
        .where(OutboxRow.id.in_(attempts), OutboxRow.state == OutboxState.UNCLEAR)
        .with_for_update()
    )
    return frozenset(row.id for row in found if row.attempts == attempts[row.id])


def _settle_fields(
    tx: Session,
    connection: ConnectionRow,
    fields: Sequence[Claimed],
    present: Mapping[DealKey, Mapping[str, str | None]],
    *,
    now: datetime,
    settings: OutboxSettings,
) -> None:
    done, again, theirs = [], [], []
    for one in fields:
        there, change = present.get(one.deal), one.change
        if there is None or not isinstance(change, FieldChange):
            again.append(one)
            continue
        wrong = {field for field, value in change.values.items() if (there.get(field) or None) != (value or None)}
        seen = one.payload.get("seen", {})
        if not wrong:
            done.append(one)
        elif all((there.get(field) or None) == (seen.get(field) or None) for field in wrong):
            again.append(one)
        else:
            theirs.append(one)
    _set(tx, done, state=OutboxState.DONE, done_at=now, lease_until=None, error=None, error_reason=None)
    _try_again(tx, connection, again, now=now, settings=settings)
    why = "A person changed the field in between; it is theirs."
    _set(tx, theirs, state=OutboxState.DISCARDED, done_at=now, lease_until=None, error=why)
    save_field_outcomes(tx, [(one, True) for one in done] + [(one, False) for one in theirs], now=now)


def _give_back(tx: Session, rows: Sequence[Claimed], *, now: datetime, settings: OutboxSettings) -> None:
    for one in rows:
        _set(tx, [one], lease_until=None, next_try_at=settings.next_try(now, one.attempt, None))


def _set(tx: Session, rows: Sequence[Claimed], **values: Any) -> None:
    if rows:
        tx.execute(
            update(OutboxRow).where(OutboxRow.id.in_([one.row_id for one in rows])).values(**values),
            execution_options=_PLAIN,
        )
