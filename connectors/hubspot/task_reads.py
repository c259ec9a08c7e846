"""Our tasks as HubSpot holds them now: found by their keys, and read back by id. Never by search, whose index lags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.base import TaskKey, TaskRef, TaskState, TaskStatus
from connectors.hubspot.answers import Json
from connectors.hubspot.batches import read_by_ids, read_links
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.portal import Portal
from connectors.hubspot.queries import MODIFIED, TASK_PROPERTIES
from connectors.hubspot.tasks import keys_in, ref_of, snapshot_of
from connectors.hubspot.values import instant_of


class TaskReader:
    """Reads one portal's tasks."""

    def __init__(self, client: HubSpotClient, portal: Portal) -> None:
        self._client = client
        self._portal = portal

    def find(self, keys: Sequence[TaskKey]) -> Iterator[TaskRef]:
        """The live tasks that carry these keys, by way of the deals they hang on; a double gives both."""
        if not keys:
            return
        wanted = {key.key: key for key in keys}
        deal_ids = [key.deal.deal_id for key in keys]
        links = read_links(self._client, "deals", "tasks", deal_ids, kind="readback")
        task_ids = [link.to_id for found in links.values() for link in found]
        zone = self._portal.zone
        for row in self.rows(task_ids):
            body = snapshot_of(row.get("properties") or {}, zone).body
            for key in keys_in(body, wanted):
                yield ref_of(wanted[key], row, zone)

    def changed(self, refs: Sequence[TaskRef]) -> Iterator[TaskState]:
        """The present state of these tasks. One that is not there any more was deleted."""
        if not refs:
            return
        zone = self._portal.zone
        ids = list(dict.fromkeys(ref.task_id for ref in refs))
        present: set[str] = set()
        for row in self.rows(ids):
            properties = row.get("properties") or {}
            snapshot = snapshot_of(properties, zone)
            present.add(str(row["id"]))
            yield TaskState(
                task_id=str(row["id"]),
                status=snapshot.status,
                snapshot=snapshot,
                modified_at=instant_of(properties.get(MODIFIED)) or instant_of(row.get("updatedAt")),
            )
        for task_id in ids:
            if task_id not in present:
                yield TaskState(task_id=task_id, status=TaskStatus.DELETED)

    def rows(self, task_ids: Sequence[str]) -> Iterator[Json]:
        """The rows of the tasks that are not deleted."""
        for row in read_by_ids(self._client, "tasks", task_ids, TASK_PROPERTIES, kind="readback"):
            if not row.get("archived"):
                yield row
