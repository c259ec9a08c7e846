"""One HubSpot portal as a `Connector`: each method hands over to the module that is about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.base import (
    AccountActivity,
    Capability,
    Checkpoint,
    Credentials,
    DealConsent,
    DealState,
    Description,
    Done,
    FieldChange,
    Health,
    Kit,
    MonthCount,
    Page,
    Settings,
    TaskChange,
    TaskKey,
    TaskOutcome,
    TaskRef,
    TaskState,
    Watermark,
    WriteFailure,
)
from connectors.errors import ConnectorError
from connectors.hubspot.activity import Activity
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.consent import Consent
from connectors.hubspot.field_writes import FieldWriter
from connectors.hubspot.health import DEALS_SCOPE, TASKS_SCOPE, HealthChecks
from connectors.hubspot.ledger import Ledger
from connectors.hubspot.portal import Portal
from connectors.hubspot.reads import DealReader
from connectors.hubspot.task_reads import TaskReader
from connectors.hubspot.task_writes import TaskWriter
from mappings.model import DealKey


class HubSpotConnector:
    """One portal behind one token. Opening it sends nothing."""

    def __init__(self, settings: Settings, credentials: Credentials, kit: Kit) -> None:
        self._settings = settings
        self._kit = kit
        self._client = HubSpotClient(settings, credentials, kit)
        self._portal = Portal(self._client, settings)
        self._tasks = TaskReader(self._client, self._portal)

    def check(self) -> Health:
        """See `Connector.check`."""
        return HealthChecks(self._client, Portal(self._client, self._settings), self._settings).run()

    def describe(self) -> Description:
        """See `Connector.describe`. Always asks anew."""
        portal = self._portal = Portal(self._client, self._settings)
        self._tasks = TaskReader(self._client, portal)
        account_id = portal.checked_id()
        stages = tuple(portal.stages().values())
        fields = portal.field_infos()
        owners = portal.owners
        capabilities = self._capabilities()
        warnings = tuple(portal.warnings)
        portal.warnings.clear()
        return Description(
            account_id=account_id,
            account_name=f"HubSpot portal {account_id}",
            zone=portal.zone.key,
            currency=portal.currency,
            fields=fields,
            stages=stages,
            owners=owners,
            capabilities=capabilities,
            warnings=warnings,
            other_ids=portal.marks,
            found_options={"api_version": self._client.paths.version} if self._client.has_changed_version else {},
        )

    def changed_deals(self, since: Watermark | Checkpoint | None, /) -> Iterator[Page]:
        """See `Connector.changed_deals`."""
        return DealReader(self._client, self._portal, self._kit).changed(since)

    def get_deals(self, keys: Sequence[DealKey], /) -> Iterator[DealState]:
        """See `Connector.get_deals`."""
        return DealReader(self._client, self._portal, self._kit).by_id(keys)

    def count_lost(self) -> Iterator[MonthCount]:
        """See `Connector.count_lost`."""
        return Ledger(self._client, self._portal).months()

    def count_lost_total(self) -> int:
        """All closed-lost deals in one call: enough to see that the ledger still balances."""
        return Ledger(self._client, self._portal).total()

    def account_activity(self, account_ids: Sequence[str], /) -> Iterator[AccountActivity]:
        """See `Connector.account_activity`."""
        return Activity(self._client, self._portal, self._kit).of(account_ids)

    def read_consent(self, keys: Sequence[DealKey], /) -> Iterator[DealConsent]:
        """See `Connector.read_consent`."""
        return Consent(self._client, self._portal, self._kit.now()).of(keys)

    def find_tasks(self, keys: Sequence[TaskKey], /) -> Iterator[TaskRef]:
        """See `Connector.find_tasks`."""
        return self._tasks.find(keys)

    def write_tasks(self, changes: Sequence[TaskChange], /) -> Iterator[TaskOutcome]:
        """See `Connector.write_tasks`."""
        return TaskWriter(self._client, self._portal, self._tasks).write(changes)

    def changed_tasks(self, _since: Watermark | None, refs: Sequence[TaskRef], /) -> Iterator[TaskState]:
        """See `Connector.changed_tasks`. All are read by id: the index lags and never shows what was deleted."""
        return self._tasks.changed(refs)

    def write_fields(self, changes: Sequence[FieldChange], /) -> Iterator[Done | WriteFailure]:
        """See `Connector.write_fields`."""
        return FieldWriter(self._client, self._portal).write(changes)

    def deal_url(self, key: DealKey, /) -> str:
        """The deal's page. HubSpot leads from here to the region of the portal."""
        return f"https://app.hubspot.com/contacts/{key.account_id}/record/0-3/{key.deal_id}"

    def _capabilities(self) -> frozenset[Capability]:
        """What the token's scopes allow. Where they cannot be read, everything: a refusal will tell."""
        everything = frozenset({Capability.WRITE_TASKS, Capability.WRITE_DEAL_FIELDS, Capability.WEBHOOKS})
        try:
            scopes = self._client.token_info(kind="describe").get("scopes")
        except ConnectorError:
            return everything
        if not isinstance(scopes, list) or not scopes:
            return everything
        denied = {
            capability
            for scope, capability in (
                (TASKS_SCOPE, Capability.WRITE_TASKS),
                (DEALS_SCOPE, Capability.WRITE_DEAL_FIELDS),
            )
            if scope not in scopes
        }
        return everything - denied


def open_portal(settings: Settings, credentials: Credentials, kit: Kit) -> HubSpotConnector:
    """A connector for one portal; nothing is sent yet."""
    return HubSpotConnector(settings, credentials, kit)
