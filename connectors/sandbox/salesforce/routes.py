"""The resources of one API version: which method of which path does what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import unquote

import orjson

from connectors.sandbox.salesforce import rows
from connectors.sandbox.salesforce.bulk import BulkJobs
from connectors.sandbox.salesforce.collections import Collections
from connectors.sandbox.salesforce.describe import describe_object, summary
from connectors.sandbox.salesforce.errors import RefusedError, not_found
from connectors.sandbox.salesforce.queries import Queries
from connectors.sandbox.salesforce.schema import ObjectSpec
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.salesforce.store import Store
from connectors.sandbox.salesforce.writing import Writer
from connectors.sandbox.wire import Request, Response, json_response

_JSON = {"Content-Type": "application/json;charset=UTF-8"}


class OrgParts(Protocol):
    """What the resources need of an org."""

    settings: OrgSettings
    schema: Mapping[str, ObjectSpec]
    store: Store
    writer: Writer
    queries: Queries
    collections: Collections
    bulk: BulkJobs

    def used(self) -> int:
        """Calls counted in the last 24 hours."""
        ...


class Routes:
    """One request inside a version of the API, its token already seen."""

    def __init__(self, org: OrgParts, request: Request, version: str, now: datetime) -> None:
        self.org = org
        self.request = request
        self.version = version
        self.now = now

    def answer(self, path: str) -> Response:
        for pattern, methods in _TABLE:
            found = pattern.fullmatch(path)
            if found is None:
                continue
            handler = methods.get(self.request.method)
            if handler is None:
                allowed = ",".join(methods)
                says = f"HTTP Method '{self.request.method}' not allowed. Allowed are {allowed}"
                raise RefusedError("METHOD_NOT_ALLOWED", says, status=405)
            return handler(self, **found.groupdict())
        raise not_found()

    def json(self) -> Any:
        content = self.request.headers.get("content-type", "")
        if not content.startswith("application/json"):
            says = f"Content-Type header specified in HTTP request is not supported: {content}"
            raise RefusedError("UNSUPPORTED_MEDIA_TYPE", says, status=415)
        try:
            return orjson.loads(self.request.body)
        except ValueError as error:
            raise RefusedError("JSON_PARSER_ERROR", f"{error} at [line:1, column:1]") from None

    def spec(self, name: str) -> ObjectSpec:
        spec = self.org.schema.get(name)
        readable = self.org.settings.can_read
        if spec is None or (readable is not None and name not in readable):
            raise not_found()
        return spec

    def resources(self) -> Response:
        base = f"/services/data/v{self.version}"
        return json_response({name: f"{base}/{name}" for name in ("sobjects", "query", "queryAll", "limits", "jobs")})

    def query(self, *, is_all: bool = False) -> Response:
        text = self.request.args.get("q")
        if not text:
            raise RefusedError("MALFORMED_QUERY", "SOQL statements cannot be empty")
        options = self.request.headers.get("sforce-query-options", "")
        page = self.org.queries.start(text, now=self.now, version=self.version, options=options, is_all=is_all)
        return Response(headers=_JSON, body=page)

    def query_all(self) -> Response:
        self.org.store.forget_old_bin(self.now)
        return self.query(is_all=True)

    def more(self, locator: str) -> Response:
        page = self.org.queries.go_on(locator, now=self.now, version=self.version)
        return Response(headers=_JSON, body=page)

    def limits(self) -> Response:
        settings = self.org.settings
        if not settings.has_limits_permission:
            raise RefusedError("FORBIDDEN", "You do not have access to this resource", status=403)
        daily = {"Max": settings.daily_limit, "Remaining": max(0, settings.daily_limit - self.org.used())}
        jobs = {"Max": 10_000, "Remaining": 10_000 - len(self.org.bulk.jobs)}
        storage = {"Max": 1_000_000, "Remaining": 1_000_000}
        names = {"DailyApiRequests": daily, "DailyBulkV2QueryJobs": jobs, "DailyBulkV2QueryFileStorageMB": storage}
        return json_response(names)

    def objects(self) -> Response:
        specs = self.org.schema.values()
        can = self.org.settings.can_write
        found = [summary(spec, self.version, can_write=spec.name in can) for spec in specs]
        return json_response({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": found})

    def describe(self, name: str) -> Response:
        spec = self.spec(name)
        can_write = spec.is_writable and name in self.org.settings.can_write
        return json_response(describe_object(spec, self.version, can_write=can_write))

    def create(self, name: str) -> Response:
        return rows.create(self.org.writer, self.spec(name), self.json(), self.now)

    def deleted(self, name: str) -> Response:
        return rows.deleted(self.org.store, self.spec(name), self.request.args, self.now)

    def updated(self, name: str) -> Response:
        return rows.updated(self.org.store, self.spec(name), self.request.args, self.now)

    def read(self, name: str, record_id: str) -> Response:
        spec = self.spec(name)
        record = rows.find(self.org.writer, spec, record_id)
        return rows.read(spec, record, self.version, self.request.args.get("fields"))

    def update(self, name: str, record_id: str) -> Response:
        return rows.update(self.org.writer, self.spec(name), record_id, self.json(), self.now)

    def delete(self, name: str, record_id: str) -> Response:
        self.org.writer.delete(self.spec(name), record_id, self.now)
        return Response(status=204)

    def read_by_key(self, name: str, field: str, value: str) -> Response:
        spec = self.spec(name)
        field = rows.external_field(spec, field)
        matches = self.org.writer.matches(spec, field, unquote(value))
        if not matches:
            raise not_found()
        return rows.read(spec, self.org.store.tables[name][matches[0]], self.version, self.request.args.get("fields"))

    def upsert(self, name: str, field: str, value: str) -> Response:
        return rows.upsert(
            self.org.writer, self.spec(name), field, value, self.json(), self.now, version=self.version,
            args=self.request.args,
        )  # fmt: skip

    def create_many(self) -> Response:
        return json_response(self.org.collections.create(self.json(), self.now))

    def update_many(self) -> Response:
        return json_response(self.org.collections.update(self.json(), self.now))

    def delete_many(self) -> Response:
        return json_response(self.org.collections.delete(self.request.args, self.now))

    def upsert_many(self, name: str, field: str) -> Response:
        return json_response(self.org.collections.upsert(name, field, self.json(), self.now))

    def start_job(self) -> Response:
        return self.org.bulk.start(self.json(), version=self.version, now=self.now)

    def look_at_job(self, job: str) -> Response:
        return self.org.bulk.look(job)

    def end_job(self, job: str) -> Response:
        return self.org.bulk.abort(job, self.json())

    def drop_job(self, job: str) -> Response:
        return self.org.bulk.drop(job)

    def job_results(self, job: str) -> Response:
        return self.org.bulk.results(job, self.request.args, version=self.version)


_Handler = Callable[..., Response]
_OBJECT, _ID = r"/sobjects/(?P<name>\w+)", r"/(?P<record_id>[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?)"
_KEY, _JOB = r"/(?P<field>\w+)/(?P<value>[^/]+)", r"/jobs/query/(?P<job>\w+)"
_TABLE: tuple[tuple[re.Pattern[str], Mapping[str, _Handler]], ...] = tuple(
    (re.compile(pattern), methods)
    for pattern, methods in (
        ("/", {"GET": Routes.resources}),
        ("/query", {"GET": Routes.query}),
        ("/queryAll", {"GET": Routes.query_all}),
        (r"/query(?:All)?/(?P<locator>[\w-]+)", {"GET": Routes.more}),
        ("/limits", {"GET": Routes.limits}),
        ("/sobjects", {"GET": Routes.objects}),
        (f"{_OBJECT}/describe", {"GET": Routes.describe}),
        (f"{_OBJECT}/deleted", {"GET": Routes.deleted}),
        (f"{_OBJECT}/updated", {"GET": Routes.updated}),
        (_OBJECT, {"GET": Routes.describe, "POST": Routes.create}),
        (_OBJECT + _ID, {"GET": Routes.read, "PATCH": Routes.update, "DELETE": Routes.delete}),
        (_OBJECT + _KEY, {"GET": Routes.read_by_key, "PATCH": Routes.upsert}),
        (
            "/composite/sobjects",
            {"POST": Routes.create_many, "PATCH": Routes.update_many, "DELETE": Routes.delete_many},
        ),
        (r"/composite/sobjects/(?P<name>\w+)/(?P<field>\w+)", {"PATCH": Routes.upsert_many}),
        ("/jobs/query", {"POST": Routes.start_job}),
        (_JOB, {"GET": Routes.look_at_job, "PATCH": Routes.end_job, "DELETE": Routes.drop_job}),
        (f"{_JOB}/results", {"GET": Routes.job_results}),
    )
)
