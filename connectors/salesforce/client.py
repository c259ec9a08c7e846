"""The thin part that sends: simple-salesforce in direct mode over our own session, under our own rules.

simple-salesforce builds the addresses and headers and sends; nothing else of it is used. Its own token refresh loops
or loses headers, its helpers take no time-out and its Bulk wait cannot be interrupted, see README.md.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import orjson
import requests

from connectors.base import Credentials, Kit, Settings
from connectors.errors import NeedsReconnect, Permanent, RateLimited, ServerError, Transient, Unclear
from connectors.http import http_date, transport_error
from connectors.json_text import parse_json
from connectors.salesforce.answers import SessionExpired, answer_error
from connectors.salesforce.oauth import Token
from connectors.salesforce.pacing import Pacer
from connectors.salesforce.tokens import TokenKeeper

if TYPE_CHECKING:
    from simple_salesforce.api import Salesforce

PREFERRED_VERSION = "62.0"
MAX_RENEWALS = 3
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. `path` is below the API version's address, or starts with /services/.

    `writes` says that it changes something, `repeatable` that doing it twice is the same as doing it once. `kind` is
    what it is counted as, `doing` what a person reads if it fails.
    """

    path: str
    kind: str
    doing: str
    method: str = "GET"
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    writes: bool = False
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body's content. Raises orjson.JSONDecodeError for what is no JSON."""
        return parse_json(self.body)


@dataclass(frozen=True, slots=True)
class Usage:
    """The org's calls of the last 24 hours, as of the latest answer that told."""

    used: int
    allowed: int


class Client:
    """Sends calls with a valid token and gives answers, or raises ConnectorError."""

    def __init__(self, settings: Settings, credentials: Credentials, kit: Kit) -> None:
        self._settings = settings
        self._kit = kit
        self._session = kit.http.session()
        self._tokens = TokenKeeper(settings, credentials, kit, self._session)
        self._pacer = Pacer(settings, kit)
        self._version = settings.options.get("api_version", "").lstrip("vV")
        self._lock = threading.Lock()
        self._server_time: datetime | None = None
        self.usage: Usage | None = None

    @property
    def where(self) -> str:
        """The connection's name, which opens every message."""
        return self._settings.name

    @property
    def version(self) -> str:
        """The API version in use: the configured one, else agreed with the server once."""
        with self._lock:
            if not self._version:
                self._version = self._fetch_version()
            return self._version

    def server_time(self) -> datetime:
        """The server's clock as of its latest answer; ours where it does not tell."""
        return self._server_time or self._kit.now()

    def latest_time(self) -> datetime:
        """The later of the server's clock and ours."""
        return max(self.server_time(), self._kit.now())

    def token(self) -> Token:
        """The token in force; asks for one where there is none."""
        return self._tokens.current()

    def send(self, call: Call) -> Answer:
        """The answer to one call; what is transient is tried again where that cannot do it twice."""
        return self._trying(call, lambda: self._renewing(call))

    def json(self, call: Call) -> Any:
        """The content of a call's answer; a page of HTML with status 200 is a failure of the server."""
        return self._trying(call, lambda: self._readable(call))

    def _trying(self, call: Call, attempt: Callable[[], T]) -> T:
        """Under the retry rules; a write that failed on the server's side may have been done, however it ends."""
        is_doubtful = False

        def noted() -> T:
            nonlocal is_doubtful
            try:
                return attempt()
            except ServerError:
                is_doubtful = True
                raise

        try:
            return self._kit.http.retrying(noted)
        except Transient as error:
            if call.writes and is_doubtful:
                raise Unclear(f"{error.what} It may have been done.") from error
            raise

    def _readable(self, call: Call) -> Any:
        answer = self._renewing(call)
        try:
            return answer.json()
        except orjson.JSONDecodeError as error:
            what = f"{self.where}: Salesforce's answer to {call.doing} cannot be read."
            remedy = "If this stays so, check that the instance URL is the org's My Domain address."
            raise (Unclear(what) if call.writes else ServerError(what, remedy=remedy)) from error

    def _renewing(self, call: Call) -> Answer:
        """Replays the call with a new token, once, where the token was refused.

        Where new tokens are refused too, the session is refused for another reason: a few tries with pauses (a
        server may drop sessions in bursts), then it ends; a login loop would lock the user out.
        """
        for renewal in range(1, MAX_RENEWALS + 1):
            token = self._tokens.current()
            try:
                return self._once(call, token)
            except SessionExpired:
                fresh = self._tokens.renew(token)
            try:
                return self._once(call, fresh)
            except SessionExpired as error:
                if renewal == MAX_RENEWALS:
                    raise NeedsReconnect(
                        f"{self.where}: Salesforce refuses every new session.",
                        remedy="Check the user's login IP ranges and session settings, then connect again.",
                    ) from error
                self._kit.http.sleep(self._kit.http.wait_before(renewal, None))
        raise AssertionError("the loop returns or raises")

    def _once(self, call: Call, token: Token) -> Answer:
        from simple_salesforce.exceptions import SalesforceError

        org = self._org(token)
        kept: list[requests.Response] = []
        with self._pacer.call():
            self._kit.http.calls.add(call.kind)
            try:
                # The only method of the library that takes a body as bytes and gives the raw answer.
                org._call_salesforce(  # noqa: SLF001
                    call.method,
                    _address(org, call.path, scheme=urlsplit(token.instance_url).scheme),
                    data=None if call.body is None else orjson.dumps(call.body),
                    headers={**_OWN_HEADERS, **call.headers},
                    allow_redirects=False,
                    hooks={"response": lambda response, *_, **__: kept.append(response)},
                )
            except SalesforceError:
                pass  # judged below, from the raw answer: the library's errors hold the address and lose the headers
            except OSError as error:
                raise transport_error(error, where=self.where, is_write=call.writes) from error
        return self._judged(call, kept.pop())  # emptied: with an answer in it, it would be a circle, and live on

    def _judged(self, call: Call, response: requests.Response) -> Answer:
        self._note(response)
        if response.status_code < 300:
            return Answer(response.status_code, response.headers, response.content)
        error = answer_error(
            response.status_code, response.headers, response.content, where=self.where, doing=call.doing
        )
        if isinstance(error, RateLimited):
            self._pacer.obey(error)
        is_vague = response.status_code >= 500 or response.status_code in {406, 408}
        if call.writes and not call.repeatable and is_vague and not isinstance(error, Permanent):
            raise Unclear(f"{error.what} It may have been done.")
        raise error

    def _note(self, response: requests.Response) -> None:
        self._server_time = http_date(response.headers.get("Date", "")) or self._server_time
        told = parse_usage(response.headers.get("Sforce-Limit-Info", ""))
        if told is not None:
            self.usage = told
            self._pacer.learn(told.used, told.allowed)

    def _org(self, token: Token) -> Salesforce:
        from simple_salesforce.api import Salesforce

        return Salesforce(
            session_id=token.access_token,
            instance_url=token.instance_url,
            version=self.version,
            session=self._session,
            object_pairs_hook=None,
        )

    def _fetch_version(self) -> str:
        """The version we are written for if the server has it, else its nearest.

        The list needs no token, but some gateways want one.
        """
        token = self._tokens.current()
        headers = {"Accept": "application/json", "Authorization": f"Bearer {token.access_token}"}
        self._kit.http.calls.add("describe")
        try:
            response = self._session.get(f"{token.instance_url}/services/data/", allow_redirects=False, headers=headers)
        except OSError as error:
            raise transport_error(error, where=self.where, is_write=False) from error
        self._note(response)
        if response.status_code in {408, 420, 429} or response.status_code >= 500:
            raise ServerError(f"{self.where}: Salesforce failed on its side (HTTP {response.status_code}).")
        try:
            return choose_version(orjson.loads(response.content))
        except orjson.JSONDecodeError:
            return PREFERRED_VERSION


_OWN_HEADERS = {
    "X-PrettyPrint": "0",
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "Sforce-Call-Options": "client=rekindle",
}


def choose_version(offered: object) -> str:
    """The version to speak, of those a server lists: ours, else the highest below it, else the lowest above."""
    entries = offered if isinstance(offered, list) else []
    texts = [str(entry.get("version", "")) for entry in entries if isinstance(entry, dict)]
    numbers = sorted(float(text) for text in texts if re.fullmatch(r"\d+\.\d+", text))
    ours = float(PREFERRED_VERSION)
    below = [number for number in numbers if number <= ours]
    return f"{below[-1] if below else (numbers[0] if numbers else ours):.1f}"


def parse_usage(header: str) -> Usage | None:
    """The org's usage from the header Sforce-Limit-Info, or None."""
    found = re.search(r"(?<![-\w])api-usage=(\d+)/(\d+)", header)
    return Usage(int(found.group(1)), int(found.group(2))) if found else None


def _address(org: Salesforce, path: str, *, scheme: str) -> str:
    """The address of a path; of a whole address only its path counts, so that no answer chooses our host."""
    if path.startswith(("https://", "http://")):
        parts = urlsplit(path)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
    if path.startswith("/"):
        return f"{scheme}://{org.sf_instance}{path}"
    return f"{scheme}://{org.base_url.partition('://')[2]}{path}"  # the library knows https alone
