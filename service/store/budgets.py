"""Where the limits of a connection's CRM are kept, so that all its processes keep to them together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Select, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from connectors.budget import Window
from service.store.codec import from_record, to_record
from service.store.models import BudgetRow
from service.store.session import Store

T = TypeVar("T")


class StoredWindows:
    """The windows of one connection. Implements the connectors' Windows; a change is one short transaction."""

    def __init__(self, store: Store, connection_id: int) -> None:
        self._store = store
        self._connection_id = connection_id

    def change(self, name: str, change: Callable[[Window], tuple[Window, T]], /) -> T:
        """See Windows.change."""
        with self._store.begin() as tx:
            window, given = change(self._locked(tx, name))
            where = (BudgetRow.connection_id == self._connection_id, BudgetRow.name == name)
            tx.execute(
                update(BudgetRow).where(*where).values(record=to_record(window)),
                execution_options={"synchronize_session": False},
            )
        return given

    def load(self, name: str, /) -> Window:
        """See Windows.load."""
        with self._store.read() as tx:
            record = tx.scalar(self._record_of(name))
        return from_record(record, Window) if record else Window()

    def _locked(self, tx: Session, name: str) -> Window:
        record = tx.scalar(self._record_of(name).with_for_update())
        if record is None:  # two processes may find none: the second waits for the first one's row
            insert = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
            empty = {"connection_id": self._connection_id, "name": name, "record": to_record(Window())}
            tx.execute(insert(BudgetRow).values(empty).on_conflict_do_nothing())
            record = tx.scalar(self._record_of(name).with_for_update())
        return from_record(record, Window) if record else Window()

    def _record_of(self, name: str) -> Select[tuple[dict[str, Any]]]:
        return select(BudgetRow.record).where(BudgetRow.connection_id == self._connection_id, BudgetRow.name == name)


def windows_of(tx: Session, connection_id: int) -> dict[str, Window]:
    """Every limit of a connection as it stands, by name."""
    rows = tx.execute(
        select(BudgetRow.name, BudgetRow.record)
        .where(BudgetRow.connection_id == connection_id)
        .order_by(BudgetRow.name)
    )
    return {name: from_record(record, Window) for name, record in rows}
