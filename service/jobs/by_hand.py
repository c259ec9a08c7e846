"""What people do without waiting for a worker: run what is due, or decide about reminders here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connectors.errors import ConnectorError, NeedsReconnect
from service.bootstrap import App
from service.connections.state import needs_reconnect
from service.errors import RekindleError, UsageFault
from service.reminders import actions
from service.store.connections import all_connections
from service.store.models import ConnectionRow, ConnectionState
from service.sync.writeback import write_cycle


@dataclass(slots=True)
class RunReport:
    """What one run of the due reminders came to."""

    due: int = 0
    intended: int = 0
    written: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object of `reminders run --json`."""
        return {
            "due": self.due,
            "intended": self.intended,
            "written": self.written,
            "failed": self.failed,
            "failures": self.failures,
        }


def run_due(app: App) -> RunReport:
    """What is due at every connection, marked and written once. A connection that fails does not stop the others."""
    report = RunReport()
    with app.store.read() as tx:
        connections = [one for one in all_connections(tx) if one.state == ConnectionState.LIVE]
    for connection in connections:
        try:
            _run_at(app, connection, report)
        except (ConnectorError, RekindleError) as error:
            says = str(error)
            report.failures.append(says if says.startswith(connection.name) else f"{connection.name}: {says}")
    return report


def decide(app: App, ids: Collection[int], action: str, *, who: str, until: date | None = None) -> frozenset[int]:
    """Which of these reminders could be changed; see `service.reminders.actions.decide`. Raises UsageFault."""
    try:
        with app.store.begin() as tx:
            return actions.decide(tx, ids, actions.Action(action), who=who, until=until, now=app.now())
    except actions.PastDayError as error:
        raise UsageFault(str(error), remedy="Name today or later.") from error


def snoozed_to(app: App, ids: Collection[int], until: date) -> dict[date, list[int]]:
    """On which day each of them comes back: a weekend or holiday where the account is gives way to the next day."""
    with app.store.read() as tx:
        return actions.snooze_days(tx, ids, until)


def _run_at(app: App, connection: ConnectionRow, report: RunReport) -> None:
    connector, _ = app.connector(connection)
    try:
        done = write_cycle(app, connector, connection.name, today=app.today(connection))
    except NeedsReconnect as refused:
        needs_reconnect(app, connection.name, str(refused))
        raise
    report.due += done.counts["intended_due"]
    report.intended += done.counts["intended_written"]
    report.written += done.written
    report.failed += done.failed
    report.failures += done.failures
