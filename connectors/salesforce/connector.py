"""One Salesforce org as a Connector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

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
    Owner,
    Page,
    Settings,
    Stage,
    TaskChange,
    TaskKey,
    TaskOutcome,
    TaskRef,
    TaskState,
    Watermark,
    WriteFailure,
)
from connectors.errors import MissingPermission, Rejected
from connectors.salesforce import activity, health
from connectors.salesforce.batches import BATCH, CollectionWriter, Written
from connectors.salesforce.client import Client
from connectors.salesforce.consent import read_consent
from connectors.salesforce.deals import DealReader
from connectors.salesforce.ids import long_id
from connectors.salesforce.oauth import is_safe_to_ask
from connectors.salesforce.org import Org
from connectors.salesforce.queries import in_parts
from connectors.salesforce.schema import ACCOUNT, ACCOUNT_PREFIX, OPPORTUNITY, TASK, SObject, field_infos
from connectors.salesforce.task_desk import TaskDesk
from connectors.salesforce.values import Record, as_text
from mappings.model import DealKey

_USER = ("Id", "Email", "Name", "IsActive", "ManagerId", "TimeZoneSidKey")


class SalesforceConnector:
    """See connectors.base.Connector. Making one does no I/O."""

    def __init__(self, settings: Settings, credentials: Credentials, kit: Kit) -> None:
        self._settings = settings
        self._client = Client(settings, credentials, kit)
        self._org = Org(settings, kit, self._client)
        self._deals = DealReader(self._org)
        self._desk = TaskDesk(self._org)
        self._writer = CollectionWriter(self._client, kit)

    def check(self) -> Health:
        """See Connector.check."""
        return health.check(self._org)

    def describe(self) -> Description:
        """See Connector.describe."""
        info = self._org.info()
        deals = self._org.describe(OPPORTUNITY)
        accounts = self._org.describe_optional(ACCOUNT)
        stages = self._stages(deals)
        owners = tuple(_owner(row) for row in self._org.read_optional("User", _USER, "UserType = 'Standard'"))
        warnings = list(self._org.layout().warnings)
        if not owners:
            warnings.append("Users cannot be read: tasks go to the deals' owners, active or not.")
        return Description(
            account_id=info.id,
            account_name=info.name,
            zone=info.zone,
            currency=info.currency,
            fields=field_infos(deals) + (field_infos(accounts, prefix=ACCOUNT_PREFIX) if accounts else ()),
            stages=stages,
            owners=owners,
            capabilities=self._capabilities(deals),
            warnings=tuple(warnings),
        )

    def changed_deals(self, since: Watermark | Checkpoint | None, /) -> Iterator[Page]:
        """See Connector.changed_deals."""
        return self._deals.changed(since)

    def get_deals(self, keys: Sequence[DealKey], /) -> Iterator[DealState]:
        """See Connector.get_deals."""
        return self._deals.get(keys)

    def count_lost(self) -> Iterator[MonthCount]:
        """See Connector.count_lost."""
        return activity.count_lost(self._org)

    def count_lost_total(self) -> int | None:
        """See Connector.count_lost_total: all months are one call."""
        return None

    def account_activity(self, account_ids: Sequence[str], /) -> Iterator[AccountActivity]:
        """See Connector.account_activity."""
        return activity.account_activity(self._org, account_ids)

    def read_consent(self, keys: Sequence[DealKey], /) -> Iterator[DealConsent]:
        """See Connector.read_consent."""
        return read_consent(self._org, keys)

    def find_tasks(self, keys: Sequence[TaskKey], /) -> Iterator[TaskRef]:
        """See Connector.find_tasks."""
        return self._desk.find(keys)

    def write_tasks(self, changes: Sequence[TaskChange], /) -> Iterator[TaskOutcome]:
        """See Connector.write_tasks."""
        return self._desk.write(changes)

    def changed_tasks(self, since: Watermark | None, refs: Sequence[TaskRef], /) -> Iterator[TaskState]:  # noqa: ARG002
        """See Connector.changed_tasks. All are read: only so is a task that was removed for good seen."""
        return self._desk.states(refs)

    def write_fields(self, changes: Sequence[FieldChange], /) -> Iterator[Done | WriteFailure]:
        """See Connector.write_fields."""
        for part in in_parts(changes, BATCH):
            yield from self._write_fields(part)

    def deal_url(self, key: DealKey, /) -> str:
        """See Connector.deal_url."""
        return f"{self._settings.url}/lightning/r/Opportunity/{key.deal_id}/view"

    # --- parts -----------------------------------------------------------------------------------------------

    def _write_fields(self, changes: Sequence[FieldChange]) -> list[Done | WriteFailure]:
        deals = self._org.describe(OPPORTUNITY)
        refused = [self._unwritable(change, deals) for change in changes]
        records: list[dict[str, Any]] = [
            {"attributes": {"type": OPPORTUNITY}, "id": long_id(change.deal.deal_id), **change.values}
            for change, failure in zip(changes, refused, strict=True)
            if failure is None
        ]
        results = iter(self._writer.update(records, doing="writing fields of deals"))
        outcomes: list[Done | WriteFailure] = []
        for change, failure in zip(changes, refused, strict=True):
            result = None if failure else next(results)
            if failure:
                outcomes.append(failure)
            elif isinstance(result, Written):
                outcomes.append(Done(deal=change.deal))
            elif result is not None:
                outcomes.append(WriteFailure(key=None, deal=change.deal, error=result.error))
        return outcomes

    def _unwritable(self, change: FieldChange, deals: SObject) -> WriteFailure | None:
        names = [name for name in change.values if not (name in deals.fields and deals.fields[name].updateable)]
        if not names:
            return None
        error = MissingPermission(
            f"{self._settings.name}: the fields {', '.join(names)} of deals cannot be written.",
            scope=", ".join(names),
            remedy="Give the integration user edit access to them, or map other fields.",
            is_general=True,
        )
        return WriteFailure(key=None, deal=change.deal, error=error)

    def _stages(self, deals: SObject) -> tuple[Stage, ...]:
        if stages := self._org.stages():
            return stages
        known = deals.fields.get("StageName")
        return tuple(Stage(id=value, label=label) for value, label in known.values) if known else ()

    def _capabilities(self, deals: SObject) -> frozenset[Capability]:
        tasks, key_field = self._org.describe_optional(TASK), self._org.key_field()
        has = {
            Capability.BULK_READ: True,
            Capability.WEBHOOKS: True,
            Capability.DELETED_LOG: deals.replicateable,
            Capability.WRITE_DEAL_FIELDS: deals.updateable,
            Capability.WRITE_TASKS: tasks is not None and tasks.createable,
            Capability.TASK_KEY_FIELD: key_field is not None and key_field.is_unique,
        }
        return frozenset(capability for capability, holds in has.items() if holds)


def open_salesforce(settings: Settings, credentials: Credentials, kit: Kit) -> SalesforceConnector:
    """A connector for the org at the instance URL. No I/O. Raises Rejected for an address that cannot be one."""
    return SalesforceConnector(_with_url(settings), credentials, kit)


def _with_url(settings: Settings) -> Settings:
    """Settings with the API's address: the pages of the user interface have another host, which refuses API calls."""
    url = settings.url.strip().rstrip("/")
    parts = urlsplit(url if "://" in url else f"https://{url}")
    if not is_safe_to_ask(parts):
        raise Rejected(
            f"{settings.name}: the instance URL must begin with https://.",
            remedy="Use the org's My Domain address, https://NAME.my.salesforce.com.",
        )
    host = parts.netloc.rpartition("@")[2].replace(".lightning.force.com", ".my.salesforce.com")
    return Settings(
        name=settings.name,
        url=f"{parts.scheme}://{host}",
        account_id=settings.account_id,
        zone=settings.zone,
        fields=settings.fields,
        options=settings.options,
    )


def _owner(row: Record) -> Owner:
    return Owner(
        id=long_id(as_text(row.get("Id")) or ""),
        email=as_text(row.get("Email")) or "",
        name=as_text(row.get("Name")) or "",
        is_active=row.get("IsActive") is not False,
        manager_id=long_id(as_text(row.get("ManagerId")) or "") or None,
        zone=as_text(row.get("TimeZoneSidKey")),
    )
