"""The one HTTP door: time-outs, certificates, retries and the count of calls, for both vendor libraries.

simple-salesforce is given a `requests` session from here, hubspot-api-client a urllib3 pool. Neither retries by
itself: `Http.retrying` does, because only the caller knows whether a second try could double a write.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import certifi
import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util.ssl_ import create_urllib3_context

from connectors.errors import ConnectorError, Transient, Unclear, Unreachable, UntrustedCertificate
from connectors.http_settings import HttpSettings
from connectors.reach import MayReach, OutOfReachError, pools_that_ask

__all__ = ["CallCount", "Http", "HttpSettings", "http_date", "transport_error"]

T = TypeVar("T")


@dataclass(slots=True)
class CallCount:
    """How many requests were sent, by kind (token, describe, read, write, ledger, ...)."""

    by_kind: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str) -> None:
        """Count one request that was sent, answered or not."""
        self.by_kind[kind] = self.by_kind.get(kind, 0) + 1

    @property
    def total(self) -> int:
        """All requests, of every kind."""
        return sum(self.by_kind.values())


class Http:
    """Makes sessions and pools with our time-outs, and runs calls under our retry rules.

    `sleep` takes seconds; `jitter` gives a number in [0, 1). Both are passed in, so that tests wait for nothing.
    """

    def __init__(
        self,
        settings: HttpSettings,
        *,
        sleep: Callable[[float], None],
        jitter: Callable[[], float],
        may_reach: MayReach | None = None,
    ) -> None:
        """`may_reach` is asked about every IP address before anything is sent to it; None lets all pass."""
        self.settings = settings
        self._may_reach = may_reach
        self.calls = CallCount()
        self.sleep = sleep
        self._jitter = jitter

    @property
    def ca_files(self) -> tuple[str, ...]:
        """The certificate bundles in force; what any of them vouches for is trusted."""
        return tuple((self.settings.ca_file or certifi.where()).split(os.pathsep))

    def session(self) -> requests.Session:
        """A session with time-outs on every request, no retries, and the certificates of the settings only.

        `trust_env` is off because `requests` would let an environment variable replace the bundle given here;
        the settings have already read that variable.
        """
        session = requests.Session()
        self.dress(session)
        return session

    def dress(self, session: requests.Session) -> None:
        """Have a session, which a library may have made, send in that way."""
        session.trust_env = False
        session.verify = self.ca_files[0]
        session.headers["User-Agent"] = self.settings.user_agent
        ask = self._may_reach
        session.mount("https://", _TimedAdapter(self.settings, more_ca_files=self.ca_files[1:], may_reach=ask))
        session.mount("http://", _TimedAdapter(self.settings, may_reach=ask))

    def pool(self) -> urllib3.PoolManager:
        """A urllib3 pool with the same time-outs and certificates, and no retries."""
        pool = urllib3.PoolManager(
            num_pools=4,
            maxsize=self.settings.pool_size,
            timeout=urllib3.Timeout(connect=self.settings.connect_timeout_s, read=self.settings.read_timeout_s),
            retries=False,
            ssl_context=self._ssl_context(),
            headers={"User-Agent": self.settings.user_agent},
        )
        if self._may_reach is not None:
            pool.pool_classes_by_scheme = pools_that_ask(self._may_reach)
        return pool

    def retrying(self, call: Callable[[], T]) -> T:
        """`call()`, again after a wait when it raises Transient, until the tries are used up.

        A wait that the CRM named is kept, unless it is longer than `max_wait_s`: then the error is raised at once,
        for a caller that can come back later. Unclear and Permanent are never retried here.
        """
        for attempt in range(1, self.settings.max_tries + 1):
            try:
                return call()
            except Transient as error:
                wait = self.wait_before(attempt, error.retry_after_s)
                if attempt == self.settings.max_tries or wait > self.settings.max_wait_s:
                    raise
                self.sleep(wait)
        raise AssertionError("the loop returns or raises")

    def wait_before(self, attempt: int, retry_after_s: float | None) -> float:
        """Seconds to wait after the given failed attempt (from 1): named by the CRM, else doubling with jitter."""
        if retry_after_s is not None:
            return retry_after_s + self.settings.backoff_s * self._jitter()
        return self.backoff(attempt, first_s=self.settings.backoff_s, most_s=self.settings.backoff_cap_s)

    def backoff(self, attempt: int, *, first_s: float, most_s: float) -> float:
        """Seconds after the given failed attempt (from 1): doubling from the first to the most, half of it chance."""
        step = min(first_s * 2.0 ** min(attempt - 1, 60), most_s)
        return step * (0.5 + 0.5 * self._jitter())

    def _ssl_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.ca_files[0])
        for more in self.ca_files[1:]:
            context.load_verify_locations(more)
        return context


class _TimedAdapter(HTTPAdapter):
    """An adapter that never waits for ever, whatever the caller forgot to say."""

    def __init__(
        self, settings: HttpSettings, *, more_ca_files: tuple[str, ...] = (), may_reach: MayReach | None = None
    ) -> None:
        self._may_reach = may_reach
        self._timeout = (settings.connect_timeout_s, settings.read_timeout_s)
        self._more_ca_files = more_ca_files
        super().__init__(pool_connections=4, pool_maxsize=settings.pool_size, max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """A pool that trusts the further bundles too; requests adds the one of the session by itself."""
        if self._more_ca_files:
            context = create_urllib3_context()
            for more in self._more_ca_files:
                context.load_verify_locations(more)
            options["ssl_context"] = context
        super().init_poolmanager(*args, **options)
        if self._may_reach is not None:
            self.poolmanager.pool_classes_by_scheme = pools_that_ask(self._may_reach)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,  # the library's own type is a union of tuples and None
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        return super().send(request, stream, timeout or self._timeout, verify, cert, proxies)


def http_date(text: str) -> datetime | None:
    """The instant of a Date header, aware UTC; None for what is none."""
    try:
        stamp = parsedate_to_datetime(text)
    except ValueError:
        return None
    return stamp.astimezone(UTC) if stamp.tzinfo else stamp.replace(tzinfo=UTC)


def transport_error(error: Exception, *, where: str, is_write: bool) -> ConnectorError:
    """What a failure below HTTP means. `where` names the connection for the reader.

    Where no connection was made nothing was sent; where an answer was lost, a write may have happened.
    """
    causes = list(_chain(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return UntrustedCertificate(
            f"{where}: the server's certificate is not signed by an authority this machine trusts.",
            remedy="If the server is yours, name its CA file in SSL_CERT_FILE or REQUESTS_CA_BUNDLE.",
        )
    if not isinstance(error, requests.RequestException | urllib3.exceptions.HTTPError) and "CA " in str(error):
        return UntrustedCertificate(  # requests says so in an OSError that names the path
            f"{where}: the file of trusted certificates cannot be read.",
            remedy="Check the path in SSL_CERT_FILE or REQUESTS_CA_BUNDLE.",
        )
    if any(isinstance(cause, _NOTHING_WAS_SENT) for cause in causes):
        return Unreachable(
            f"{where}: no connection could be made ({_short(causes)}).",
            remedy="Check the address, and that this machine may reach it.",
        )
    if is_write:
        return Unclear(f"{where}: the connection broke before the answer came ({_short(causes)}).")
    return Unreachable(f"{where}: the connection broke ({_short(causes)}).")


_NOTHING_WAS_SENT = (
    requests.exceptions.ConnectTimeout,
    urllib3.exceptions.ConnectTimeoutError,  # NewConnectionError and NameResolutionError are its children
    ConnectionRefusedError,
)


def _chain(error: BaseException) -> list[BaseException]:
    """The error, what it wraps in its arguments, and what it came from; each once."""
    seen: list[BaseException] = []
    queue: list[BaseException | None] = [error]
    while queue:
        current = queue.pop(0)
        if current is None or current in seen:
            continue
        seen.append(current)
        queue += [arg for arg in current.args if isinstance(arg, BaseException)]
        queue += [getattr(current, "reason", None)] if isinstance(current, urllib3.exceptions.HTTPError) else []
        queue += [current.__cause__, current.__context__]
    return seen


def _short(causes: list[BaseException]) -> str:
    """What happened in plain words: the first known cause, else the last one's own name."""
    for kinds, words in _IN_WORDS:
        if any(isinstance(cause, kinds) for cause in causes):
            return words
    return type(causes[-1]).__name__


_IN_WORDS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((OutOfReachError,), "it leads into a private network"),
    ((ConnectionRefusedError,), "nothing answers at that address and port"),
    ((socket.gaierror, urllib3.exceptions.NameResolutionError), "no server of that name is known"),
    ((UnicodeError, urllib3.exceptions.LocationParseError), "that is no address"),
    ((requests.exceptions.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError), "no answer in time"),
    ((requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError, TimeoutError), "no answer in time"),
    ((ssl.SSLError,), "no secure connection came about"),
    ((ConnectionResetError, BrokenPipeError), "the other side hung up"),
    ((urllib3.exceptions.ProtocolError,), "the other side hung up"),
)
