"""Working on the inbox: fetch the deals that webhooks named, follow the line, and write what is due.

An event only says which deal to look at; what counts is the deal as it is when it is fetched. So the order of events
is of no matter, a deal is fetched once however many events name it, and an event that never came costs a sync's delay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from math import inf

from connectors.base import Connector, DealState, GoneDeal, GoneHow
from connectors.errors import ConnectorError, ConnectorFault, NeedsReconnect, Rejected, Transient
from connectors.http import CallCount
from mappings.model import DealKey
from service import clock
from service.bootstrap import App
from service.connections.state import needs_reconnect
from service.errors import Busy, RekindleError
from service.observe.logging import logger
from service.observe.metrics import metrics
from service.outbox.writer import drain
from service.reminders.advance import advance
from service.store import inbox
from service.store.connections import connection_named
from service.store.deals import load_known
from service.store.inbox import Letter
from service.store.models import ConnectionRow, ConnectionState
from service.sync.runner import sync
from service.sync.taking import take_deals
from service.sync.writeback import given_up_since, outbox_settings
from service.webhooks import claims
from service.webhooks.processed import Processed

log = logger(__name__)

NOT_FOUND_TRIES = 4
"""So often a stored deal is looked for before it is believed to be gone: it may not be shown yet."""
LONGEST_FLOOD = 30
"""An import that goes on for this many times the quiet is answered all the same."""
FORGET_AT_ONCE = 5_000


def process_inbox(
    app: App,
    *,
    limit: int = 10_000,
    names: Sequence[str] = (),
    most_s: float = inf,
    monotonic: Callable[[], float] = clock.monotonic,
) -> Processed:
    """Work on what is due, of some connections or of all; up to about `limit` deals of each.

    After `most_s` each has no batch but its first: a CRM that is slow, or that has us wait, must not keep a worker from
    all else it is there for.

    A connection that fails does not hold up the others: its events wait, with the error. Several processes may do
    this at once, for one connection too.
    """
    report, until = Processed(), monotonic() + most_s
    with app.store.read() as tx:
        due = inbox.connections_with_work(tx, now=app.now())
    for name in due:
        if names and name not in names:
            continue
        try:
            _process(app, name, report, limit=limit, may_go_on=lambda: monotonic() < until)
        except (ConnectorError, RekindleError) as error:
            report.failures.append(str(error) if name in str(error) else f"{name}: {error}")
            log.warning("The inbox of a connection could not be worked off.", connection=name, error=str(error))
        except Exception as error:  # the edge: our own mistake, or no memory; it holds up no other connection
            report.failures.append(f"{name}: the inbox could not be worked off ({type(error).__name__}).")
            log.exception("The inbox of a connection could not be worked off.", connection=name)
    before = app.now() - timedelta(days=app.settings.inbox_keep_days)
    with app.store.begin() as tx:
        inbox.forget_done(tx, before=before, limit=FORGET_AT_ONCE)
        report.next_at = inbox.next_due_at(tx)
    return report


def _process(app: App, name: str, report: Processed, *, limit: int, may_go_on: Callable[[], bool]) -> None:
    with app.store.read() as tx:
        connection = connection_named(tx, name)
        flood = inbox.flood_of(tx, connection.id, now=app.now())
    is_over = _is_over(app, flood)
    if is_over and flood.count > app.settings.inbox_flood:
        _sweep(app, connection, report)
    elif not is_over and flood.last_at is not None:
        until = flood.last_at + timedelta(seconds=app.settings.inbox_flood_quiet_s)
        with app.store.begin() as tx:
            inbox.put_off_flood(tx, connection.id, until=until, now=app.now())
    opened: tuple[Connector, CallCount] | None = None
    began, left = app.now(), limit
    while letters := claims.claim(app, connection.id, with_bulk=is_over, limit=_batch(app, left)):
        try:
            opened = opened or app.connector(connection)
            with claims.kept(app, letters):
                _work_on(app, connection, opened[0], letters, report)
        except ConnectorError as error:
            claims.put_back(app, letters, error, report, is_hopeless=not isinstance(error, NeedsReconnect))
            if isinstance(error, NeedsReconnect):
                needs_reconnect(app, name, str(error))
            raise
        except RekindleError as error:
            claims.put_back(app, letters, Transient(str(error)), report)
            raise
        except Exception as error:
            claims.leave(app, letters, error)
            raise
        left -= len({one.deal_id for one in letters})
        if left <= 0 or not may_go_on():
            break
    if opened is not None:
        _write(app, connection, opened[0], report, began)
        report.calls += opened[1].total


def _batch(app: App, left: int) -> int:
    return min(app.settings.inbox_batch, left)


def _is_over(app: App, flood: inbox.Flood) -> bool:
    """Whether an import has come to rest, or has gone on for long enough: until then more of it is to come."""
    if flood.last_at is None or flood.first_at is None:
        return False
    now, quiet = app.now(), timedelta(seconds=app.settings.inbox_flood_quiet_s)
    return now - flood.last_at >= quiet or now - flood.first_at >= LONGEST_FLOOD * quiet


def _sweep(app: App, connection: ConnectionRow, report: Processed) -> None:
    """One sync in place of many reads. What came before it began is dealt with by it."""
    letters = claims.claim_flood(app, connection.id)
    try:
        with claims.kept(app, letters):
            found = sync(app, connection.name, monotonic=clock.monotonic)
    except Busy as error:  # it may have begun before the last of these came: another one follows
        claims.put_back(app, letters, Transient(str(error)), report)
        return
    except RekindleError as error:
        claims.put_back(app, letters, Transient(str(error)), report)
        raise
    except ConnectorError as error:
        claims.put_back(app, letters, error, report, is_hopeless=not isinstance(error, NeedsReconnect))
        raise
    with app.store.begin() as tx:
        inbox.finish(tx, letters, now=app.now())
    metrics().processed.labels("swept").inc(len(letters))
    report.events += len(letters)
    report.swept += len(letters)
    report.counts += found.counts
    report.written, report.failed = report.written + found.written, report.failed + found.failed
    report.calls += found.calls
    report.failures += found.failures


def _work_on(
    app: App, connection: ConnectionRow, connector: Connector, letters: Sequence[Letter], report: Processed
) -> None:
    """Fetch the deals of one batch and follow the line with them; those that cannot be read are tried again."""
    by_deal: dict[str, list[Letter]] = {}
    for one in letters:
        by_deal.setdefault(one.deal_id, []).append(one)
    report.events += len(letters)
    report.deals += len(by_deal)
    read_at = app.now()
    failed: dict[str, ConnectorError] = {}
    states = _fetch(connector, connection.account_id, list(by_deal), failed)
    believed = _believed(app, connection, states, by_deal, failed)
    for deal_id in by_deal.keys() - {state.key.deal_id for state in believed} - failed.keys():
        failed[deal_id] = Rejected(f"{connection.name}: deal {deal_id} was not told, or cannot be read.")
    _save(
        app,
        connection,
        believed,
        [one for id_ in by_deal.keys() - failed.keys() for one in by_deal[id_]],
        read_at,
        report,
    )
    for deal_id, error in failed.items():
        claims.put_back(app, by_deal[deal_id], error, report)


def _fetch(
    connector: Connector, account_id: str, deal_ids: Sequence[str], failed: dict[str, ConnectorError]
) -> list[DealState]:
    """The deals as they are now. One that cannot be read is noted, and keeps no other from being read."""
    try:
        return list(connector.get_deals([DealKey(account_id, deal_id) for deal_id in deal_ids]))
    except (Rejected, ConnectorFault) as error:
        if len(deal_ids) == 1:
            failed[deal_ids[0]] = error
            return []
    middle = len(deal_ids) // 2
    return [
        *_fetch(connector, account_id, deal_ids[:middle], failed),
        *_fetch(connector, account_id, deal_ids[middle:], failed),
    ]


def _believed(
    app: App,
    connection: ConnectionRow,
    states: Sequence[DealState],
    by_deal: dict[str, list[Letter]],
    failed: dict[str, ConnectorError],
) -> list[DealState]:
    """What is to be saved. A deal that is not there may not be shown yet, unless its deletion was announced."""
    missing = [
        state.key.deal_id
        for state in states
        if isinstance(state, GoneDeal)
        and state.how is GoneHow.NOT_FOUND
        and not any(one.is_deletion for one in by_deal.get(state.key.deal_id, ()))
    ]
    with app.store.read() as tx:
        known = load_known(tx, connection.id, missing) if missing else {}
    for deal_id in missing:
        tries = max(one.attempts for one in by_deal.get(deal_id, ()))
        if deal_id not in known or tries < NOT_FOUND_TRIES:
            failed[deal_id] = Rejected(f"{connection.name}: there is no deal {deal_id}, or it is not shown.")
    return [state for state in states if state.key.deal_id in by_deal and state.key.deal_id not in failed]


def _save(
    app: App,
    connection: ConnectionRow,
    states: Sequence[DealState],
    letters: Sequence[Letter],
    read_at: datetime,
    report: Processed,
) -> None:
    """The deals and the end of their events, in one unit of work; a deal our code fails on is named by the sync."""
    taken = take_deals(
        app,
        connection,
        states,
        today=app.today(connection),
        read_at=read_at,
        then=lambda tx: inbox.finish(tx, letters, now=app.now()),
    )
    report.counts += taken.counts
    for says in taken.failures:
        log.warning(says)
    metrics().processed.labels("done").inc(len(letters))


def _write(app: App, connection: ConnectionRow, connector: Connector, report: Processed, began: datetime) -> None:
    """Choose whose turn it is and send what is due, once; what the CRM puts off is left to the next round."""
    with app.store.begin() as tx:
        if connection_named(tx, connection.name).state != ConnectionState.LIVE:
            return
        knowledge = app.rules(tx).knowledge
    advance(app.store, connector, connection.id, knowledge=knowledge, today=app.today(connection), now=app.now())
    counts = drain(app.store, connector, connection.id, clock=app.now, settings=outbox_settings(app))
    report.written += counts["written"] + counts["adopted"]
    report.failed += counts["failed"]
    with app.store.read() as tx:
        report.failures += given_up_since(tx, connection_named(tx, connection.name), began)
