"""Writing tasks: each change gets its own outcome, and nothing that may have happened is sent again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.base import (
    CloseTask,
    CreateTask,
    DeleteTask,
    ReopenTask,
    TaskChange,
    TaskOutcome,
    TaskRef,
    TaskSnapshot,
    TaskStatus,
    UpdateTask,
    WriteFailure,
)
from connectors.errors import (
    ConnectorError,
    Gone,
    NeedsReconnect,
    RateLimited,
    Rejected,
    ServerError,
    Unclear,
    UntrustedCertificate,
)
from connectors.hubspot.answers import Json
from connectors.hubspot.batches import change_rows, error_of_row, read_links
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.portal import Portal
from connectors.hubspot.queries import BATCH_LIMIT
from connectors.hubspot.task_reads import TaskReader
from connectors.hubspot.tasks import (
    COMPLETED,
    create_input,
    is_error,
    match_created,
    noted_body,
    ref_of,
    rows_of,
    update_properties,
)
from connectors.hubspot.values import text_of

Change = UpdateTask | CloseTask | ReopenTask
Outcomes = list[TaskOutcome]
_HOPELESS = (NeedsReconnect, UntrustedCertificate, RateLimited)
"""After one of these the rest of the changes would only meet the same wall."""


class TaskWriter:
    """Writes one portal's tasks."""

    def __init__(self, client: HubSpotClient, portal: Portal, reader: TaskReader) -> None:
        self._client = client
        self._portal = portal
        self._reader = reader

    def write(self, changes: Sequence[TaskChange]) -> Iterator[TaskOutcome]:
        """One outcome for each change, in order; never raises for what a change can be told."""
        wall: ConnectorError | None = None
        for window in _windows(changes):
            if wall is not None:
                yield from _failures(window, wall)
                continue
            outcomes = self._write_window(window)
            yield from outcomes
            met = [each.error for each in outcomes if isinstance(each, WriteFailure)]
            wall = next((error for error in met if isinstance(error, _HOPELESS)), None)

    def _write_window(self, window: Sequence[TaskChange]) -> Outcomes:
        """Creations, then changes, then deletions; the outcomes in the order of the window."""
        creates = [change for change in window if isinstance(change, CreateTask)]
        others = [change for change in window if isinstance(change, (UpdateTask, CloseTask, ReopenTask))]
        deletes = [change for change in window if isinstance(change, DeleteTask)]
        outcomes = [*self._create(creates), *self._change(others), *self._delete(deletes)]
        by_change = dict(zip(map(id, [*creates, *others, *deletes]), outcomes, strict=True))
        return [by_change[id(change)] for change in window]

    # --- creating -------------------------------------------------------------------------------------------

    def _create(self, creates: Sequence[CreateTask]) -> Outcomes:
        if not creates:
            return []
        try:
            zone = self._portal.zone
        except ConnectorError as error:
            return _failures(creates, error)
        inputs = [create_input(task, trace=f"row-{index}", zone=zone) for index, task in enumerate(creates)]
        outcomes = self._send_creates(creates, inputs)
        self._tie_to_deals([each for each in outcomes if isinstance(each, TaskRef)])
        return outcomes

    def _send_creates(self, creates: Sequence[CreateTask], inputs: Sequence[Json]) -> Outcomes:
        path = self._client.paths.batch("tasks", "create")
        try:
            told = self._client.create(path, {"inputs": list(inputs)})
        except Rejected as error:  # refused as a whole, so nothing was made: the bad rows are found by halving
            if len(creates) == 1:
                return _failures(creates, error)
            middle = len(creates) // 2
            first = self._send_creates(creates[:middle], inputs[:middle])
            return [*first, *self._send_creates(creates[middle:], inputs[middle:])]
        except ConnectorError as error:
            return _failures(creates, error)
        rows = match_created(inputs, self._with_bodies(told))
        return [self._created(task, each, row) for task, each, row in zip(creates, inputs, rows, strict=True)]

    def _with_bodies(self, told: Json) -> Json:
        """The answer with the bodies of its results, read back where they neither bear a trace nor a body."""
        nameless = [
            str(row.get("id"))
            for row in rows_of(told, "results")
            if not row.get("objectWriteTraceId") and not (row.get("properties") or {}).get("hs_task_body")
        ]
        if not nameless:
            return told
        try:
            read = {str(row["id"]): row for row in self._reader.rows(nameless)}
        except ConnectorError:
            return told
        return {**told, "results": [read.get(str(row.get("id")), row) for row in rows_of(told, "results")]}

    def _created(self, task: CreateTask, sent: Json, row: Json | None) -> TaskOutcome:
        if row is None:
            return _failure(task, Unclear(f"{self._client.where}: HubSpot does not say whether the task was made."))
        if is_error(row):
            error = error_of_row(row, self._client.where)
            return _failure(task, Unclear(str(error)) if isinstance(error, ServerError) else error)
        return ref_of(task.key, row, self._portal.zone, sent=sent["properties"])

    def _tie_to_deals(self, refs: Sequence[TaskRef]) -> None:
        """Check that the new tasks hang on their deals, and tie those that do not.

        HubSpot has been seen to create tasks without the associations asked for; such a task could never be found
        again. Where this fails the task stands all the same, and the next look says what is missing.
        """
        if not refs:
            return
        try:
            links = read_links(self._client, "deals", "tasks", [ref.key.deal.deal_id for ref in refs], kind="readback")
            tied = {(deal_id, link.to_id) for deal_id, found in links.items() for link in found}
            loose = [ref for ref in refs if (ref.key.deal.deal_id, ref.task_id) not in tied]
            if loose:
                path = self._client.paths.associations("tasks", "deals", "associate/default")
                ends = [{"from": {"id": ref.task_id}, "to": {"id": ref.key.deal.deal_id}} for ref in loose]
                self._client.change(path, {"inputs": ends})
        except ConnectorError:
            return

    # --- changing -------------------------------------------------------------------------------------------

    def _change(self, changes: Sequence[Change]) -> Outcomes:
        """Updates, completions and reopenings. What stands there is read first: a note goes in front of it."""
        if not changes:
            return []
        try:
            standing = {str(row["id"]): row for row in self._reader.rows([change.task_id for change in changes])}
            sent = [self._properties(change, standing.get(change.task_id)) for change in changes]
        except ConnectorError as error:
            return _failures(changes, error)
        inputs = [
            {"id": change.task_id, "properties": properties, "objectWriteTraceId": f"row-{index}"}
            for index, (change, properties) in enumerate(zip(changes, sent, strict=True))
            if properties and change.task_id in standing
        ]
        path = self._client.paths.batch("tasks", "update")
        rows = dict(zip((each["id"] for each in inputs), change_rows(self._client, path, inputs), strict=True))
        return [
            self._changed(change, properties, standing.get(change.task_id), rows.get(change.task_id))
            for change, properties in zip(changes, sent, strict=True)
        ]

    def _properties(self, change: Change, standing: Json | None) -> dict[str, str]:
        if not isinstance(change, CloseTask):
            return update_properties(change, zone=self._portal.zone)
        body = text_of(((standing or {}).get("properties") or {}).get("hs_task_body"))
        return {"hs_task_status": COMPLETED, "hs_task_body": noted_body(body, change.note)}

    def _changed(
        self, change: Change, sent: dict[str, str], standing: Json | None, row: Json | ConnectorError | None
    ) -> TaskOutcome:
        if standing is None:
            return _failure(change, Gone(f"{self._client.where}: the task does not exist in HubSpot any more."))
        if isinstance(row, ConnectorError):
            return _failure(change, row)
        before = standing.get("properties") or {}
        return ref_of(change.key, {**standing, **(row or {})}, self._portal.zone, sent={**before, **sent})

    # --- deleting -------------------------------------------------------------------------------------------

    def _delete(self, deletes: Sequence[DeleteTask]) -> Outcomes:
        if not deletes:
            return []
        path = self._client.paths.batch("tasks", "archive")
        try:
            self._client.change(path, {"inputs": [{"id": change.task_id} for change in deletes]})
        except (Rejected, Gone) as error:
            if len(deletes) > 1:
                return [outcome for change in deletes for outcome in self._delete([change])]
            return [_deleted(deletes[0])] if isinstance(error, Gone) else _failures(deletes, error)
        except ConnectorError as error:
            return _failures(deletes, error)
        return [_deleted(change) for change in deletes]


def _windows(changes: Sequence[TaskChange]) -> Iterator[list[TaskChange]]:
    """Up to a batch of changes in order, in which no task stands twice."""
    window: list[TaskChange] = []
    ids: set[str] = set()
    for change in changes:
        task_id = "" if isinstance(change, CreateTask) else change.task_id
        if len(window) == BATCH_LIMIT or (task_id and task_id in ids):
            yield window
            window, ids = [], set()
        window.append(change)
        ids.add(task_id)
    if window:
        yield window


def _failure(change: TaskChange, error: ConnectorError) -> WriteFailure:
    return WriteFailure(key=change.key, deal=change.key.deal, error=error)


def _failures(changes: Sequence[TaskChange], error: ConnectorError) -> Outcomes:
    return [_failure(change, error) for change in changes]


def _deleted(change: DeleteTask) -> TaskRef:
    gone = TaskSnapshot(subject="", body="", due_on=None, owner_id=None, status=TaskStatus.DELETED)
    return TaskRef(key=change.key, task_id=change.task_id, snapshot=gone)
