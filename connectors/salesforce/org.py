"""What is asked of an org once and kept: its own record, its objects, its task statuses."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from connectors.base import Kit, Settings, Stage
from connectors.errors import MissingPermission, NeedsReconnect, Rejected, ServerError, Unsupported
from connectors.salesforce.answers import UnknownField
from connectors.salesforce.client import Call, Client
from connectors.salesforce.ids import long_id
from connectors.salesforce.layout import Layout, OrgInfo, deal_layout, org_info
from connectors.salesforce.queries import instant, query_path, select
from connectors.salesforce.records import DealFields
from connectors.salesforce.schema import ACCOUNT, OPPORTUNITY, TASK, SObject, parse_describe
from connectors.salesforce.stages import STAGE_FIELDS, stage_of
from connectors.salesforce.values import Record, as_bool, as_text

log = logging.getLogger(__name__)
DEFAULT_KEY_FIELD = "Rekindle_Key__c"
LOG_REACH = timedelta(days=14)
"""The log of deletions goes back 15 days at most; asking for more is an error."""
NOT_HERE = (MissingPermission, Unsupported, Rejected)
"""How an org says no to what it need not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyField:
    """The field of Task that holds our key. `is_unique` means that the first write can be an upsert."""

    name: str
    is_unique: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Statuses:
    """The values of Task.Status that complete a task and that open it."""

    closed: str = "Completed"
    open: str = "Not Started"


class Org:
    """The org behind a client. Each answer is asked for once; `forget` asks for the objects again."""

    def __init__(self, settings: Settings, kit: Kit, client: Client) -> None:
        self.settings = settings
        self.kit = kit
        self.client = client
        self._lock = threading.RLock()
        self._objects: dict[str, SObject | None] = {}
        self._vanished: dict[str, set[str]] = {}
        self._info: OrgInfo | None = None
        self._statuses: Statuses | None = None
        self._stages: tuple[Stage, ...] | None = None

    # --- queries -------------------------------------------------------------------------------------------

    def pages(self, soql: str, *, kind: str, doing: str, deleted_too: bool = False) -> Iterator[tuple[Record, ...]]:
        """The pages of a query, as large as the server makes them."""
        path: str | None = query_path(soql, deleted_too=deleted_too)
        while path:
            content = self.client.json(Call(path=path, kind=kind, doing=doing, headers=self.page_header()))
            records, path = page_of(content)
            yield records

    def records(self, soql: str, *, kind: str, doing: str, deleted_too: bool = False) -> Iterator[Record]:
        """The records of a query."""
        for page in self.pages(soql, kind=kind, doing=doing, deleted_too=deleted_too):
            yield from page

    def page_header(self) -> dict[str, str]:
        """The header that asks for smaller pages, where the connection is set to."""
        size = self.settings.options.get("page_size", "")
        return {"Sforce-Query-Options": f"batchSize={size}"} if size.isdigit() else {}

    # --- the org itself --------------------------------------------------------------------------------------

    def info(self) -> OrgInfo:
        """The org's record. Raises NeedsReconnect where it is another org than the connection's."""
        with self._lock:
            if self._info is None:
                self._info = self._read_info()
            return self._info

    def _read_info(self) -> OrgInfo:
        deals = self.describe_optional(OPPORTUNITY)
        has_currencies = deals is not None and "CurrencyIsoCode" in deals.fields
        fields = ("Id", "Name", "TimeZoneSidKey", *(("DefaultCurrencyIsoCode",) if has_currencies else ()))
        record = next(iter(self.read_optional("Organization", fields)), {})
        found = org_info(record)
        token_org = self.client.token().account_id
        info = OrgInfo(
            id=long_id(found.id or token_org or self.settings.account_id or ""),
            name=found.name,
            zone=found.zone if record else self.settings.zone,
            currency=found.currency or self.settings.options.get("currency") or None,
        )
        expected = long_id(self.settings.account_id or "")
        if expected and info.id != expected:
            raise NeedsReconnect(
                f"{self.client.where}: these credentials belong to another org ({info.id}).",
                remedy=f"Use credentials of org {expected}, or connect the other org under a name of its own.",
            )
        if not info.id:
            raise MissingPermission(
                f"{self.client.where}: the org's id cannot be read.",
                remedy="Give the user read access to Organization.",
            )
        return info

    def read_optional(self, name: str, fields: Sequence[str], where: str = "") -> list[Record]:
        """All records of an object that an org need not offer; fields that are not there are left out."""
        wanted = list(fields)
        while wanted:
            try:
                return list(self.records(select(wanted, name, where), kind="describe", doing=f"reading {name}"))
            except UnknownField as error:
                missing = [one for one in wanted if one in error.fields]
                if not missing and where:
                    where = ""
                else:
                    wanted = [one for one in wanted if one not in (missing or wanted[-1:])]
            except NOT_HERE as error:
                log.warning("%s", error)
                return []
        return []

    # --- its objects -----------------------------------------------------------------------------------------

    def describe(self, name: str) -> SObject:
        """An object's fields and rights. Raises Permanent where the user may not see it."""
        found = self.describe_optional(name)
        if found is None:
            raise MissingPermission(
                f"{self.client.where}: the object {name} cannot be read.",
                scope=name,
                remedy=f"Give the integration user read access to {name}.",
            )
        return found

    def describe_optional(self, name: str) -> SObject | None:
        """An object's fields and rights, or None where the org or the user does not have it."""
        with self._lock:
            if name not in self._objects:
                self._objects[name] = self._describe(name)
            found = self._objects[name]
            vanished = self._vanished.get(name)
            return found.without(frozenset(vanished)) if found and vanished else found

    def _describe(self, name: str) -> SObject | None:
        call = Call(path=f"sobjects/{name}/describe", kind="describe", doing=f"describing {name}")
        try:
            content = self.client.json(call)
        except NOT_HERE as error:
            log.warning("%s", error)
            return None
        return parse_describe(content, name=name) if isinstance(content, dict) else None

    def forget(self, names: Sequence[str]) -> None:
        """Describe these objects again when they are next asked for."""
        with self._lock:
            for name in names:
                self._objects.pop(name, None)

    def drop_field(self, name: str, field_name: str) -> bool:
        """Do without a field that describe shows but a query may not name. False where that changes nothing."""
        with self._lock:
            found = self.describe_optional(name)
            if found is None or field_name not in found.fields:
                return False
            self._vanished.setdefault(name, set()).add(field_name)
            return True

    # --- what they come to -----------------------------------------------------------------------------------

    def layout(self) -> Layout:
        """The fields deals are read with."""
        return deal_layout(self.settings.fields, self.describe(OPPORTUNITY), self.describe_optional(ACCOUNT))

    def deal_fields(self, layout: Layout) -> DealFields:
        """How to read the records of that layout, today."""
        info = self.info()
        zone = ZoneInfo(info.zone)
        return DealFields(
            account_id=info.id,
            zone=zone,
            today=self.kit.now().astimezone(zone).date(),
            roles=layout.roles,
            schema=layout.mapped,
            record_types=self.describe(OPPORTUNITY).record_types,
            currency=info.currency,
            unread=layout.unread,
        )

    def key_field(self) -> KeyField | None:
        """The field of Task for our key, where the org has one that can be written and searched."""
        tasks = self.describe_optional(TASK)
        fields = tasks.fields if tasks else {}
        named = self.settings.options.get("task_key_field") or DEFAULT_KEY_FIELD
        packaged = (one for name, one in fields.items() if name.endswith(f"__{named}"))  # a package puts its own first
        found = fields.get(named) or next(packaged, None)
        if found is None or not found.filterable or not (found.createable or found.external_id):
            return None
        return KeyField(name=found.name, is_unique=found.unique and found.external_id)

    @property
    def has_stages(self) -> bool:
        """Whether the stages were asked for already."""
        return self._stages is not None

    def stages(self) -> tuple[Stage, ...]:
        """The stages of deals, inactive ones too; none where the org does not tell them."""
        with self._lock:
            if self._stages is None:
                self._stages = tuple(map(stage_of, self.read_optional("OpportunityStage", STAGE_FIELDS)))
            return self._stages

    def statuses(self) -> Statuses:
        """The task statuses to set, by their flags; where those are hidden, by describe."""
        with self._lock:
            if self._statuses is None:
                self._statuses = self._read_statuses()
            return self._statuses

    def _read_statuses(self) -> Statuses:
        rows = self.read_optional("TaskStatus", ("MasterLabel", "IsClosed", "IsDefault", "ApiName"))
        closed = [row for row in rows if as_bool(row.get("IsClosed"))]
        opened = sorted(
            (row for row in rows if not as_bool(row.get("IsClosed"))), key=lambda row: not as_bool(row.get("IsDefault"))
        )
        if closed and opened:
            names = [_status_name(row) for row in closed]
            return Statuses(closed="Completed" if "Completed" in names else names[0], open=_status_name(opened[0]))
        tasks = self.describe_optional(TASK)
        status = tasks.fields.get("Status") if tasks else None
        return Statuses(open=status.default_value or "Not Started") if status else Statuses()

    def deleted_log(self, name: str, since: datetime) -> list[str]:
        """Ids of records deleted since then, as far back as the log goes. Raises Permanent where there is none."""
        end = self.client.server_time()  # an end in the server's future is refused
        start = max(since, end - LOG_REACH)
        if end - start < timedelta(minutes=2):
            start = end - timedelta(minutes=2)
        stamps = "&".join(
            f"{word}={quote(instant(at.replace(microsecond=0)))}" for word, at in (("start", start), ("end", end))
        )
        content = self.client.json(
            Call(path=f"sobjects/{name}/deleted/?{stamps}", kind="read", doing="reading the log of deletions")
        )
        rows = content.get("deletedRecords") or [] if isinstance(content, dict) else []
        return [str(row["id"]) for row in rows if isinstance(row, dict) and row.get("id")]


def page_of(content: Any) -> tuple[tuple[Record, ...], str | None]:
    """The records of a query's answer, and the path of the next page if there is one."""
    records = content.get("records") if isinstance(content, dict) else None
    if not isinstance(records, list):
        raise ServerError("Salesforce's answer to a query has no records.")
    path = content.get("nextRecordsUrl")
    return tuple(records), str(path) if path and content.get("done") is not True else None


def _status_name(row: Record) -> str:
    return as_text(row.get("ApiName")) or as_text(row.get("MasterLabel")) or "Completed"
