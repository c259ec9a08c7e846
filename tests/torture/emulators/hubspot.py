"""A HubSpot portal on the loopback: objects, search, batches, associations and owners, in v3 or dated paths."""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from tests.torture.emulators.hubspot_schema import (
    PIPELINES,
    READ_ONLY,
    SIGN,
    SINGULAR,
    TYPE_IDS,
    definition,
    schema_of,
)
from tests.torture.emulators.wire import Answer, Emulator, Record, Request, now
from tests.torture.world import World

STAGES = {stage: (probability, closed) for stages in PIPELINES.values() for stage, _, probability, closed in stages}
OF_TYPE = {number: kind for kind, number in SIGN.items()}


def instant(moment: datetime) -> str:
    """An instant as the API shows it; milliseconds only where there are some."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return text.replace(".000Z", "Z")


@lru_cache(maxsize=100_000)
def parse_when(value: Any) -> datetime:
    """A datetime as a client may write it: ISO, or milliseconds since 1970."""
    text = str(value)
    if re.fullmatch(r"-?\d+", text):
        return datetime.fromtimestamp(int(text) / 1000, tz=UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def tidied(body: str) -> str:
    """What the portal's editor makes of a task's body: other entities, attributes, a div around it."""
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r"<(/?)(script|style|span)[^>]*>", "", body)
    body = body.replace("&#39;", "'").replace("&#x27;", "'").replace("&quot;", '"').replace("<br>", "<br/>")
    body = body.replace("<p>", '<p style="margin:0;">').replace("\n", " ")
    body = re.sub(r'<a href="([^"]*)"[^>]*>', r'<a href="\1" rel="noopener" target="_blank">', body)
    return f'<div style="" dir="auto" data-top-level="true">{body.strip()}</div>'


def failure(status: int, category: str, message: str, **more: Any) -> Answer:
    """The error envelope."""
    said = {"status": "error", "message": message, "correlationId": "6b2e-torture", "category": category, **more}
    return Answer(status, said)


class RefusedError(Exception):
    """A row that was not taken."""

    def __init__(self, status: int, category: str, message: str) -> None:
        super().__init__(message)
        self.status, self.category, self.message = status, category, message


def bad_value(name: str, code: str, says: str) -> RefusedError:
    """A value that was refused: a JSON list inside the message."""
    told = json.dumps([{"isValid": False, "message": says, "error": code, "name": name}])
    return RefusedError(400, "VALIDATION_ERROR", f"Property values were not valid: {told}")


class HubSpot(Emulator):
    """One portal. `family` is the only path family it speaks: v3 or a dated one."""

    token = "pat-eu1-torture"

    def __init__(
        self,
        *,
        full: bool,
        family: str = "v3",
        page: int = 9,
        lag: int = 4,
        multi_status: int = 207,
        account_info: bool = True,
        token_info: bool = True,
        associations_page: int = 500,
    ) -> None:
        super().__init__()
        self.full, self.family, self.page, self.lag = full, family, page, lag
        self.token_info = token_info
        self.multi_status, self.account_info, self.associations_page = multi_status, account_info, associations_page
        self.schema = schema_of(full=full)
        self.objects: dict[str, dict[str, Record]] = {kind: {} for kind in SIGN}
        self.index: dict[str, dict[str, Record]] = {kind: {} for kind in SIGN}
        self.stale: dict[tuple[str, str], int] = {}
        self.links: set[tuple[str, str, str, str]] = set()
        self.by_record: dict[tuple[str, str, str], list[str]] = {}
        self.owners: list[Record] = []
        self.random = random.Random(9)
        self.next_id = 31_000_000_001
        self.portal = 48_112_233
        self.limited_last = 0
        self.merged: dict[str, str] = {}

    # -- the book

    def insert(self, kind: str, values: Mapping[str, Any], *, at: datetime | None = None) -> str:
        """A new record."""
        self.next_id += self.random.randrange(1, 90)
        record_id, stamp = str(self.next_id), at or now()
        record: Record = {
            "id": record_id,
            "properties": {},
            "createdAt": instant(stamp),
            "updatedAt": instant(stamp),
            "archived": False,
        }
        self.objects[kind][record_id] = record
        self._set(kind, record, values, at=stamp)
        created = "hs_createdate" if kind == "tasks" else "createdate"
        record["properties"].update({created: instant(stamp), "hs_object_id": record_id})
        return record_id

    def _set(self, kind: str, record: Record, values: Mapping[str, Any], *, at: datetime) -> None:
        have = record["properties"]
        stage_before = have.get("dealstage")
        for name, value in values.items():
            have[name] = None if value in {None, ""} else str(value)
        have["lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"] = instant(at)
        record["updatedAt"] = instant(at)
        if kind == "deals" and self.full and have.get("dealstage") in STAGES:
            probability, closed = STAGES[have["dealstage"]]
            have["hs_is_closed"] = closed
            have["hs_is_closed_won"] = "true" if closed == "true" and probability == "1.0" else "false"
            have["hs_is_closed_lost"] = "true" if closed == "true" and probability == "0.0" else "false"
            if have["dealstage"] != stage_before:
                have[f"hs_v2_date_entered_{have['dealstage']}"] = instant(at)
                have["hs_v2_date_entered_current_stage"] = instant(at)
        if kind == "tasks" and have.get("hs_task_status") == "COMPLETED":
            have.setdefault("hs_task_completion_date", instant(at))
        self._touch(kind, record["id"])

    def _touch(self, kind: str, record_id: str) -> None:
        self.stale[kind, record_id] = len(self.log) + self.lag

    def change(self, kind: str, record_id: str, **values: Any) -> None:
        """A person's change, in the portal's own pages."""
        with self.lock:
            self._set(kind, self.objects[kind][record_id], values, at=now())

    def remove(self, kind: str, record_id: str) -> None:
        """Into the recycle bin."""
        with self.lock:
            record = self.objects[kind][record_id]
            record["archived"], record["archivedAt"] = True, instant(now())
            self.index[kind].pop(record_id, None)

    def merge(self, survivor: str, absorbed: str) -> None:
        """Two deals become one: the absorbed id leads to the survivor from now on."""
        with self.lock:
            gone = self.objects["deals"].pop(absorbed)
            self.index["deals"].pop(absorbed, None)
            kept = self.objects["deals"][survivor]
            names = {**kept["properties"]}
            merged = [*filter(None, (names.get("hs_merged_object_ids") or "").split(";")), gone["id"]]
            for here, one, there, other in list(self.links):
                if (here, one) == ("deals", absorbed):
                    self.links.discard((here, one, there, other))
                    self.links.discard((there, other, here, one))
                    self.link("deals", survivor, there, other)
            self.by_record = {}
            self._set("deals", kept, {"hs_merged_object_ids": ";".join(merged)}, at=now())
            self.merged[absorbed] = survivor

    def link(self, kind: str, record_id: str, other: str, other_id: str) -> None:
        """Associate two records, both ways."""
        for here, one, to, there in ((kind, record_id, other, other_id), (other, other_id, kind, record_id)):
            if self.by_record and (here, one, to, there) not in self.links:
                self.by_record.setdefault((here, one, to), []).append(there)
            self.links.add((here, one, to, there))

    def linked(self, kind: str, record_id: str, other: str) -> list[str]:
        """The live records of another kind at a record."""
        if not self.by_record:
            for here, one, to, there in self.links:
                self.by_record.setdefault((here, one, to), []).append(there)
        found = self.by_record.get((kind, record_id, other), [])
        return sorted(one for one in found if one in self.objects[other] and not self.objects[other][one]["archived"])

    def fill(self, world: World) -> dict[str, str]:
        """Put a world in; gives the deals' ids by name."""
        for number, one in enumerate(world.people):
            first, last = one.name.split()
            self.owners.append(
                {
                    "id": str(70_001 + number),
                    "email": one.email,
                    "firstName": first,
                    "lastName": last,
                    "type": "PERSON",
                    "userId": 5_500 + number if one.is_active else None,
                    "userIdIncludingInactive": 5_500 + number,
                    "createdAt": "2024-01-01T00:00:00Z",
                    "updatedAt": "2024-01-01T00:00:00Z",
                    "archived": not one.is_active,
                }
            )
        companies = []
        for number, company in enumerate(world.companies):
            values: Record = {"name": company.name, "country": company.country, "domain": f"c{number}.example.com"}
            owner = self.owners[company.owner]["id"]
            companies.append(self.insert("companies", {**values, "hubspot_owner_id": owner}))
        found = {}
        for deal in world.deals:
            pipeline, stages = self.random.choice(
                (
                    ("default", {"lost": "closedlost", "won": "closedwon", "open": "contractsent"}),
                    ("4471", {"lost": "781204", "won": "781203", "open": "781201"}),
                )
            )
            at = datetime.combine(min(deal.closed_on, now().date()), time(0, 0, 5), UTC)
            values = {
                "dealname": deal.name,
                "amount": deal.amount,
                "pipeline": pipeline,
                "dealstage": stages[deal.outcome],
                "closedate": instant(datetime.combine(deal.closed_on, time(0, 0, 7, 250_000), UTC)),
                "closed_lost_reason": deal.reason,
                "description": deal.notes,
                "hubspot_owner_id": self.owners[deal.owner]["id"],
            }
            found[deal.name] = self.insert("deals", values, at=at)
            if deal.company is not None:
                self.link("deals", found[deal.name], "companies", companies[deal.company])
        return found

    # -- HTTP

    def limited(self) -> Answer:
        """Too many in ten seconds: one of the two shapes seen, and no Retry-After."""
        self.limited_last += 1
        said = {
            "status": "error",
            "message": "You have reached your ten_secondly_rolling limit.",
            "correlationId": "6b2e-torture",
            "policyName": "TEN_SECONDLY_ROLLING",
            "groupName": "publicapi:private-apps-api-calls-ten-secondly:48112233",
        }
        return Answer(
            429, {**said, **({"errorType": "RATE_LIMIT"} if self.limited_last % 2 else {"category": "RATE_LIMITS"})}
        )

    def handle(self, request: Request) -> Answer:
        """The answer to one request."""
        self._publish()
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return failure(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
        parts = request.path.strip("/").split("/")
        answer = self._route(request, parts)
        if parts[-1] != "search":
            headers = {
                "X-HubSpot-RateLimit-Max": "190",
                "X-HubSpot-RateLimit-Remaining": "180",
                "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
                "X-HubSpot-RateLimit-Daily": "650000",
                "X-HubSpot-RateLimit-Daily-Remaining": str(650_000 - len(self.log)),
            }
            answer = Answer(answer.status, answer.body, {**headers, **answer.headers})
        return answer

    def _publish(self) -> None:
        for (kind, record_id), at in list(self.stale.items()):
            if at <= len(self.log):
                del self.stale[kind, record_id]
                record = self.objects[kind].get(record_id)
                if record is not None and not record["archived"]:
                    self.index[kind][record_id] = {**record, "properties": dict(record["properties"])}

    def publish_all(self) -> None:
        """The index catches up at once."""
        with self.lock:
            self.stale = dict.fromkeys(self.stale, 0)
            self._publish()

    def _route(self, request: Request, parts: list[str]) -> Answer:
        version, family = self.family, self.family
        v4 = "v4" if family == "v3" else family
        path = parts
        if path[:3] == ["account-info", "v3", "details"]:
            if not self.account_info:
                return failure(
                    403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call."
                )
            return Answer(
                200,
                {
                    "portalId": self.portal,
                    "accountType": "STANDARD",
                    "timeZone": "US/Eastern",
                    "companyCurrency": "USD",
                    "utcOffset": "-05:00",
                    "utcOffsetMilliseconds": -18_000_000,
                    "uiDomain": "app-eu1.hubspot.com",
                    "dataHostingLocation": "eu1",
                },
            )
        if path[0] == "oauth" and path[-1] == "access-token-info" and self.token_info:
            if request.json() != {"tokenKey": self.token}:
                return failure(400, "VALIDATION_ERROR", "tokenKey is missing")
            return Answer(
                200, {"userId": 5500, "hubId": self.portal, "appId": 99, "scopes": ["crm.objects.deals.read"]}
            )
        if path[0] != "crm":
            return self._nothing(request)
        rest = self._under(path, "objects", version)
        if rest is not None:
            return self._objects(request, rest)
        if self.family == "v3" and path[1:3] == ["v4", "objects"]:
            return self._links_of_one(request, path[3:])
        rest = self._under(path, "associations", v4)
        if rest is not None:
            return self._links_batch(request, rest)
        rest = self._under(path, "properties", version)
        if rest is not None and request.method == "GET":
            return self._properties(rest)
        rest = self._under(path, "pipelines", version)
        if rest is not None and request.method == "GET" and rest[:1] == ["deals"]:
            return self._pipelines()
        rest = self._under(path, "owners", version)
        if rest is not None and request.method == "GET":
            return self._owners(request, rest)
        return self._nothing(request)

    def _under(self, path: list[str], what: str, version: str) -> list[str] | None:
        head = ["crm", version, what] if version.startswith("v") else ["crm", what, version]
        return path[3:] if path[:3] == head else None

    def _nothing(self, request: Request) -> Answer:
        return Answer(404, b"<html><body><h2>HTTP ERROR 404 Not Found</h2></body></html>")

    def _kind(self, name: str) -> str | None:
        kind = OF_TYPE.get(name) or SINGULAR.get(name) or name
        return kind if kind in self.objects else None

    def _properties(self, rest: list[str]) -> Answer:
        kind = self._kind(rest[0])
        if kind is None:
            return failure(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call.")
        if len(rest) == 2:
            sort = self.schema[kind].get(rest[1])
            return (
                Answer(200, definition(rest[1], sort)) if sort else failure(404, "OBJECT_NOT_FOUND", "no such property")
            )
        return Answer(200, {"results": [definition(name, sort) for name, sort in self.schema[kind].items()]})

    def _pipelines(self) -> Answer:
        found = []
        for order, (pipeline, stages) in enumerate(PIPELINES.items()):
            shown = [
                {
                    "id": stage,
                    "label": label,
                    "displayOrder": place,
                    "metadata": {"isClosed": closed, "probability": probability},
                    "archived": False,
                }
                for place, (stage, label, probability, closed) in enumerate(stages)
            ]
            found.append({"id": pipeline, "label": pipeline, "displayOrder": order, "stages": shown, "archived": False})
        return Answer(200, {"results": found})

    def _owners(self, request: Request, rest: list[str]) -> Answer:
        if rest:
            found = [one for one in self.owners if one["id"] == rest[0]]
            return Answer(200, found[0]) if found else failure(404, "OBJECT_NOT_FOUND", "resource not found")
        archived = request.query.get("archived", "false") == "true"
        chosen = [one for one in self.owners if one["archived"] == archived]
        if email := request.query.get("email"):
            chosen = [one for one in chosen if one["email"] == email]
        return self._paged(request, chosen, most=2)

    def _paged(self, request: Request, rows: Sequence[Any], *, most: int) -> Answer:
        start, limit = int(request.query.get("after") or 0), min(int(request.query.get("limit") or 10), most)
        body: Record = {"results": rows[start : start + limit]}
        if start + limit < len(rows):
            after = str(start + limit)
            body["paging"] = {"next": {"after": after, "link": f"https://api.hubapi.com{request.path}?after={after}"}}
        return Answer(200, body)

    # -- objects

    def _shown(self, kind: str, record: Record, names: Sequence[str], *, associations: Sequence[str] = ()) -> Record:
        always = ["hs_object_id", "hs_createdate" if kind == "tasks" else "createdate"]
        always.append("lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate")
        wanted = [*names, *(one for one in always if one not in names)]
        have = record["properties"]
        shown = {
            **{key: value for key, value in record.items() if key != "properties"},
            "properties": {name: have.get(name) for name in wanted if name in self.schema[kind]},
        }
        found: Record = {}
        for other in associations:
            to = self._kind(other)
            ids = self.linked(kind, record["id"], to) if to else []
            if to and ids:
                label = f"{kind.rstrip('s')}_to_{'company' if to == 'companies' else to.rstrip('s')}"
                doubled = [{"id": one, "type": sort} for one in ids for sort in (label, f"{label}_unlabeled")]
                found[to] = {"results": doubled}
        if found:
            shown["associations"] = found
        return shown

    def _objects(self, request: Request, rest: list[str]) -> Answer:
        kind = self._kind(rest[0])
        if kind is None:
            return failure(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call.")
        names = [one for one in request.query.get("properties", "").split(",") if one]
        others = [one for one in request.query.get("associations", "").split(",") if one]
        archived = request.query.get("archived", "false") == "true"
        try:
            match (request.method, *rest[1:]):
                case ("GET",):
                    rows = [one for one in self.objects[kind].values() if one["archived"] == archived]
                    answer = self._paged(request, rows, most=self.page)
                    shown = [self._shown(kind, one, names, associations=others) for one in answer.body["results"]]
                    answer.body["results"] = shown
                    return answer
                case ("POST",):
                    asked = request.json()
                    made = self._create(kind, asked)
                    return Answer(201, self._shown(kind, made, list(asked["properties"])))
                case ("POST", "search"):
                    return self._search(kind, request.json())
                case ("POST", "batch", verb):
                    return self._batch(kind, verb, request)
                case ("GET", record_id):
                    record = self._get(kind, record_id, archived=archived)
                    return Answer(200, self._shown(kind, record, names, associations=others))
                case ("PATCH", record_id):
                    record = self._update(kind, record_id, request.json()["properties"])
                    return Answer(200, self._shown(kind, record, []))
                case ("DELETE", record_id):
                    self._archive(kind, record_id)
                    return Answer(204)
                case ("PUT", record_id, "associations", *_):
                    return self._links_of_one(request, rest)
        except RefusedError as refused:
            return failure(refused.status, refused.category, refused.message)
        return self._nothing(request)

    def _get(self, kind: str, record_id: str, *, archived: bool = False) -> Record:
        record = self.objects[kind].get(self.merged.get(record_id, record_id))
        if record is None or record["archived"] != archived:
            raise RefusedError(404, "OBJECT_NOT_FOUND", "resource not found")
        return record

    def _checked(self, kind: str, given: Mapping[str, Any]) -> Record:
        values: Record = {}
        for name, value in given.items():
            sort = self.schema[kind].get(name)
            if sort is None:
                raise bad_value(name, "PROPERTY_DOESNT_EXIST", "it does not exist")
            if name in READ_ONLY or name.startswith(("hs_is_closed", "hs_v2_")):
                raise bad_value(name, "READ_ONLY_VALUE", "it is read only")
            values[name] = self._stored(name, sort, value)
        return values

    def _stored(self, name: str, sort: str, value: Any) -> Any:
        if value in {None, ""}:
            return None
        try:
            if sort == "datetime":
                return instant(parse_when(value))
            if sort == "date":
                found = parse_when(value)
                if found != found.replace(hour=0, minute=0, second=0, microsecond=0):
                    raise ValueError(value)  # noqa: TRY301 - one refusal for both
                return found.date().isoformat()
        except ValueError:
            raise bad_value(name, "INVALID_DATE", f"{value} was not a valid date") from None
        if name == "hubspot_owner_id" and not any(
            one["id"] == str(value) and not one["archived"] for one in self.owners
        ):
            raise bad_value(name, "INVALID_OWNER_ID", f"{value} is not a valid owner")
        if name == "hs_task_body":
            return tidied(str(value))
        return str(value).strip()

    def _create(self, kind: str, asked: Mapping[str, Any]) -> Record:
        values = self._checked(kind, asked.get("properties") or {})
        if kind == "tasks":
            if not values.get("hs_timestamp"):
                raise RefusedError(
                    400, "VALIDATION_ERROR", "Error creating TASK. Some required properties were not set."
                )
            values = {"hs_task_status": "NOT_STARTED", "hs_task_type": "TODO", "hs_task_priority": "NONE", **values}
            values["hs_body_preview"] = html.unescape(re.sub(r"<[^>]*>", "", values.get("hs_task_body") or ""))[:300]
        ends: list[tuple[str, str]] = []
        for one in asked.get("associations") or []:
            number = one["types"][0]["associationTypeId"]
            to = next((other for (here, other), known in TYPE_IDS.items() if here == kind and known == number), None)
            other_id = self.merged.get(str(one["to"]["id"]), str(one["to"]["id"]))
            if to is None or other_id not in self.objects[to]:
                raise RefusedError(400, "VALIDATION_ERROR", f"Invalid association to {other_id}")
            ends.append((to, other_id))
        record_id = self.insert(kind, values)
        for to, other_id in ends:
            self.link(kind, record_id, to, other_id)
            if to == "deals":
                self._set("deals", self.objects["deals"][other_id], {"notes_last_updated": instant(now())}, at=now())
        self.wrote(f"create {kind}", record_id)
        return self.objects[kind][record_id]

    def _update(self, kind: str, record_id: str, given: Mapping[str, Any]) -> Record:
        record = self._get(kind, record_id)
        self._set(kind, record, self._checked(kind, given), at=now())
        self.wrote(f"update {kind}", record["id"])
        return record

    def _archive(self, kind: str, record_id: str) -> None:
        if record_id in self.objects[kind] and not self.objects[kind][record_id]["archived"]:
            self.remove(kind, record_id)
            self.wrote(f"delete {kind}", record_id)

    # -- batches

    def _batch(self, kind: str, verb: str, request: Request) -> Answer:
        asked = request.json()
        inputs = asked["inputs"]
        if len(inputs) > 100:
            return failure(400, "VALIDATION_ERROR", "Batch request exceeded 100 inputs")
        if verb == "archive":
            for one in inputs:
                self._archive(kind, str(one["id"]))
            return Answer(204)
        archived = request.query.get("archived", "false") == "true"
        names = asked.get("properties") or []
        work: dict[str, Callable[[Record], Record]] = {
            "read": lambda one: self._shown(kind, self._get(kind, str(one["id"]), archived=archived), names),
            "create": lambda one: self._shown(kind, self._create(kind, one), list(one.get("properties") or {})),
            "update": lambda one: self._shown(kind, self._update(kind, str(one["id"]), one["properties"]), []),
        }
        if verb not in work:
            return failure(400, "VALIDATION_ERROR", "Unable to perform upsert by non-unique property")
        if verb == "create" and not all(one.get("objectWriteTraceId") for one in inputs):
            for one in inputs:
                self._checked(kind, one.get("properties") or {})
        results, troubles = [], []
        for one in inputs:
            try:
                if verb != "read" and self.faults.hits_row():
                    raise RefusedError(500, "INTERNAL_ERROR", "internal error")  # noqa: TRY301 - as any row
                shown = work[verb](one)
                trace = one.get("objectWriteTraceId")
                results.append({**shown, **({"objectWriteTraceId": trace} if trace else {})})
            except RefusedError as refused:
                context = {"objectWriteTraceId": [one["objectWriteTraceId"]]} if one.get("objectWriteTraceId") else {}
                if "id" in one:
                    context["ids"] = [str(one["id"])]
                troubles.append(
                    {"status": "error", "category": refused.category, "message": refused.message, "context": context}
                )
        self.random.shuffle(results)
        body: Record = {
            "status": "COMPLETE",
            "results": list({one["id"]: one for one in results}.values()),
            "startedAt": instant(now()),
            "completedAt": instant(now()),
        }
        if troubles:
            body.update({"numErrors": len(troubles), "errors": troubles})
            return Answer(self.multi_status, body)
        return Answer(201 if verb == "create" else 200, body)

    # -- search

    def _search(self, kind: str, asked: Record) -> Answer:
        groups = asked.get("filterGroups") or []
        filters = [one for group in groups for one in group["filters"]]
        if len(groups) > 5 or len(filters) > 18 or any(len(group["filters"]) > 6 for group in groups):
            return failure(400, "VALIDATION_ERROR", "Too many filters")
        limit, start = int(asked.get("limit") or 10), int(asked.get("after") or 0)
        if limit > 200 or start + limit > 10_000:
            return failure(400, "VALIDATION_ERROR", "limit must be at most 200, and paging ends at 10000 results")
        for one in filters:
            if one["propertyName"] not in self.schema[kind] and not one["propertyName"].startswith("associations."):
                return failure(400, "VALIDATION_ERROR", "There was a problem with the request.")
        rows = [
            row
            for row in self.index[kind].values()
            if not groups or any(all(self._passes(kind, row, one) for one in group["filters"]) for group in groups)
        ]
        sorts = asked.get("sorts") or [{"propertyName": "createdate", "direction": "ASCENDING"}]
        sort = sorts[0] if isinstance(sorts[0], dict) else {"propertyName": sorts[0]}
        name, down = sort["propertyName"], sort.get("direction") == "DESCENDING"
        rows.sort(key=lambda row: (self._comparable(kind, name, row["properties"].get(name)), row["id"]), reverse=down)
        step = min(limit, self.page)
        body: Record = {
            "total": len(rows),
            "results": [self._shown(kind, row, asked.get("properties") or []) for row in rows[start : start + step]],
        }
        if start + step < len(rows):
            body["paging"] = {"next": {"after": str(start + step), "link": "?after=" + str(start + step)}}
        return Answer(200, body)

    def _comparable(self, kind: str, name: str, value: Any) -> tuple[int, float, str]:
        if value is None:
            return (0, 0.0, "")
        sort = self.schema[kind].get(name, "string")
        if sort in {"datetime", "date"}:
            return (1, parse_when(value).timestamp() * 1000, "")
        if sort == "number":
            return (1, float(value), "")
        return (1, 0.0, str(value).lower())

    def _passes(self, kind: str, row: Record, one: Mapping[str, Any]) -> bool:
        name, operator = one["propertyName"], one["operator"]
        if name.startswith("associations."):
            to = self._kind(name.split(".")[1]) or ""
            wanted = [str(value) for value in one.get("values") or [one.get("value")]]
            return bool(set(self.linked(kind, row["id"], to)) & set(wanted))
        value = row["properties"].get(name)
        if operator in {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}:
            return bool((value is not None) == (operator == "HAS_PROPERTY"))
        if operator in {"IN", "NOT_IN"}:
            return bool((str(value) in [str(each) for each in one["values"]]) == (operator == "IN"))
        have = self._comparable(kind, name, value)
        wanted_one = self._comparable(kind, name, one.get("value"))
        if operator == "EQ":
            return have == wanted_one
        if operator == "NEQ":
            return have != wanted_one
        if value is None:
            return False
        if operator == "BETWEEN":
            return bool(wanted_one <= have <= self._comparable(kind, name, one["highValue"]))
        if operator == "CONTAINS_TOKEN":
            return str(one["value"]).strip("*").lower() in str(value).lower()
        return {"GT": have > wanted_one, "GTE": have >= wanted_one, "LT": have < wanted_one, "LTE": have <= wanted_one}[
            operator
        ]

    # -- associations

    def _links_of_one(self, request: Request, rest: list[str]) -> Answer:
        kind, record_id = self._kind(rest[0]), rest[1]
        others = [one for one in rest[2:] if one not in {"associations", "default"}]
        to = self._kind(others[0]) if others else None
        if kind is None or to is None:
            return failure(400, "VALIDATION_ERROR", "unknown object type")
        if request.method == "GET":
            return self._paged(request, self._ends(kind, record_id, to), most=self.associations_page)
        if request.method == "PUT":
            self.link(kind, record_id, to, others[1])
            self.wrote("associate", record_id)
            return Answer(200, {"status": "COMPLETE", "results": []})
        return self._nothing(request)

    def _ends(self, kind: str, record_id: str, to: str) -> list[Record]:
        number = TYPE_IDS.get((kind, to), 1)
        types = [{"category": "HUBSPOT_DEFINED", "typeId": number, "label": None}]
        if (kind, to) == ("deals", "companies"):
            types.append({"category": "HUBSPOT_DEFINED", "typeId": 5, "label": "Primary"})
        ids = self.linked(kind, record_id, to)
        return [{"toObjectId": int(one) if self.family == "v3" else one, "associationTypes": types} for one in ids]

    def _links_batch(self, request: Request, rest: list[str]) -> Answer:
        if len(rest) != 4 or rest[2:] != ["batch", "read"]:
            return self._nothing(request)
        kind, to = self._kind(rest[0]), self._kind(rest[1])
        if kind is None or to is None:
            return failure(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call.")
        inputs = request.json()["inputs"]
        if len(inputs) > 1000:
            return failure(400, "VALIDATION_ERROR", "too many inputs")
        results, troubles = [], []
        for one in inputs:
            record_id = str(one["id"])
            ends, start = self._ends(kind, record_id, to), int(one.get("after") or 0)
            if not ends:
                troubles.append(
                    {
                        "status": "error",
                        "category": "OBJECT_NOT_FOUND",
                        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
                        "message": f"No {to} is associated with {kind} {record_id}.",
                        "context": {"fromObjectId": [record_id], "fromObjectType": [kind], "toObjectType": [to]},
                    }
                )
                continue
            shown: Record = {"from": {"id": record_id}, "to": ends[start : start + self.associations_page]}
            if start + self.associations_page < len(ends):
                shown["paging"] = {"next": {"after": str(start + self.associations_page)}}
            results.append(shown)
        self.random.shuffle(results)
        body: Record = {
            "status": "COMPLETE",
            "results": results,
            "startedAt": "2026-01-01T00:00:00Z",
            "completedAt": "2026-01-01T00:00:01Z",
        }
        if troubles:
            return Answer(self.multi_status, {**body, "numErrors": len(troubles), "errors": troubles})
        return Answer(200, body)


def days_from_now(days: int) -> str:
    """Midday of a coming day, as the API writes it."""
    return instant((now() + timedelta(days=days)).replace(hour=12, minute=0, second=0, microsecond=0))
