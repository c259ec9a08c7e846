"""A Salesforce org on the loopback: OAuth, queries, records and collections, as the REST guide has them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from tests.torture.emulators.salesforce_schema import CHILDREN, PARENTS, PREFIXES, READ_ONLY, STAGES, schema_of
from tests.torture.emulators.soql import SoqlError, parse, run
from tests.torture.emulators.wire import Answer, Emulator, Record, Request, now
from tests.torture.world import CODES, World

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
LIMITS = {"STRING": 255}


def with_suffix(short: str) -> str:
    """The 18-character form of a 15-character id."""
    bits = [sum(1 << place for place, one in enumerate(short[at : at + 5]) if one.isupper()) for at in (0, 5, 10)]
    return short + "".join(CHECK[one] for one in bits)


def instant(moment: datetime) -> str:
    """An instant as REST writes it: whole seconds, no colon in the offset."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def errors(status: int, code: str, message: str, *fields: str) -> Answer:
    """A REST error: a list, and never an object."""
    one: Record = {"message": message, "errorCode": code}
    if fields:
        one["fields"] = list(fields)
    return Answer(status, [one])


class RowError(Exception):
    """One record that was refused."""

    def __init__(self, code: str, message: str, *fields: str) -> None:
        super().__init__(message)
        self.code, self.message, self.fields = code, message, list(fields)


class Salesforce(Emulator):
    """One org. `full` has every field we know of and an external key on tasks; the bare one has neither."""

    client_id, client_secret = "3MVG9.torture", "s3cr3t-of-the-app"

    def __init__(
        self, *, full: bool, page: int = 7, session_calls: int = 10_000, newest: int = 60, zone: str = "Europe/Berlin"
    ) -> None:
        super().__init__()
        self.full, self.page, self.session_calls, self.newest = full, page, session_calls, newest
        self.schema = schema_of(full=full)
        self.tables: dict[str, dict[str, Record]] = {kind: {} for kind in self.schema}
        self.random = random.Random(5)
        self.sessions: dict[str, int] = {}
        self.locators: dict[str, list[Record]] = {}
        self.expire_locators = 0
        self.org_id = self._new_id("Organization")
        self.tables["Organization"][self.org_id] = {
            "Id": self.org_id,
            "Name": "Torture GmbH",
            "TimeZoneSidKey": zone,
            "FiscalYearStartMonth": 1,
        }
        self.integration_user = self.insert(
            "User", {"Name": "Integration", "Email": "bot@example.com", "IsActive": True}
        )
        for order, (label, closed, won) in enumerate(STAGES):
            self._put(
                "OpportunityStage",
                MasterLabel=label,
                ApiName=label,
                IsActive=True,
                IsClosed=closed,
                IsWon=won,
                SortOrder=order,
            )
        for order, (label, closed) in enumerate((("Not Started", False), ("In Progress", False), ("Completed", True))):
            self._put(
                "TaskStatus", MasterLabel=label, ApiName=label, IsClosed=closed, IsDefault=not order, SortOrder=order
            )

    # -- the book

    def _new_id(self, kind: str) -> str:
        return with_suffix(PREFIXES[kind] + "Qz" + "".join(self.random.choice(BASE62) for _ in range(10)))

    def _put(self, kind: str, **values: Any) -> str:
        record_id = self._new_id(kind)
        self.tables[kind][record_id] = {"Id": record_id, **values}
        return record_id

    def insert(self, kind: str, values: Mapping[str, Any], *, at: datetime | None = None) -> str:
        """A new record with its stamps."""
        stamp = instant(at or now())
        user = getattr(self, "integration_user", None)
        record: Record = dict.fromkeys(self.schema[kind])
        record.update(
            {
                "Id": self._new_id(kind),
                "CreatedDate": stamp,
                "LastModifiedDate": stamp,
                "SystemModstamp": stamp,
                "IsDeleted": False,
                "CreatedById": user,
                "LastModifiedById": user,
            }
        )
        record.update({name: value for name, value in values.items() if name in self.schema[kind]})
        self.tables[kind][record["Id"]] = record
        self._derive(kind, record)
        return str(record["Id"])

    def change(self, kind: str, record_id: str, **values: Any) -> None:
        """A person's change, in the CRM's own pages."""
        with self.lock:
            record = self.tables[kind][record_id]
            before = record.get("StageName")
            record.update({name: value for name, value in values.items() if name in self.schema[kind]})
            record["LastModifiedDate"] = record["SystemModstamp"] = instant(now())
            if kind == "Opportunity" and record["StageName"] != before:
                self._stage_entered(record, now())
            self._derive(kind, record)

    def _stage_entered(self, deal: Record, at: datetime) -> None:
        if "LastStageChangeDate" in self.schema["Opportunity"]:
            deal["LastStageChangeDate"] = instant(at)
        if "OpportunityHistory" in self.schema:
            self._put(
                "OpportunityHistory",
                OpportunityId=deal["Id"],
                StageName=deal["StageName"],
                CloseDate=deal["CloseDate"],
                Amount=deal["Amount"],
                CreatedDate=instant(at),
                CreatedById=self.integration_user,
                SystemModstamp=instant(at),
                IsDeleted=False,
            )

    def _derive(self, kind: str, record: Record) -> None:
        if kind == "Opportunity":
            flags = {label: (closed, won) for label, closed, won in STAGES}[record["StageName"]]
            record["IsClosed"], record["IsWon"] = flags
        if kind == "Task":
            record["IsClosed"] = record["Status"] == "Completed"
            record["IsArchived"] = False
            what = self.tables["Opportunity"].get(record["WhatId"] or "")
            record["AccountId"] = what["AccountId"] if what else None

    def fill(self, world: World) -> dict[str, str]:
        """Put a world in; gives the deals' ids by name."""
        people = [
            self.insert(
                "User", {"Name": one.name, "Email": one.email, "IsActive": one.is_active, "UserType": "Standard"}
            )
            for one in world.people
        ]
        companies = []
        for one in world.companies:
            code = CODES.get(one.country or "")
            company = {"Name": one.name, "BillingCountry": one.country, "BillingCountryCode": code}
            companies.append(self.insert("Account", {**company, "OwnerId": people[one.owner]}))
        found = {}
        for deal in world.deals:
            stage = {"lost": self.random.choice(("Closed Lost", "Dead")), "won": "9 - Gewonnen", "open": "Negotiation"}
            at = datetime.combine(min(deal.closed_on, now().date()), time(0, 0, 5), UTC)
            values: Record = {
                "Name": deal.name,
                "AccountId": None if deal.company is None else companies[deal.company],
                "OwnerId": people[deal.owner],
                "StageName": stage[deal.outcome],
                "CloseDate": deal.closed_on.isoformat(),
                "Amount": deal.amount,
                "Description": deal.notes,
                "Loss_Reason__c": deal.reason,
                "CurrencyIsoCode": "EUR",
            }
            found[deal.name] = self.insert("Opportunity", values, at=at)
            self._stage_entered(self.tables["Opportunity"][found[deal.name]], at)
        return found

    # -- what SOQL asks of an org

    def rows(self, kind: str, *, with_deleted: bool) -> list[Record]:
        """Every record of an object."""
        name = self._kind(kind)
        return [row for row in self.tables[name].values() if with_deleted or not row.get("IsDeleted")]

    def _kind(self, kind: str) -> str:
        if kind in self.schema:
            return kind
        for name in self.schema:
            if name.lower() == kind.lower():
                return name
        raise SoqlError("INVALID_TYPE", f"sObject type '{kind}' is not supported.")

    def field_name(self, kind: str, name: str) -> str:
        """A field's own spelling."""
        if kind == "Name":  # a polymorphic parent
            return name
        fields = self.schema[self._kind(kind)]
        if name in fields:
            return name
        for one in fields:
            if one.lower() == name.lower():
                return one
        raise SoqlError("INVALID_FIELD", f"No such column '{name}' on entity '{kind}'.")

    def field_type(self, kind: str, name: str) -> str:
        """A field's type."""
        if kind == "Name":
            return "string"
        return self.schema[self._kind(kind)][self.field_name(kind, name)]

    def parent(self, kind: str, record: Record, relation: str) -> tuple[str, Record | None]:
        """Where a relationship leads."""
        for name, (key, targets) in PARENTS.get(self._kind(kind), {}).items():
            if name.lower() == relation.lower():
                for target in targets:
                    found = self.tables.get(target, {}).get(record.get(key) or "")
                    if found is not None:
                        return target, found
                return targets[0], None
        raise SoqlError("INVALID_FIELD", f"Didn't understand relationship '{relation}' in field path.")

    def children(self, kind: str, record: Record, relation: str) -> tuple[str, str]:
        """What a child relationship holds."""
        for name, found in CHILDREN.get(self._kind(kind), {}).items():
            if name.lower() == relation.lower() and found[0] in self.schema:
                return found
        raise SoqlError("INVALID_TYPE", f"Didn't understand relationship '{relation}' in FROM part of query call.")

    # -- HTTP

    def limited(self) -> Answer:
        """Too many at once."""
        return errors(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")

    def handle(self, request: Request) -> Answer:
        """The answer to one request."""
        if request.path.rstrip("/") == "/services/oauth2/token":
            return self._token(request)
        if request.path.rstrip("/") == "/services/data":
            return Answer(
                200,
                [
                    {"label": f"Release {one}", "url": f"/services/data/v{one}.0", "version": f"{one}.0"}
                    for one in range(31, self.newest + 1)
                ],
            )
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.sessions.get(token, 0) <= 0:
            return errors(401, "INVALID_SESSION_ID", "Session expired or invalid")
        self.sessions[token] -= 1
        if request.path.startswith(("/id/", "/services/oauth2/userinfo")):
            return Answer(200, {"user_id": self.integration_user, "organization_id": self.org_id, "active": True})
        found = re.fullmatch(r"/services/data/v(\d+)\.0(/.*)?", request.path)
        if not found:
            return errors(404, "NOT_FOUND", "The requested resource does not exist")
        if not 31 <= int(found[1]) <= self.newest:
            return errors(404, "NOT_FOUND", "The requested resource does not exist")
        answer = self._route(request, f"{found[1]}.0", (found[2] or "").rstrip("/"))
        usage = {"Sforce-Limit-Info": f"api-usage={len(self.log)}/100000"}
        return Answer(answer.status, answer.body, {**answer.headers, **usage})

    def _token(self, request: Request) -> Answer:
        given = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if given.get("grant_type") != "client_credentials":
            return Answer(400, {"error": "unsupported_grant_type", "error_description": "grant type not supported"})
        if (given.get("client_id"), given.get("client_secret")) != (self.client_id, self.client_secret):
            return Answer(401, {"error": "invalid_client", "error_description": "invalid client credentials"})
        token = f"{self.org_id[:15]}!{self.random.getrandbits(160):x}"
        self.sessions[token] = self.session_calls
        return Answer(
            200,
            {
                "access_token": token,
                "signature": "bm90IGNoZWNrZWQ=",
                "scope": "api id",
                "instance_url": self.url,
                "id": f"{self.url}/id/{self.org_id}/{self.integration_user}",
                "token_type": "Bearer",
                "issued_at": str(int(now().timestamp() * 1000)),
                "api_instance_url": "https://api.example.com",
                "sfdc_community_id": None,
            },
        )

    def _route(self, request: Request, version: str, path: str) -> Answer:
        parts = path.strip("/").split("/")
        match (request.method, *parts):
            case ("GET", "query" | "queryAll" as how) if "q" in request.query:
                return self._query(request.query["q"], version, with_deleted=how == "queryAll")
            case ("GET", "query" | "queryAll", locator):
                return self._more(locator, version)
            case ("GET", "limits"):
                return errors(403, "INSUFFICIENT_ACCESS", "View Setup and Configuration is needed")
            case ("GET", "sobjects"):
                return Answer(200, {"sobjects": [{"name": kind, "queryable": True} for kind in self.schema]})
            case ("GET", "sobjects", kind, "describe"):
                return self._describe(kind)
            case ("GET", "sobjects", _, "deleted" | "updated"):
                return errors(403, "INSUFFICIENT_ACCESS_OR_READONLY", "no replication here")
            case (_, "composite", "sobjects", *rest):
                return self._collection(request, rest)
            case ("POST", "composite"):
                return self._composite(request)
            case (_, "sobjects", kind, *rest):
                return self._record(request, kind, rest)
        return errors(404, "NOT_FOUND", "The requested resource does not exist")

    def _composite(self, request: Request) -> Answer:
        answers = []
        for one in request.json()["compositeRequest"]:
            parts = urlsplit(one["url"])
            inner = Request(
                one["method"],
                unquote(parts.path),
                dict(parse_qsl(parts.query)),
                request.headers,
                json.dumps(one.get("body")).encode(),
            )
            said = self.handle(inner)
            answers.append(
                {"body": said.body, "httpHeaders": {}, "httpStatusCode": said.status, "referenceId": one["referenceId"]}
            )
        return Answer(200, {"compositeResponse": answers})

    def _query(self, text: str, version: str, *, with_deleted: bool) -> Answer:
        try:
            total, records = run(self, parse(text), version=version, with_deleted=with_deleted)
        except SoqlError as fault:
            return errors(400, fault.code, f"\n{text[:40]}\n^\nERROR at Row:1:Column:8\n{fault.message}")
        return self._page(total, records, version)

    def _page(self, total: int, records: list[Record], version: str) -> Answer:
        shown, rest = records[: self.page], records[self.page :]
        body: Record = {"totalSize": total, "done": not rest}
        if rest:
            locator = f"0r8Qz{self.random.getrandbits(64):013x}-{total - len(rest)}"
            self.locators[locator] = rest
            body["nextRecordsUrl"] = f"/services/data/v{version}/query/{locator}"
        body["records"] = shown
        return Answer(200, body)

    def _more(self, locator: str, version: str) -> Answer:
        if self.expire_locators > 0 and locator in self.locators:
            self.expire_locators -= 1
            self.locators.clear()
        rest = self.locators.get(locator)
        if rest is None:
            return errors(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(int(locator.rsplit("-", 1)[1]) + len(rest), rest, version)

    def _describe(self, kind: str) -> Answer:
        try:
            kind = self._kind(kind)
        except SoqlError:
            return errors(404, "NOT_FOUND", "The requested resource does not exist")
        keys = {key: (relation, list(targets)) for relation, (key, targets) in PARENTS.get(kind, {}).items()}
        fields = []
        for name, sort in self.schema[kind].items():
            relation, targets = keys.get(name, (None, []))
            fixed = name in READ_ONLY or kind not in {"Task", "Opportunity", "Account"}
            fields.append(
                {
                    "name": name,
                    "label": name.removesuffix("__c").replace("_", " "),
                    "type": sort,
                    "length": 32000 if sort == "textarea" else 255,
                    "nillable": True,
                    "createable": not fixed,
                    "updateable": not fixed,
                    "filterable": sort != "textarea",
                    "sortable": sort != "textarea",
                    "groupable": sort not in {"textarea", "datetime"},
                    "custom": name.endswith("__c"),
                    "externalId": name == "Rekindle_Key__c",
                    "unique": name == "Rekindle_Key__c",
                    "idLookup": name in {"Id", "Rekindle_Key__c"},
                    "calculated": False,
                    "restrictedPicklist": False,
                    "relationshipName": relation,
                    "referenceTo": targets,
                    "picklistValues": self._values(name) if sort == "picklist" else [],
                }
            )
        return Answer(
            200,
            {
                "name": kind,
                "label": kind,
                "queryable": True,
                "createable": kind == "Task",
                "updateable": kind in {"Task", "Opportunity"},
                "deletable": kind == "Task",
                "keyPrefix": PREFIXES[kind],
                "fields": fields,
                "childRelationships": [
                    {"childSObject": child, "field": key, "relationshipName": name}
                    for name, (child, key) in CHILDREN.get(kind, {}).items()
                    if child in self.schema
                ],
                "recordTypeInfos": [],
            },
        )

    def _values(self, name: str) -> list[Record]:
        from tests.torture.world import REASONS

        values = {
            "StageName": [label for label, _, _ in STAGES],
            "Loss_Reason__c": [one for one in REASONS[:6] if one],
            "Status": ["Not Started", "In Progress", "Completed"],
            "Priority": ["High", "Normal", "Low"],
            "Type": ["New Business", "Existing Business"],
        }.get(name, [])
        return [{"value": one, "label": one, "active": True, "defaultValue": False, "validFor": None} for one in values]

    # -- records

    def _live(self, kind: str, record_id: str) -> Record:
        record = self.tables[kind].get(with_suffix(record_id[:15]))
        if record is None:
            raise RowError("NOT_FOUND", "Provided external ID field does not exist or is not accessible: Id")
        if record.get("IsDeleted"):
            raise RowError("ENTITY_IS_DELETED", "entity is deleted")
        return record

    def _checked(self, kind: str, given: Mapping[str, Any], *, own_id: str | None) -> Record:
        values: Record = {}
        for name, value in given.items():
            if name in {"attributes", "id", "Id"}:
                continue
            if name not in self.schema[kind]:
                raise RowError("INVALID_FIELD", f"No such column '{name}' on sobject of type {kind}", name)
            if name in READ_ONLY:
                raise RowError("INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update fields: {name}.", name)
            sort = self.schema[kind][name]
            if value is not None:
                self._check_value(name, sort, value)
            values[name] = value.strip().replace("\r\n", "\n") if isinstance(value, str) else value
        if owner := values.get("OwnerId"):
            user = self.tables["User"].get(with_suffix(owner[:15]))
            if user is None:
                raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", "OwnerId")
            if not user["IsActive"]:
                raise RowError("INACTIVE_OWNER_OR_USER", f"operation performed with inactive user [{owner}]", "OwnerId")
        if what := values.get("WhatId"):
            target = self.tables["Opportunity"].get(what) or self.tables["Account"].get(what)
            if target is None or target["IsDeleted"]:
                raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", "WhatId")
        if key := values.get("Rekindle_Key__c"):
            for other in self.tables["Task"].values():
                if other.get("Rekindle_Key__c") == key and other["Id"] != own_id and not other["IsDeleted"]:
                    raise RowError(
                        "DUPLICATE_VALUE",
                        "duplicate value found: Rekindle_Key__c duplicates value on record with id: "
                        + other["Id"][:15],
                        "Rekindle_Key__c",
                    )
        return values

    def _check_value(self, name: str, sort: str, value: Any) -> None:
        if sort in {"date", "datetime"}:
            try:
                if sort == "date":
                    date.fromisoformat(value)
                else:
                    datetime.fromisoformat(value)
            except (TypeError, ValueError):
                raise RowError(
                    "JSON_PARSER_ERROR", f"Cannot deserialize instance of {sort} from {value!r}", name
                ) from None
        elif sort == "boolean":
            if not isinstance(value, bool):
                raise RowError("JSON_PARSER_ERROR", f"Cannot deserialize instance of boolean from {value!r}", name)
        elif sort not in {"double", "currency", "int", "percent"}:
            if not isinstance(value, str):
                raise RowError("JSON_PARSER_ERROR", f"Cannot deserialize instance of string from {value!r}", name)
            if len(value) > (32000 if sort == "textarea" else 255):
                raise RowError("STRING_TOO_LONG", f"{name}: data value too large", name)

    def _create(self, kind: str, given: Mapping[str, Any]) -> str:
        values = self._checked(kind, given, own_id=None)
        if kind == "Task":
            values = {"Status": "Not Started", "Priority": "Normal", "OwnerId": self.integration_user, **values}
        record_id = self.insert(kind, values)
        self.wrote(f"create {kind}", record_id)
        return record_id

    def _update(self, kind: str, record_id: str, given: Mapping[str, Any]) -> None:
        record = self._live(kind, record_id)
        values = self._checked(kind, given, own_id=record["Id"])
        record.update(values)
        record["LastModifiedDate"] = record["SystemModstamp"] = instant(now())
        self._derive(kind, record)
        self.wrote(f"update {kind}", record["Id"])

    def _delete(self, kind: str, record_id: str) -> None:
        record = self._live(kind, record_id)
        record["IsDeleted"] = True
        record["SystemModstamp"] = instant(now())
        self.wrote(f"delete {kind}", record["Id"])

    def _by_key(self, kind: str, field: str, key: str) -> str | None:
        if field not in self.schema[kind] or field != "Rekindle_Key__c":
            raise RowError("NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {field}")
        return next(
            (row["Id"] for row in self.tables[kind].values() if row.get(field) == key and not row["IsDeleted"]), None
        )

    def _record(self, request: Request, kind: str, rest: list[str]) -> Answer:
        try:
            kind = self._kind(kind)
            match (request.method, *rest):
                case ("POST",):
                    return Answer(201, {"id": self._create(kind, request.json()), "success": True, "errors": []})
                case ("GET", record_id):
                    record = self._live(kind, record_id)
                    names = request.query.get("fields", "").split(",") if "fields" in request.query else list(record)
                    return Answer(200, {"attributes": {"type": kind}, **{name: record.get(name) for name in names}})
                case ("PATCH", record_id):
                    self._update(kind, record_id, request.json())
                    return Answer(204)
                case ("DELETE", record_id):
                    self._delete(kind, record_id)
                    return Answer(204)
                case ("PATCH", field, key):
                    found = self._by_key(kind, field, key)
                    if found:
                        self._update(kind, found, request.json())
                        return Answer(200, {"id": found, "success": True, "errors": [], "created": False})
                    made = self._create(kind, {**request.json(), field: key})
                    return Answer(201, {"id": made, "success": True, "errors": [], "created": True})
        except SoqlError as fault:
            return errors(404, "NOT_FOUND", fault.message)
        except RowError as fault:
            missing = fault.code in {"NOT_FOUND", "ENTITY_IS_DELETED"}
            return errors(404 if missing else 400, fault.code, fault.message, *fault.fields)
        return errors(405, "METHOD_NOT_ALLOWED", "HTTP Method not allowed")

    def _collection(self, request: Request, rest: list[str]) -> Answer:
        if request.method == "GET" and rest:
            ids, names = request.query.get("ids", "").split(","), request.query.get("fields", "").split(",")
            return self._many(rest[0], ids, names)
        if request.method == "POST" and rest:
            asked = request.json()
            return self._many(rest[0], asked["ids"], asked["fields"])
        if request.method == "DELETE":
            ids = [one for one in request.query.get("ids", "").split(",") if one]
            if len(ids) > 200:
                return errors(400, "EXCEEDED_ID_LIMIT", "record limit reached")
            return Answer(200, [self._one_row("DELETE", "", {"id": one}, rest) for one in ids])
        asked = request.json()
        records = asked["records"]
        if len(records) > 200:
            return errors(400, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records")
        if any("type" not in (one.get("attributes") or {}) for one in records):
            return errors(400, "INVALID_INPUT", "Include an entity type with each record in the request.")
        return Answer(200, [self._one_row(request.method, one["attributes"]["type"], one, rest) for one in records])

    def _many(self, kind: str, ids: list[str], names: list[str]) -> Answer:
        for name in names:
            if name not in self.schema[kind]:
                return errors(400, "INVALID_FIELD", f"No such column '{name}' on entity '{kind}'")
        found: list[Record | None] = []
        for one in ids:
            record = self.tables[kind].get(with_suffix(one[:15]))
            gone = record is None or record["IsDeleted"]
            found.append(
                None
                if gone or record is None
                else {"attributes": {"type": kind}, **{name: record[name] for name in names}}
            )
        return Answer(200, found)

    def _one_row(self, method: str, kind: str, given: Record, rest: list[str]) -> Record:
        if self.faults.hits_row():
            said = "unable to obtain exclusive access to this record or 1 records: " + str(given.get("WhatId") or "001")
            return {"success": False, "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": said, "fields": []}]}
        try:
            if method == "DELETE":
                kind = next((one for one, prefix in PREFIXES.items() if given["id"].startswith(prefix)), "Task")
                self._delete(kind, given["id"])
                return {"id": given["id"], "success": True, "errors": []}
            if method == "POST":
                return {"id": self._create(kind, given), "success": True, "errors": []}
            if rest:
                kind, field = rest
                key = given[field]
                found = self._by_key(kind, field, key)
                if found:
                    self._update(kind, found, given)
                    return {"id": found, "success": True, "errors": [], "created": False}
                return {"id": self._create(kind, given), "success": True, "errors": [], "created": True}
            record_id = given.get("id") or given.get("Id") or ""
            self._update(kind, record_id, given)
        except RowError as fault:
            one = {"statusCode": fault.code, "message": fault.message, "fields": fault.fields}
            return {"success": False, "errors": [one]}
        return {"id": record_id, "success": True, "errors": []}
