"""The promise that a connector raises ConnectorError and nothing else, kept for it.

A fault in a connector's own code would otherwise pass for one of the caller's: it would stop the other connections of
a sync, and leave writes under way for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from connectors.base import (
    AccountActivity,
    Checkpoint,
    Connector,
    DealConsent,
    DealState,
    Description,
    Done,
    FieldChange,
    Health,
    MonthCount,
    Page,
    TaskChange,
    TaskKey,
    TaskOutcome,
    TaskRef,
    TaskState,
    Watermark,
    WriteFailure,
)
from connectors.errors import ConnectorError, ConnectorFault
from mappings.model import DealKey

T = TypeVar("T")


class GuardedConnector:
    """A connector whose unforeseen exceptions become ConnectorFault. `name` is the connection's."""

    def __init__(self, inner: Connector, *, name: str) -> None:
        self._inner = inner
        self._name = name

    def check(self) -> Health:
        """See Connector.check."""
        with self._guarding("checking"):
            return self._inner.check()

    def describe(self) -> Description:
        """See Connector.describe."""
        with self._guarding("describing the account"):
            return self._inner.describe()

    def changed_deals(self, since: Watermark | Checkpoint | None, /) -> Iterator[Page]:
        """See Connector.changed_deals."""
        return self._items("reading deals", lambda: self._inner.changed_deals(since))

    def get_deals(self, keys: Sequence[DealKey], /) -> Iterator[DealState]:
        """See Connector.get_deals."""
        return self._items("reading deals", lambda: self._inner.get_deals(keys))

    def count_lost(self) -> Iterator[MonthCount]:
        """See Connector.count_lost."""
        return self._items("counting deals", self._inner.count_lost)

    def count_lost_total(self) -> int | None:
        """See Connector.count_lost_total."""
        with self._guarding("counting deals"):
            return self._inner.count_lost_total()

    def account_activity(self, account_ids: Sequence[str], /) -> Iterator[AccountActivity]:
        """See Connector.account_activity."""
        return self._items("reading accounts", lambda: self._inner.account_activity(account_ids))

    def read_consent(self, keys: Sequence[DealKey], /) -> Iterator[DealConsent]:
        """See Connector.read_consent."""
        return self._items("reading who may be contacted", lambda: self._inner.read_consent(keys))

    def find_tasks(self, keys: Sequence[TaskKey], /) -> Iterator[TaskRef]:
        """See Connector.find_tasks."""
        return self._items("looking for tasks", lambda: self._inner.find_tasks(keys))

    def write_tasks(self, changes: Sequence[TaskChange], /) -> Iterator[TaskOutcome]:
        """See Connector.write_tasks."""
        return self._items("writing tasks", lambda: self._inner.write_tasks(changes))

    def changed_tasks(self, since: Watermark | None, refs: Sequence[TaskRef], /) -> Iterator[TaskState]:
        """See Connector.changed_tasks."""
        return self._items("reading tasks", lambda: self._inner.changed_tasks(since, refs))

    def write_fields(self, changes: Sequence[FieldChange], /) -> Iterator[Done | WriteFailure]:
        """See Connector.write_fields."""
        return self._items("writing fields", lambda: self._inner.write_fields(changes))

    def deal_url(self, key: DealKey, /) -> str:
        """See Connector.deal_url."""
        with self._guarding("naming a deal's page"):
            return self._inner.deal_url(key)

    def _items(self, doing: str, call: Callable[[], Iterator[T]]) -> Iterator[T]:
        with self._guarding(doing):
            yield from call()

    @contextmanager
    def _guarding(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (ConnectorError, GeneratorExit):
            raise
        except Exception as error:
            raise ConnectorFault(
                # The exception's own words may hold a body or a token; its kind and place hold neither.
                f"{self._name}: the connector failed while {doing} ({type(error).__name__} in {_place(error)}).",
                remedy="This is a fault of the connector, not of the CRM; update it, or report this line.",
            ) from error


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "an unknown place"
