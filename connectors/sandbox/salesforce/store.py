"""The org's records, and everything that follows from changing one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.sandbox.salesforce.ids import make_id
from connectors.sandbox.salesforce.schema import ObjectSpec

Record = dict[str, Any]
KEPT_ORDERS = 8


def stamp(moment: datetime) -> str:
    """A moment as this CRM writes it, whole seconds. Such texts sort like the moments they stand for."""
    return f"{moment.astimezone(UTC).isoformat()[:19]}.000+0000"


@dataclass(frozen=True, slots=True)
class Deletion:
    """A line of the delete log."""

    object: str
    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Late:
    """A change that queries do not see yet, and what they see instead (None: no such record)."""

    visible_at: datetime
    before: Record | None


class Store:
    """All tables of one org. A change makes a new record, so that results already handed out stay as they were."""

    def __init__(self, schema: Mapping[str, ObjectSpec]) -> None:
        self.schema = schema
        self.tables: dict[str, dict[str, Record]] = {name: {} for name in schema}
        self.deletions: list[Deletion] = []
        self._next: dict[str, int] = dict.fromkeys(schema, 1)
        self._unique: dict[tuple[str, str], dict[str, str]] = {
            (name, field.name): {}
            for name, spec in schema.items()
            for field in spec.fields.values()
            if field.is_unique or field.is_external_id
        }
        self._versions: Counter[str] = Counter()
        self._sorted: dict[tuple[str, object], tuple[int, list[Record]]] = {}
        self._late: dict[tuple[str, str], _Late] = {}
        self._children: dict[tuple[str, str], dict[str, dict[str, Record]]] = {}

    # --- reading

    def get(self, name: str, record_id: str | None) -> Record | None:
        """A record by its eighteen characters, deleted or not."""
        return self.tables[name].get(record_id) if record_id else None

    def rows(self, name: str, now: datetime) -> Iterable[Record]:
        """What a query sees of a table, deleted records included."""
        if not self._late:
            return self.tables[name].values()
        self._late = {key: late for key, late in self._late.items() if late.visible_at > now}
        hidden = {key[1]: late.before for key, late in self._late.items() if key[0] == name}
        if not hidden:
            return self.tables[name].values()
        seen = (hidden.get(row["Id"], row) for row in self.tables[name].values())
        return [row for row in seen if row is not None]

    def children(self, name: str, field: str, parent: str | None) -> list[Record]:
        """Live records of a table whose reference points to a parent."""
        return list(self.child_index(name, field).get(parent or "", {}).values())

    def child_index(self, name: str, field: str) -> Mapping[str, Mapping[str, Record]]:
        """Live records of a table by what one of their references points to, then by id; kept up to date."""
        index = self._children.get((name, field))
        if index is None:
            index = self._children[name, field] = {}
            for row in self.tables[name].values():
                if row.get(field) and not row.get("IsDeleted"):
                    index.setdefault(row[field], {})[row["Id"]] = row
        return index

    def id_by_key(self, name: str, field: str, value: str) -> str | None:
        """The live record that holds a unique value."""
        return self._unique.get((name, field), {}).get(str(value).lower())

    # --- writing

    def new_id(self, name: str) -> str:
        """The next id of a kind."""
        number = self._next[name]
        self._next[name] = number + 1
        return make_id(self.schema[name].prefix or "000", number)

    def load(self, name: str, record: Record) -> Record:
        """Put a complete record in as it is."""
        self.tables[name][record["Id"]] = record
        self._index(name, record, present=not record.get("IsDeleted"))
        return record

    def change(self, name: str, record_id: str, changes: Mapping[str, Any], now: datetime, *, by: str) -> Record:
        """Change fields as a user does: the modification stamps move."""
        moved = {"LastModifiedDate": stamp(now), "LastModifiedById": by, "SystemModstamp": stamp(now)}
        return self.touch(name, record_id, {**changes, **moved})

    def touch(self, name: str, record_id: str, changes: Mapping[str, Any]) -> Record:
        """Change fields as the system does: just these."""
        before = self.tables[name][record_id]
        self._index(name, before, present=False)
        record = {**before, **changes}
        self.tables[name][record_id] = record
        self._index(name, record, present=not record.get("IsDeleted"))
        return record

    def hide(self, name: str, record_id: str, before: Record | None, *, until: datetime) -> None:
        """Let queries see `before` instead of the record, until then."""
        self._late.setdefault((name, record_id), _Late(until, before))

    def delete(self, name: str, record_id: str, now: datetime, *, by: str) -> None:
        """Move to the recycle bin, with what hangs on it."""
        record = self.tables[name][record_id]
        if record.get("IsDeleted"):
            return
        self.change(name, record_id, {"IsDeleted": True}, now, by=by)
        self.deletions.append(Deletion(name, record_id, now))
        for child in self.schema[name].children:
            if child.object != "OpportunityHistory":
                for row in self.children(child.object, child.field, record_id):
                    self.delete(child.object, row["Id"], now, by=by)

    def undelete(self, name: str, record_id: str, now: datetime, *, by: str) -> None:
        """Take out of the recycle bin, with what went in at the same moment."""
        if not self.tables[name][record_id].get("IsDeleted"):
            return
        gone_at = self.tables[name][record_id]["SystemModstamp"]
        self.change(name, record_id, {"IsDeleted": False}, now, by=by)
        self.deletions = [entry for entry in self.deletions if (entry.object, entry.id) != (name, record_id)]
        for child in self.schema[name].children:
            for row in list(self.tables[child.object].values()):
                if row.get(child.field) == record_id and row.get("IsDeleted") and row["SystemModstamp"] == gone_at:
                    self.undelete(child.object, row["Id"], now, by=by)

    def purge(self, name: str, record_id: str) -> None:
        """Empty the recycle bin of one record: only the delete log still knows it."""
        self._index(name, self.tables[name].pop(record_id), present=False)

    def merge(self, name: str, survivor: str, absorbed: str, now: datetime, *, by: str) -> None:
        """Merge two accounts or contacts: the absorbed one is deleted, its children move."""
        for child in self.schema[name].children:
            for row in self.children(child.object, child.field, absorbed):
                self.change(child.object, row["Id"], {child.field: survivor}, now, by=by)
        self.change(name, absorbed, {"IsDeleted": True, "MasterRecordId": survivor}, now, by=by)
        self.deletions.append(Deletion(name, absorbed, now))

    def forget_old_bin(self, now: datetime, *, days: int = 15) -> None:
        """Empty the recycle bin of what is older than it keeps."""
        limit = now - timedelta(days=days)
        for entry in self.deletions:
            row = self.tables[entry.object].get(entry.id)
            if entry.at < limit and row is not None and row.get("IsDeleted"):
                self.purge(entry.object, entry.id)

    def saved(self) -> tuple[dict[str, dict[str, Record]], int]:
        """The records as they stand, for `restore`."""
        return {name: dict(table) for name, table in self.tables.items()}, len(self.deletions)

    def restore(self, saved: tuple[dict[str, dict[str, Record]], int]) -> None:
        """Undo everything since `saved`."""
        tables, deletions = saved
        del self.deletions[deletions:]
        self._children.clear()
        for index in self._unique.values():
            index.clear()
        for name, rows in tables.items():
            self._versions[name] += 1
            self.tables[name].clear()
            self.tables[name].update(rows)
            for row in rows.values():
                self._index(name, row, present=not row.get("IsDeleted"))

    def in_order(self, name: str, key: object, sort: Callable[[list[Record]], list[Record]]) -> list[Record]:
        """All records of a table as `sort` orders them; kept under `key` until one changes."""
        version, rows = self._sorted.get((name, key), (-1, []))
        if version != self._versions[name]:
            rows = sort(list(self.tables[name].values()))
            if len(self._sorted) >= KEPT_ORDERS:
                self._sorted.clear()
            self._sorted[name, key] = (self._versions[name], rows)
        return rows

    def _index(self, name: str, record: Record, *, present: bool) -> None:
        self._versions[name] += 1
        for (owner, field), children in self._children.items():
            parent = record.get(field)
            if owner != name or not parent:
                continue
            if present:
                children.setdefault(parent, {})[record["Id"]] = record
            else:
                children.get(parent, {}).pop(record["Id"], None)
        for (owner, field), index in self._unique.items():
            value = record.get(field)
            if owner != name or value is None:
                continue
            key = str(value).lower()
            if present:
                index.setdefault(key, record["Id"])
            elif index.get(key) == record["Id"]:
                del index[key]
