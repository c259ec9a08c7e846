"""The thin part that sends: hubspot-api-client as the transport, our own retry rules.

One ApiClient is held for each connection. The library's typed classes would build a client and a pool for each access,
know no dated API version, and cost forty times the JSON itself; so paths go through `call_api` and answers come raw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Any

import orjson
import urllib3

from connectors.base import Credentials, Kit, Settings
from connectors.errors import RateLimited, ServerError, Unclear, Unreachable, Unsupported
from connectors.http import http_date, transport_error
from connectors.hubspot.answers import Answer, Json, TokenRefused, error_of
from connectors.hubspot.pacing import Pacer, option
from connectors.hubspot.paths import V3, VERSIONS, Paths, is_versioned
from connectors.hubspot.tokens import Token, tokens_of
from connectors.hubspot.transport import RawTransport, api_client


class HubSpotClient:
    """One portal behind one token. Every method raises ConnectorError and nothing else."""

    def __init__(self, settings: Settings, credentials: Credentials, kit: Kit) -> None:
        self.where = f"HubSpot connection {settings.name}"
        self.paths = Paths(option(settings, "api_version", V3, _known_version, where=self.where))
        self.has_changed_version = False
        self._is_version_agreed = False
        self._tokens = tokens_of(settings, credentials, kit, where=self.where)
        self.http = kit.http
        self._pacer = Pacer(settings, kit, where=self.where)
        self._url = settings.url.rstrip("/")
        self._lock = Lock()
        self._api: Any = None
        self._now = kit.now
        self._server_is_ahead = timedelta()

    def earliest_time(self) -> datetime:
        """The earlier of our clock and HubSpot's own, which its answers tell.

        A read may be called complete up to here: with our clock ahead, what changes in between would be missed.
        """
        return self._now() + min(self._server_is_ahead, timedelta())

    def latest_time(self) -> datetime:
        """The later of the two: what HubSpot's clock has stamped by now is in a read up to here, with ours behind."""
        return self._now() + max(self._server_is_ahead, timedelta())

    def get(self, path: str, *, kind: str, query: Mapping[str, str] | None = None) -> Json:
        """A GET, tried again when that can help."""
        return self.http.retrying(lambda: self._attempt("GET", path, kind, query=query))

    def read(
        self,
        path: str,
        body: Json,
        *,
        kind: str,
        query: Mapping[str, str] | None = None,
        judge: Callable[[Json], None] = lambda _: None,
    ) -> Json:
        """A POST that only reads (search, batch read): tried again like a GET, also where `judge` raises Transient."""

        def attempt() -> Json:
            told = self._attempt("POST", path, kind, body=body, query=query)
            judge(told)
            return told

        return self.http.retrying(attempt)

    def change(self, path: str, body: Json, *, kind: str = "write") -> Json:
        """A POST that may be sent twice with one effect (update, archive).

        Unclear when none of the tries was confirmed, though one may have arrived.
        """
        arrived = False

        def attempt() -> Json:
            nonlocal arrived
            try:
                return self._attempt("POST", path, kind, body=body, is_write=True)
            except (ServerError, Unclear) as error:
                arrived = True
                raise ServerError(error.what, retry_after_s=getattr(error, "retry_after_s", None)) from error

        try:
            return self.http.retrying(attempt)
        except (ServerError, Unreachable) as error:
            if arrived:
                raise Unclear(f"{error.what} It may have happened all the same.") from error
            raise

    def create(self, path: str, body: Json, *, kind: str = "write") -> Json:
        """A POST that makes records: sent again only where the first try was surely turned away.

        A lost answer, a server's failure and an answer that cannot be read are Unclear.
        """

        def attempt() -> Json:
            try:
                return self._attempt("POST", path, kind, body=body, is_write=True)
            except ServerError as error:
                raise Unclear(f"{error.what} It may have happened all the same.") from error

        return self.http.retrying(attempt)

    @property
    def token_text(self) -> str:
        """The token in force, for a mark where nothing else tells accounts apart."""
        return self._tokens.current().access_token

    def token_info(self, *, kind: str) -> Json:
        """Whose token it is and its scopes, where it can tell."""
        token = self._tokens.current()
        if token.account_id or token.scopes:
            return {"hubId": token.account_id or None, "scopes": token.scopes.split()}
        # The body carries the token, to where the header carries it too.
        return self.read(self.paths.token_info, {"tokenKey": token.access_token}, kind=kind)

    def _attempt(
        self,
        method: str,
        path: str,
        kind: str,
        *,
        body: Json | None = None,
        query: Mapping[str, str] | None = None,
        is_write: bool = False,
    ) -> Json:
        """One answer. An API version that the server turns out not to speak is changed for one it does."""
        call = partial(self._renewing, method, kind=kind, body=body, query=query, is_write=is_write)
        try:
            told = call(self.paths.spelt(path))
        except Unsupported:
            if not self._changes_version(path):
                raise
            return call(self.paths.spelt(path))
        self._is_version_agreed = self._is_version_agreed or is_versioned(path)
        return told

    def _changes_version(self, path: str) -> bool:
        """Whether the server was found to speak another version than ours; asked once, before any version worked."""
        if self._is_version_agreed or not is_versioned(path):
            return False
        self._is_version_agreed = True
        for version in VERSIONS:
            try:
                if version != self.paths.version:
                    self._renewing("GET", Paths(version).pipelines("deals"), kind="describe")
                    self.paths, self.has_changed_version = Paths(version), True
                    return True
            except Unsupported:
                continue
        return False

    def _renewing(self, method: str, path: str, *, kind: str, **call: Any) -> Json:
        """One answer; a token that has run out is renewed, and the call sent once more."""
        token = self._tokens.current()
        try:
            return self._once(method, path, kind, token=token, **call)
        except TokenRefused as refused:
            token = self._tokens.renew(token, refused)
        return self._once(method, path, kind, token=token, **call)

    def _once(
        self,
        method: str,
        path: str,
        kind: str,
        *,
        token: Token,
        body: Json | None = None,
        query: Mapping[str, str] | None = None,
        is_write: bool = False,
    ) -> Json:
        is_search = path.endswith("/search")
        self._pacer.hold_back(is_search=is_search)
        answer = self._send(method, path, kind, token=token, body=body, query=query, is_write=is_write)
        self._pacer.learn(answer, is_search=is_search)
        doing = f"{method} {path}"
        if not 200 <= answer.status < 300:
            waits = self._pacer.waits(is_search=is_search)
            error = error_of(answer, where=self.where, doing=doing, is_search=is_search, waits=waits)
            if isinstance(error, RateLimited):
                self._pacer.obey(error, is_search=is_search)
            raise error
        told = answer.json()
        if told is None:
            raise ServerError(
                f"{self.where}: {doing} was answered by something that is no JSON object.",
                remedy="If this stays so, check the address (--api-url): it may not be HubSpot's API.",
            )
        return told

    def _send(
        self,
        method: str,
        path: str,
        kind: str,
        *,
        token: Token,
        body: Json | None,
        query: Mapping[str, str] | None,
        is_write: bool,
    ) -> Answer:
        api = self._client()
        api.configuration.access_token = token.access_token
        self.http.calls.add(kind)
        timeouts = (self.http.settings.connect_timeout_s, self.http.settings.read_timeout_s)
        try:
            response = api.call_api(
                path,
                method,
                header_params={"Accept": "application/json", "Accept-Encoding": "gzip"},
                query_params=list(query.items()) if query else None,
                body=None if body is None else orjson.dumps(body),  # the library would look at every value of it
                auth_settings=["oauth2"],
                _preload_content=False,
                _request_timeout=timeouts,
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise transport_error(error, where=self.where, is_write=is_write) from error
        headers = {name.lower(): value for name, value in response.headers.items()}
        if told := http_date(headers.get("date", "")):
            self._server_is_ahead = told - self._now()
        return Answer(status=response.status, headers=headers, body=response.data)

    def _client(self) -> Any:
        """The held ApiClient, made when first needed: the library takes a third of a second to load."""
        with self._lock:
            if self._api is None:
                self._api = api_client(self._url, RawTransport(self.http.pool()))
                self._api.user_agent = self.http.settings.user_agent
            return self._api


def _known_version(text: str) -> str:
    if text not in VERSIONS:
        raise ValueError(f"{text!r} is none of {', '.join(VERSIONS)}")
    return text
