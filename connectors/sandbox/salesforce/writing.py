"""Creates, changes and deletes records, with all that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.sandbox.salesforce.checks import Checks
from connectors.sandbox.salesforce.errors import RefusedError, not_found
from connectors.sandbox.salesforce.ids import to_18
from connectors.sandbox.salesforce.schema import ObjectSpec
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.salesforce.store import Record, Store, stamp


class Writer:
    """Writes for one user of the org. Methods raise RefusedError."""

    def __init__(self, store: Store, settings: OrgSettings, user_id: str, *, currency: str) -> None:
        self.store = store
        self.settings = settings
        self.user_id = user_id
        self.currency = currency
        self.checks = Checks(store, settings)

    def create(self, spec: ObjectSpec, values: Mapping[str, Any], now: datetime) -> str:
        """The new record's id."""
        accepted = self.checks.accepted(spec, values, None)
        self.checks.unlocked(accepted.get("WhatId"), accepted.get("AccountId"))
        record = {**self._defaults(spec), **accepted, **self._stamps(now)}
        record.update(self._derived(spec.name, record, None, now))
        self.checks.unbroken(spec.name, record, None)
        record = {**self._blank(spec), "Id": self.store.new_id(spec.name), **record}
        if "IsDeleted" in spec.fields:
            record["IsDeleted"] = False
        self.store.load(spec.name, record)
        self._afterwards(spec.name, record, None, now)
        return str(record["Id"])

    def update(self, spec: ObjectSpec, record_id: str, values: Mapping[str, Any], now: datetime) -> None:
        """Change a live record."""
        before = self.live(spec, record_id)
        accepted = self.checks.accepted(spec, values, before)
        self.checks.unlocked(before["Id"], before.get("WhatId"))
        after = {**before, **accepted}
        accepted = {**accepted, **self._derived(spec.name, after, before, now)}
        self.checks.unbroken(spec.name, {**before, **accepted}, before["Id"])
        record = self.store.change(spec.name, before["Id"], accepted, now, by=self.user_id)
        self._afterwards(spec.name, record, before, now)

    def delete(self, spec: ObjectSpec, record_id: str, now: datetime) -> None:
        """Put a live record into the recycle bin."""
        if spec.name not in self.settings.can_write:
            raise RefusedError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", status=403)
        record = self.live(spec, record_id)
        self.checks.unlocked(record["Id"], record.get("WhatId"))
        self.store.delete(spec.name, record["Id"], now, by=self.user_id)
        self._count_open_tasks(record)

    def live(self, spec: ObjectSpec, record_id: str) -> Record:
        """A record that is there and not deleted."""
        found = to_18(record_id)
        if found is None:
            raise not_found("Provided external ID field does not exist or is not accessible: " + record_id)
        record = self.store.get(spec.name, found)
        if record is None:
            raise not_found()
        if record.get("IsDeleted"):
            raise RefusedError("ENTITY_IS_DELETED", "entity is deleted", status=404)
        return record

    def matches(self, spec: ObjectSpec, field: str, value: str) -> list[str]:
        """The ids of live records with this value in an external id; more than one where it is not unique."""
        wanted = value.lower()
        rows = self.store.tables[spec.name].values()
        found = self.store.id_by_key(spec.name, field, value)
        if spec.fields[field].is_unique or found is None:
            return [found] if found else []
        return [row["Id"] for row in rows if not row.get("IsDeleted") and str(row.get(field) or "").lower() == wanted]

    def _blank(self, spec: ObjectSpec) -> Record:
        return {field.name: False if field.type == "boolean" else None for field in spec.fields.values()}

    def _stamps(self, now: datetime) -> Record:
        moment = stamp(now)
        return {
            "CreatedDate": moment, "CreatedById": self.user_id, "LastModifiedDate": moment,
            "LastModifiedById": self.user_id, "SystemModstamp": moment,
        }  # fmt: skip

    def _defaults(self, spec: ObjectSpec) -> Record:
        defaults: Record = {
            field.name: pick.value for field in spec.fields.values() for pick in field.values if pick.is_default
        }
        if "OwnerId" in spec.fields:
            defaults["OwnerId"] = self.user_id
        if "CurrencyIsoCode" in spec.fields:
            defaults["CurrencyIsoCode"] = self.currency
        return defaults

    def _derived(self, name: str, record: Record, before: Record | None, now: datetime) -> Record:
        if name == "Task":
            return self._derived_task(record, before, now)
        if name == "Opportunity":
            return self._derived_deal(record, before, now)
        if name == "Contact":
            return {"Name": " ".join(part for part in (record.get("FirstName"), record.get("LastName")) if part)}
        return {}

    def _derived_task(self, task: Record, before: Record | None, now: datetime) -> Record:
        statuses = {row["ApiName"]: row["IsClosed"] for row in self.store.tables["TaskStatus"].values()}
        is_closed = bool(statuses.get(str(task.get("Status")), False))
        was_closed = bool(before and before.get("IsClosed"))
        derived: Record = {"IsClosed": is_closed, "IsHighPriority": task.get("Priority") == "High"}
        if is_closed != was_closed:
            derived["CompletedDateTime"] = stamp(now) if is_closed else None
        what = task.get("WhatId")
        deal = self.store.get("Opportunity", what)
        derived["AccountId"] = deal["AccountId"] if deal else what
        if not what:
            contact = self.store.get("Contact", task.get("WhoId"))
            derived["AccountId"] = contact["AccountId"] if contact else None
        return derived

    def _derived_deal(self, deal: Record, before: Record | None, now: datetime) -> Record:
        stages = self.store.tables["OpportunityStage"].values()
        stage = next((row for row in stages if row["ApiName"] == deal.get("StageName")), None)
        derived: Record = {"FiscalYear": int(str(deal["CloseDate"])[:4])}
        if stage is None or (before and before.get("StageName") == deal.get("StageName")):
            return derived
        return {
            **derived, "IsClosed": stage["IsClosed"], "IsWon": stage["IsWon"], "LastStageChangeDate": stamp(now),
            "ForecastCategory": stage["ForecastCategory"], "ForecastCategoryName": stage["ForecastCategoryName"],
            "Probability": stage["DefaultProbability"],
        }  # fmt: skip

    def _afterwards(self, name: str, record: Record, before: Record | None, now: datetime) -> None:
        if name == "Opportunity" and (before is None or before["StageName"] != record["StageName"]):
            self._add_history(record, now)
        if name == "Task":
            if record.get("IsClosed") and not (before and before.get("IsClosed")):
                self._note_activity(record, now)
            self._count_open_tasks(record)

    def _add_history(self, deal: Record, now: datetime) -> None:
        kept = {name: deal.get(name) for name in ("StageName", "Amount", "CloseDate", "Probability")}
        row = {
            "Id": self.store.new_id("OpportunityHistory"), "OpportunityId": deal["Id"], **kept, "IsDeleted": False,
            "CreatedDate": stamp(now), "CreatedById": self.user_id, "SystemModstamp": stamp(now),
        }  # fmt: skip
        self.store.load("OpportunityHistory", row)

    def _note_activity(self, task: Record, now: datetime) -> None:
        """A completed task is activity on the deal and its account: their stamps move, nobody modified them."""
        day = task.get("ActivityDate") or now.astimezone(UTC).date().isoformat()
        for name, parent in (("Opportunity", task.get("WhatId")), ("Account", task.get("AccountId"))):
            record = self.store.get(name, parent)
            if record is not None and (record.get("LastActivityDate") or "") < day:
                self.store.touch(name, record["Id"], {"LastActivityDate": day, "SystemModstamp": stamp(now)})

    def _count_open_tasks(self, task: Record) -> None:
        deal = self.store.get("Opportunity", task.get("WhatId"))
        if deal is None:
            return
        is_open = any(not row["IsClosed"] for row in self.store.children("Task", "WhatId", deal["Id"]))
        if deal.get("HasOpenActivity") != is_open:
            self.store.touch("Opportunity", deal["Id"], {"HasOpenActivity": is_open})
