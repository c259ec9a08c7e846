"""One Salesforce org: from a request to its answer."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import orjson

from connectors.sandbox.book import Book
from connectors.sandbox.salesforce import rows
from connectors.sandbox.salesforce.bulk import BulkJobs
from connectors.sandbox.salesforce.collections import Collections
from connectors.sandbox.salesforce.describe import describe_object, summary
from connectors.sandbox.salesforce.errors import RefusedError, not_found
from connectors.sandbox.salesforce.loading import Loader
from connectors.sandbox.salesforce.oauth import Tokens
from connectors.sandbox.salesforce.org_schema import build_schema
from connectors.sandbox.salesforce.people import People
from connectors.sandbox.salesforce.queries import Queries
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.salesforce.store import Store
from connectors.sandbox.salesforce.writing import Writer
from connectors.sandbox.wire import Request, Response, json_response

MAX_URI_BYTES = 16_384
OLDEST_LIVING = 31.0
_VERSIONED = re.compile(r"/services/data/v(\d+\.\d+)(/.*)?")
_SEASONS = ("Spring", "Summer", "Winter")


class SalesforceOrg(People):
    """Answers REST, SOQL, collections and Bulk 2.0 from the records it holds. Also the tests' handle on them."""

    def __init__(self, book: Book, settings: OrgSettings | None = None) -> None:
        self.settings = settings or OrgSettings()
        self.schema = build_schema(self.settings, book)
        self.store = Store(self.schema)
        loader = Loader(self.store, self.settings, book)
        loader.load()
        self.loaded = loader
        self.organization_id = next(iter(self.store.tables["Organization"]))
        self.tokens = Tokens(self.settings, self.organization_id, loader.robot)
        self.writer = Writer(self.store, self.settings, loader.robot, currency=book.currency)
        self.queries = Queries(self.store, self.schema, self.settings, ZoneInfo(book.zone))
        self.collections = Collections(self.store, self.schema, self.writer)
        self.bulk = BulkJobs(self.queries, self.settings, loader.robot)
        self._used: deque[datetime] = deque()

    def __call__(self, request: Request, now: datetime) -> Response:
        """The answer to one request."""
        if len(request.path) + len(request.query) + 1 > MAX_URI_BYTES:
            return Response(status=414, headers={"Content-Type": "text/html"}, body=b"<h1>URI Too Long</h1>")
        if _size(request) > MAX_URI_BYTES:
            return Response(status=431, headers={"Content-Type": "text/html"}, body=b"<h1>Header Too Large</h1>")
        if request.path.startswith("/services/oauth2/"):
            return self._oauth(request, now)
        if request.path.rstrip("/") == "/services/data":
            return json_response([self._version(version) for version in self.settings.versions])
        try:
            return self._rest(request, now)
        except RefusedError as error:
            return self._counted(error.response(), now) if error.status != 401 else error.response()

    def expire_tokens(self) -> None:
        """Every token handed out so far is answered 401 from now on."""
        self.tokens.expire_all()

    def _oauth(self, request: Request, now: datetime) -> Response:
        verb = request.path.removeprefix("/services/oauth2/").strip("/")
        if verb == "token":
            return self.tokens.answer(request, now)
        if verb == "revoke":
            known = self.tokens.revoke(request.args.get("token") or request.body.decode().removeprefix("token="))
            body = {"error": "unsupported_token_type", "error_description": "this token type is not supported"}
            return Response(status=200) if known else json_response(body, status=400)
        return not_found().response()

    def _version(self, version: str) -> dict[str, str]:
        number = int(float(version))
        label = f"{_SEASONS[(number - 66) % 3]} '{(number - 66) // 3 + 26 + (1 if (number - 66) % 3 == 2 else 0)}"
        return {"label": label, "url": f"/services/data/v{version}", "version": version}

    def _rest(self, request: Request, now: datetime) -> Response:
        found = _VERSIONED.fullmatch(request.path)
        if found is None:
            raise not_found()
        version, path = found.group(1), (found.group(2) or "/").rstrip("/") or "/"
        if float(version) < OLDEST_LIVING:
            raise RefusedError("UNSUPPORTED_API_VERSION", f"API version {version} is retired", status=410)
        if version not in self.settings.versions:
            raise not_found()
        if not self.tokens.admits(request, now):
            raise RefusedError("INVALID_SESSION_ID", "Session expired or invalid", status=401)
        self._count(now)
        return self._counted(_Routes(self, request, version, now).answer(path), now)

    def _count(self, now: datetime) -> None:
        while self._used and self._used[0] <= now - timedelta(days=1):
            self._used.popleft()
        if self.used() >= self.settings.daily_limit:
            raise RefusedError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        self._used.append(now)

    def used(self) -> int:
        """Calls counted in the last 24 hours, those of other programs included."""
        return len(self._used) + self.settings.used_today

    def _counted(self, response: Response, now: datetime) -> Response:
        del now
        usage = {"Sforce-Limit-Info": f"api-usage={self.used()}/{self.settings.daily_limit}"}
        return Response(status=response.status, headers={**response.headers, **usage}, body=response.body)


class _Routes:
    """One request inside a version of the API, its token already seen."""

    def __init__(self, org: SalesforceOrg, request: Request, version: str, now: datetime) -> None:
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

    def spec(self, name: str) -> Any:
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
        return json_response(page)

    def query_all(self) -> Response:
        return self.query(is_all=True)

    def more(self, locator: str) -> Response:
        return json_response(self.org.queries.go_on(locator, now=self.now, version=self.version))

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
        ("/", {"GET": _Routes.resources}),
        ("/query", {"GET": _Routes.query}),
        ("/queryAll", {"GET": _Routes.query_all}),
        (r"/query(?:All)?/(?P<locator>[\w-]+)", {"GET": _Routes.more}),
        ("/limits", {"GET": _Routes.limits}),
        ("/sobjects", {"GET": _Routes.objects}),
        (f"{_OBJECT}/describe", {"GET": _Routes.describe}),
        (f"{_OBJECT}/deleted", {"GET": _Routes.deleted}),
        (f"{_OBJECT}/updated", {"GET": _Routes.updated}),
        (_OBJECT, {"GET": _Routes.describe, "POST": _Routes.create}),
        (_OBJECT + _ID, {"GET": _Routes.read, "PATCH": _Routes.update, "DELETE": _Routes.delete}),
        (_OBJECT + _KEY, {"GET": _Routes.read_by_key, "PATCH": _Routes.upsert}),
        (
            "/composite/sobjects",
            {"POST": _Routes.create_many, "PATCH": _Routes.update_many, "DELETE": _Routes.delete_many},
        ),
        (r"/composite/sobjects/(?P<name>\w+)/(?P<field>\w+)", {"PATCH": _Routes.upsert_many}),
        ("/jobs/query", {"POST": _Routes.start_job}),
        (_JOB, {"GET": _Routes.look_at_job, "PATCH": _Routes.end_job, "DELETE": _Routes.drop_job}),
        (f"{_JOB}/results", {"GET": _Routes.job_results}),
    )
)


def _size(request: Request) -> int:
    headers = sum(len(name) + len(value) + 4 for name, value in request.headers.items())
    return len(request.path) + len(request.query) + headers
