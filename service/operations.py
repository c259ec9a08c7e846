"""What an admin does to a connection as a whole: go live, hold, undo, leave. Each takes the sync's place meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from connectors.base import Connector
from connectors.errors import ConnectorError, NeedsReconnect
from service.bootstrap import App
from service.connections.leaving import begin_leaving, refuse_with_tasks
from service.connections.state import needs_reconnect, refuse_without_credentials
from service.errors import Busy, RekindleError, UsageFault
from service.golive.hold import hold as put_on_hold
from service.golive.live import go_live as begin_writing
from service.golive.live import preview_go_live
from service.golive.report import GoLiveReport, GoLiveRequest, UnknownOwnerError
from service.golive.undo import UndoReport, preview_undo
from service.golive.undo import undo as take_back
from service.keeping.person import Person, Removal, delete_person
from service.losses.rules import Rules
from service.store.connections import all_connections, connection_named
from service.store.models import ConnectionRow, ConnectionState
from service.store.reminders import lock_connection
from service.store.runs import finish_run, start_run
from service.sync.lease import sync_lease
from service.sync.spool import Spool
from service.sync.writeback import (
    WriteReport,
    given_up_since,
    outbox_settings,
    put_off,
    send,
    take_over_edits,
    write_cycle,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A connection opened for one operation."""

    app: App
    connection: ConnectionRow
    connector: Connector
    rules: Rules
    counts: dict[str, int] = field(default_factory=dict)


def announce(app: App, name: str, request: GoLiveRequest) -> GoLiveReport:
    """What going live would write now. Writes nothing."""
    with _open(app, name, kind=None) as desk:
        return _planned(desk, preview_go_live, request)


def go_live(app: App, name: str, request: GoLiveRequest) -> tuple[GoLiveReport, WriteReport]:
    """Let a connection write, and write what that brings: the announcement, and what became of it."""
    with _open(app, name, kind="go-live") as desk:
        began = app.now()
        report = _planned(desk, begin_writing, request)
        written = _drain(desk, began)
        desk.counts.update(deals=report.deals, written=written.written, failed=written.failed)
        return report, written


def hold(app: App, name: str, *, who: str = "admin", why: str = "Put on hold.") -> None:
    """Stop all writes of a connection at once."""
    with app.store.read() as tx:
        connection = connection_named(tx, name)
    put_on_hold(app.store, connection.id, who=who, why=why, now=app.now())


def announce_undo(app: App, name: str, *, since: datetime | None) -> UndoReport:
    """What an undo would take back, and what it would leave. Changes nothing."""
    with _open(app, name, kind=None) as desk:
        return preview_undo(app.store, desk.connector, desk.connection.id, since=since)


def undo(app: App, name: str, *, since: datetime | None) -> UndoReport:
    """Put a connection on hold and take back what was written since then (None: everything)."""
    with _open(app, name, kind="undo") as desk:
        report = take_back(
            app.store,
            desk.connector,
            desk.connection.id,
            since=since,
            clock=app.now,
            sleep=app.sleep,
            settings=outbox_settings(app),
        )
        desk.counts.update(
            tasks_deleted=report.tasks_deleted,
            fields_restored=report.fields_restored,
            left_alone=len(report.touched),
            unsettled=report.unsettled,
            failed=report.failed,
        )
        return report


def remove(app: App, name: str) -> int:
    """Take a connection away; how many deals of it are left to `finish_leaving`.

    Raises UsageFault while tasks of ours are open in its CRM.
    """
    return _leave(app, name, refuse_with_tasks)


def leave(app: App, name: str) -> int:
    """The same, leaving what was written to its CRM there: its open tasks are plain tasks from now on."""
    return _leave(app, name, lambda _tx, _row: None)


def _leave(app: App, name: str, refuse: Callable[[Session, ConnectionRow], None]) -> int:
    """Nothing reads or writes it meanwhile."""
    with app.store.read() as tx:
        connection = connection_named(tx, name)
    with sync_lease(app, connection.id, name), app.store.begin() as tx:
        row = lock_connection(tx, connection.id)
        refuse(tx, row)
        left = begin_leaving(tx, row, now=app.now())
    Spool(app.settings.home, connection).clear()
    return left


def remove_person(app: App, person: Person) -> Removal:
    """Take a person out of all that is stored, pages that wait on disk included. Nothing is read meanwhile.

    Raises Busy while a connection is being read, UsageFault for somebody who may sign in here.
    """
    with app.store.read() as tx:
        connections = all_connections(tx)
    with ExitStack() as held:
        for one in connections:
            held.enter_context(sync_lease(app, one.id, one.name))
        for one in connections:
            Spool(app.settings.home, one).clear()
        return delete_person(app.store, person)


def write_planned(app: App) -> tuple[int, list[str]]:
    """Write what a publication brought, on every live connection: how many writes, and a line for what was not done.

    A connection that another process works on is left to it.
    """
    with app.store.read() as tx:
        names = [one.name for one in all_connections(tx) if one.state == ConnectionState.LIVE]
    written = 0
    failures: list[str] = []
    for name in names:
        try:
            with _open(app, name, kind="write") as desk:
                today = app.today(desk.connection)
                take_over_edits(app, desk.connector, desk.connection, today=today)
                report = write_cycle(app, desk.connector, name, today=today)
            written += report.written
            failures += report.failures
        except Busy:
            continue
        except (ConnectorError, RekindleError) as error:
            failures.append(f"{name}: what was planned is not written yet: {error}")
    return written, failures


def _planned(desk: Desk, act: Callable[..., GoLiveReport], request: GoLiveRequest) -> GoLiveReport:
    try:
        return act(
            desk.app.store,
            desk.connector,
            desk.connection.id,
            request,
            replan=desk.rules.replan,
            knowledge=desk.rules.knowledge,
            today=desk.app.today(desk.connection),
            now=desk.app.now(),
        )
    except UnknownOwnerError as error:
        raise UsageFault(
            f"{desk.connection.name}: {error}", remedy="Give the e-mail address of a user of the CRM."
        ) from error


def _drain(desk: Desk, began: datetime) -> WriteReport:
    app = desk.app
    report = WriteReport()
    report.counts += send(app, desk.connector, desk.connection.id)
    with app.store.read() as tx:
        connection = connection_named(tx, desk.connection.name)
        report.failures += given_up_since(tx, connection, began) + put_off(tx, connection)
    return report


@contextmanager
def _open(app: App, name: str, *, kind: str | None) -> Iterator[Desk]:
    """The connection with its lease held; a run of that kind is recorded, and refused credentials are noted."""
    with app.store.begin() as tx:
        connection = connection_named(tx, name)
        rules = app.rules(tx)
    refuse_without_credentials(connection)
    with sync_lease(app, connection.id, name):
        connector, calls = app.connector(connection)
        run_id = _begin_run(app, kind, connection) if kind else None
        error: str | None = None
        counts: dict[str, int] = {}
        try:
            yield Desk(app=app, connection=connection, connector=connector, rules=rules, counts=counts)
        except NeedsReconnect as refused:
            error = str(refused)
            needs_reconnect(app, name, error)
            raise
        except (ConnectorError, RekindleError) as failed:
            error = str(failed)
            raise
        finally:
            if run_id is not None:
                with app.store.begin() as tx:
                    finish_run(tx, run_id, counts=counts, calls=calls.by_kind, now=app.now(), error=error)


def _begin_run(app: App, kind: str, connection: ConnectionRow) -> int:
    with app.store.begin() as tx:
        return start_run(tx, kind=kind, connection_id=connection.id, now=app.now())


def told(report: GoLiveReport, written: WriteReport | None) -> dict[str, Any]:
    """The object of `go-live --json`: the announcement, and what was written of it, if anything was."""
    done: dict[str, Any] = {"is_live": written is not None}
    if written is not None:
        done |= {"written": written.written, "failed": written.failed, "failures": written.failures}
    return {**report.as_json(), **done}
