"""One sync of one connection: read what changed, follow the line, write what is due to be written, read back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from connectors.base import Checkpoint, Connector, Page, Watermark
from connectors.errors import ConnectorError, NeedsReconnect
from connectors.http import CallCount
from service.bootstrap import App
from service.connections.describe import keep_description, unsaid
from service.connections.leaving import finish_leaving
from service.connections.state import needs_reconnect, refuse_without_credentials
from service.errors import RekindleError
from service.losses.ahead import Ahead, Reading
from service.mapping_sets.publish import resume_publication
from service.pipeline import IngestCounts
from service.reminders.following import leave_nobody_behind
from service.store import connections as store
from service.store.failed_deals import say_failed_deals
from service.store.models import ConnectionRow, ConnectionState
from service.store.reminders import lock_connection, wake_overlooked
from service.store.runs import finish_run, start_run
from service.sync.balance import check_balance
from service.sync.beside import with_meanings
from service.sync.later import enter_later
from service.sync.lease import sync_lease
from service.sync.lookup import reconcile, try_failed_again
from service.sync.readahead import dated, read_ahead
from service.sync.report import SyncReport
from service.sync.spool import Spool
from service.sync.taking import look_at_deals, note_unreadable, take_deals
from service.sync.telling import Telling
from service.sync.writeback import take_over_edits, write_cycle

Progress = Callable[[IngestCounts], None]


def sync(
    app: App,
    name: str,
    *,
    full: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
    monotonic: Callable[[], float],
) -> SyncReport:
    """Sync one connection. Raises Busy, RekindleError or ConnectorError; what was read before stays saved."""
    started = monotonic()
    report = SyncReport(connection=name)
    with app.store.read() as tx:
        connection = store.connection_named(tx, name)
    refuse_without_credentials(connection)
    resume_publication(app)  # one that was interrupted
    finish_leaving(app.store)  # so was that
    with sync_lease(app, connection.id, name):
        connector, calls = app.connector(connection)
        with app.store.begin() as tx:
            run_id = start_run(tx, kind="sync", connection_id=connection.id, now=app.now())
        says: str | None = "It was stopped."
        try:
            _run(app, connector, name, report, run_id=run_id, full=full, dry_run=dry_run, progress=progress)
            says = None
        except NeedsReconnect as error:
            says = str(error)
            needs_reconnect(app, name, says)
            raise
        except (ConnectorError, RekindleError) as error:
            says = str(error)
            raise
        finally:
            _finish(app, report, calls, run_id, error=says)
        report.failures = list(dict.fromkeys(report.failures))  # a deal may have been met twice
        report.warnings = list(dict.fromkeys(report.warnings))
        report.ledger_calls = calls.by_kind.get("ledger", 0)
        report.calls, report.seconds = calls.total - report.ledger_calls, monotonic() - started
    return report


def _run(
    app: App,
    connector: Connector,
    name: str,
    report: SyncReport,
    *,
    run_id: int,
    full: bool,
    dry_run: bool,
    progress: Progress,
) -> None:
    with app.store.begin() as tx:
        connection = store.connection_named(tx, name)
    description = connector.describe()
    with app.store.begin() as tx:
        report.warnings += keep_description(tx, connection, description)
        connection = store.connection_named(tx, name)
    today = app.today(connection)
    if not dry_run:
        take_over_edits(app, connector, connection, today=today)
        report.counts += try_failed_again(app, connector, connection, today, report)
    telling = Telling(app, run_id)
    for is_full in _reads(app, connection, full=full, dry_run=dry_run):
        before = report.counts
        for page in _read(
            app, connector, connection, run_id, full=is_full, dry_run=dry_run, today=today, report=report
        ):
            report.warnings += unsaid(page.warnings, connection, description)
            report.warnings += [f"{name}: record {one.record_id} was left out: {one.says}" for one in page.unreadable]
            progress(report.counts)
            telling.tell(asdict(report.counts))
        if full and not is_full:  # these deals are met again
            report.counts = replace(report.counts, read=before.read, unchanged=before.unchanged)
    if dry_run:
        return
    _write(app, connector, connection, report, full=full, today=today)


def _write(
    app: App, connector: Connector, connection: ConnectionRow, report: SyncReport, *, full: bool, today: date
) -> None:
    """What follows a read: whoever waits has a turn, the ledger is compared, and what is due is written."""
    enter_later(app, connection)
    with app.store.begin() as tx:
        locked = lock_connection(tx, connection.id)
        leave_nobody_behind(tx, locked, today=today)
        if full and locked.state == ConnectionState.LIVE:
            wake_overlooked(tx, locked.id, today=today)
    check_balance(app, connector, connection.name, today=today)
    written = write_cycle(app, connector, connection.name, today=today, is_planned=_is_first_of_live(connection))
    report.written, report.failed = written.written, written.failed
    report.failures += written.failures
    with app.store.begin() as tx:
        stored = store.connection_named(tx, connection.name)
        stored.last_sync_at = app.now()
        tx.flush()
        say_failed_deals(tx, stored.id)


def _reads(app: App, connection: ConnectionRow, *, full: bool, dry_run: bool) -> tuple[bool, ...]:
    """The reads to make, and whether each is a complete one.

    What changed comes before a complete read: of that alone a CRM is asked for the history of stages, and the complete
    one moves the place from where changes are read beyond it.
    """
    with app.store.read() as tx:
        stream = store.load_stream(tx, connection.id, store.DEALS)
    is_begun = stream is not None and stream.checkpoint is not None and stream.full_run_id is not None
    is_first = store.watermark_of(stream) is None
    return (full,) if not full or dry_run or is_begun or is_first else (False, True)


def _read(
    app: App,
    connector: Connector,
    connection: ConnectionRow,
    run_id: int,
    *,
    full: bool,
    dry_run: bool,
    today: date,
    report: SyncReport,
) -> Iterator[Page]:
    """Follow the stream of deals; each helping of pages is saved with its checkpoint while the next is read.

    A complete read is over only when it is reconciled: until then its last place stays the one before its end, or a
    crash in between would leave what vanished from the CRM standing for ever.
    """
    page = Page(deals=())
    since, full_run_id = _starting_point(app, connection, run_id, full=full)
    spool = Spool(app.settings.home, connection)

    def read(place: Watermark | Checkpoint | None) -> Iterator[Page]:
        return dated(connector.changed_deals(place), app.now)

    begun_at = since if isinstance(since, Checkpoint) else None
    helpings = read_ahead(read(since) if dry_run else spool.pages(since, read), begun_at)
    for helping, ahead in _with_meanings(app, connection, helpings, dry_run=dry_run, today=today):
        report.counts += _take(
            app, connection, helping, report, full_run_id=full_run_id, dry_run=dry_run, today=today, ahead=ahead
        )
        page = replace(helping, deals=())
        del helping, ahead  # they are saved; kept, they would take as much room again while the next is waited for
        if not dry_run and page.checkpoint is not None:
            spool.saved(page)
        yield page
    if full_run_id is not None and not dry_run:
        report.counts += reconcile(app, connector, connection, full_run_id, today, report)
        _save_place(app, connection, page, full_run_id)
    if not dry_run:
        spool.clear()


def _with_meanings(
    app: App, connection: ConnectionRow, helpings: Iterator[Page], *, dry_run: bool, today: date
) -> Iterator[tuple[Page, Ahead | None]]:
    """A read of all that is there for the first time is worked on by two cores; later ones find little that is new."""
    if dry_run or connection.last_sync_at is not None:
        return ((page, None) for page in helpings)
    with app.store.begin() as tx:
        mapping_text, policy_text = app.documents(tx)
    reading = Reading(mapping_text=mapping_text, policy_text=policy_text, today=today, connection=connection.name)
    return with_meanings(helpings, reading)


def _starting_point(
    app: App, connection: ConnectionRow, run_id: int, *, full: bool
) -> tuple[Watermark | Checkpoint | None, int | None]:
    """Where to read from, and the run that marks a complete read (None for an incremental one)."""
    with app.store.read() as tx:
        stream = store.load_stream(tx, connection.id, store.DEALS)
    if stream is not None and stream.checkpoint is not None and (stream.full_run_id or not full):
        return Checkpoint(cursor=stream.checkpoint), stream.full_run_id
    mark = store.watermark_of(stream)
    return (None, run_id) if full or mark is None else (mark, None)


def _take(
    app: App,
    connection: ConnectionRow,
    page: Page,
    report: SyncReport,
    *,
    full_run_id: int | None,
    dry_run: bool,
    today: date,
    ahead: Ahead | None,
) -> IngestCounts:
    is_planned = _is_first_of_live(connection)
    if dry_run:
        looked = look_at_deals(app, connection, page.deals, today=today, read_at=page.read_at)
        report.failures += looked.failures
        return looked.counts

    def save_place(tx: Session) -> None:
        note_unreadable(tx, app, connection, page.unreadable)
        if full_run_id is None or page.checkpoint is not None:
            _save_place_in(tx, connection, page, full_run_id, app.now())

    taken = take_deals(
        app,
        connection,
        page.deals,
        today=today,
        run_id=full_run_id,
        is_planned=is_planned,
        read_at=page.read_at,
        ahead=ahead,
        then=save_place,
    )
    report.failures += taken.failures
    return taken.counts


def _save_place(app: App, connection: ConnectionRow, page: Page, full_run_id: int | None) -> None:
    with app.store.begin() as tx:
        _save_place_in(tx, connection, page, full_run_id, app.now())


def _save_place_in(tx: Session, connection: ConnectionRow, page: Page, full_run_id: int | None, now: datetime) -> None:
    if page.watermark is not None:
        store.save_watermark(tx, connection.id, store.DEALS, page.watermark, now)
    store.save_checkpoint(tx, connection.id, store.DEALS, page.checkpoint, full_run_id=full_run_id, now=now)


def _is_first_of_live(connection: ConnectionRow) -> bool:
    """Whether this is the first read of a connection that was told to skip the hold: it brings the whole book."""
    return connection.state == ConnectionState.LIVE and connection.last_sync_at is None


def _finish(app: App, report: SyncReport, calls: CallCount, run_id: int, *, error: str | None) -> None:
    counts = {**asdict(report.counts), "written": report.written, "failed": report.failed}
    with app.store.begin() as tx:
        finish_run(tx, run_id, counts=counts, calls=calls.by_kind, now=app.now(), error=error)
