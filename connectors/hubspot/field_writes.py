"""Writing properties of deals, a hundred deals a request, each with its own outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.base import Done, FieldChange, WriteFailure
from connectors.errors import ConnectorError, NeedsReconnect, RateLimited, UntrustedCertificate
from connectors.hubspot.answers import Json
from connectors.hubspot.batches import change_rows
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.portal import Portal
from connectors.hubspot.queries import BATCH_LIMIT
from connectors.hubspot.tasks import due_text, rows_of
from connectors.hubspot.values import plain_day_of, text_of

_HOPELESS = (NeedsReconnect, UntrustedCertificate, RateLimited)


class FieldWriter:
    """Writes one portal's deals."""

    def __init__(self, client: HubSpotClient, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def write(self, changes: Sequence[FieldChange]) -> Iterator[Done | WriteFailure]:
        """One outcome for each change, in order."""
        wall: ConnectorError | None = None
        for window in _windows(changes):
            rows = [wall] * len(window) if wall else self._send(window)
            for change, row in zip(window, rows, strict=True):
                if isinstance(row, ConnectorError):
                    wall = row if isinstance(row, _HOPELESS) else wall
                    yield WriteFailure(key=None, deal=change.deal, error=row)
                else:
                    yield Done(deal=change.deal)

    def _send(self, window: Sequence[FieldChange]) -> Sequence[Json | ConnectorError]:
        try:
            definitions = self._portal.definitions("deals") or {}
            inputs = [
                {
                    "id": change.deal.deal_id,
                    "properties": {
                        name: self._spelled(value, definitions.get(name)) for name, value in change.values.items()
                    },
                    "objectWriteTraceId": f"row-{index}",
                }
                for index, change in enumerate(window)
            ]
        except ConnectorError as error:
            return [error] * len(window)
        return change_rows(self._client, self._client.paths.batch("deals", "update"), inputs)

    def _spelled(self, value: str | None, definition: Mapping[str, object] | None) -> str:
        """A value as the property takes it: an option by its value where its label was given, an instant for a day.

        What fits no option is sent as it is: HubSpot's refusal says more than ours could.
        """
        if value is None:
            return ""
        told: Json = dict(definition or {})
        if told.get("type") == "datetime" and (day := plain_day_of(value)):
            return due_text(day, self._portal.zone)
        options = [(text_of(row.get("value")), text_of(row.get("label"))) for row in rows_of(told, "options")]
        if not options or value in {option for option, _ in options}:
            return value
        folded = value.casefold()
        fitting = [option for option, label in options if folded in {option.casefold(), label.casefold()}]
        return fitting[0] if fitting else value


def _windows(changes: Sequence[FieldChange]) -> Iterator[list[FieldChange]]:
    """Up to a batch of changes in order, in which no deal stands twice."""
    window: list[FieldChange] = []
    for change in changes:
        if len(window) == BATCH_LIMIT or any(change.deal == other.deal for other in window):
            yield window
            window = []
        window.append(change)
    if window:
        yield window
