"""One Salesforce org: from a request to its answer."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.sandbox.book import Book
from connectors.sandbox.salesforce.bulk import BulkJobs
from connectors.sandbox.salesforce.collections import Collections
from connectors.sandbox.salesforce.errors import RefusedError, not_found
from connectors.sandbox.salesforce.loading import Loader
from connectors.sandbox.salesforce.oauth import Tokens
from connectors.sandbox.salesforce.org_schema import build_schema
from connectors.sandbox.salesforce.people import People
from connectors.sandbox.salesforce.queries import Queries
from connectors.sandbox.salesforce.routes import Routes
from connectors.sandbox.salesforce.schema import ObjectSpec
from connectors.sandbox.salesforce.settings import OrgSettings
from connectors.sandbox.salesforce.store import Store
from connectors.sandbox.salesforce.writing import Writer
from connectors.sandbox.wire import Request, Response, json_response

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
MAX_URI_BYTES = 16_384
OLDEST_LIVING = 31.0
_VERSIONED = re.compile(r"/services/data/v(\d+\.\d+)(/.*)?")
_SEASONS = ("Spring", "Summer", "Winter")


class SalesforceOrg(People):
    """Answers REST, SOQL, collections and Bulk 2.0 from the records it holds. Also the tests' handle on them."""

    def __init__(self, book: Book, settings: OrgSettings | None = None) -> None:
        self.lock = threading.RLock()
        self.settings = settings or OrgSettings()
        self.schema: Mapping[str, ObjectSpec] = build_schema(self.settings, book)
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
        self.last_seen = max((deal.modified_at for deal in book.deals), default=FIRST_DAY)
        self._used: deque[datetime] = deque()

    def __call__(self, request: Request, now: datetime) -> Response:
        """The answer to one request."""
        with self.lock:
            self.last_seen = now
            return self._answer(request, now)

    def _answer(self, request: Request, now: datetime) -> Response:
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
        if verb == "authorize":
            return self.tokens.consent.answer(request, now)
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
        return self._counted(Routes(self, request, version, now).answer(path), now)

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


def _size(request: Request) -> int:
    headers = sum(len(name) + len(value) + 4 for name, value in request.headers.items())
    return len(request.path) + len(request.query) + headers
