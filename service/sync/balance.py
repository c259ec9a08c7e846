"""After each sync: do we hold as many lost deals as the CRM counts? A difference is part of the connection's health."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from connectors.base import Connector
from connectors.errors import ConnectorError, NeedsReconnect, Transient
from service.audit.ledger import LedgerLine, ledger
from service.bootstrap import App
from service.store.connections import LEDGER, connection_named, note_health
from service.store.models import ConnectionRow, DealRow, DealState

_NAMED = 6


def check_balance(app: App, connector: Connector, name: str, *, today: date) -> None:
    """Compare, and note it. One total where the CRM has a cheap one; by month on a difference, and once a day.

    What the CRM does not tell just now is left for the next sync: a count is no reason to fail one.
    """
    with app.store.read() as tx:
        connection = connection_named(tx, name)
        held = _held(tx, connection)
    is_due = connection.ledger_counted_on is not None and connection.ledger_counted_on < today
    try:
        total = None if is_due else connector.count_lost_total()
        if total is not None and total == held:
            _note(app, connection, ok=True, says=_balanced(held), today=today)
            return
        counted = list(connector.count_lost())
    except NeedsReconnect:
        raise
    except Transient:
        return
    except ConnectorError as error:
        _note(app, connection, ok=False, says=f"The CRM's own counts cannot be read: {error}", today=None)
        return
    with app.store.read() as tx:
        lines = ledger(tx, connection, counted)
    off = [line for line in lines if line.difference]
    says = _differences(name, off) if off else _balanced(sum(line.crm for line in lines))
    _note(app, connection, ok=not off, says=says, today=today)


def _held(tx: Session, connection: ConnectionRow) -> int:
    """The lost deals we hold, the excluded ones too. Uses ix_deals_close_month."""
    mine = (DealRow.connection_id == connection.id, DealRow.state == DealState.LOST)
    return tx.scalar(select(func.count()).where(*mine)) or 0


def _note(app: App, connection: ConnectionRow, *, ok: bool, says: str, today: date | None) -> None:
    with app.store.begin() as tx:
        note_health(tx, connection.id, LEDGER, ok=ok, says=says)
        if today is not None and connection.ledger_counted_on != today:
            tx.execute(
                update(ConnectionRow).where(ConnectionRow.id == connection.id).values(ledger_counted_on=today),
                execution_options={"synchronize_session": False},
            )


def _balanced(count: int) -> str:
    return f"We hold the {count} lost deals that the CRM counts."


def _differences(name: str, off: list[LedgerLine]) -> str:
    months = "; ".join(_difference(line) for line in off[-_NAMED:])
    more = f"; and {len(off) - _NAMED} earlier month(s)" if len(off) > _NAMED else ""
    return (
        f"The ledger does not balance: {months}{more}. Counts may run some minutes behind; if it stays so, "
        f"`rekindle sync {name} --full` reads everything again, and `rekindle audit --ledger` shows every month."
    )


def _difference(line: LedgerLine) -> str:
    excluded = sum(line.excluded.values())
    says = f"{line.month or 'without a date'}: the CRM counts {line.crm}, we hold {line.stored}"
    if excluded:
        says += f" and leave out {excluded}"
    if line.failed:
        says += f" (not taken: {', '.join(one['deal_id'] for one in line.failed)})"
    return says
