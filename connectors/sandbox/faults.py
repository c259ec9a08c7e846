"""Things that go wrong on purpose: which requests, how often, and what happens instead of the right answer."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

import orjson

from connectors.sandbox.wire import Request, Response

Close = Literal["", "before", "after", "during"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong.

    `path` and `contains` are regular expressions searched in the path (with its query) and in the body. The first
    `skip` matching requests are left alone, then `times` of them are hit (None: all), each with `probability`.
    `close` drops the connection "before" the request is handled, "after" (a write is committed, its answer lost)
    or "during" the answer (half the body is sent). With `status` the answer is replaced; the request is carried
    out nevertheless if `is_handled`. `delay_s` waits before anything else. `is_token_expiry` ends every token first.
    """

    method: str = ""
    path: str = ""
    contains: str = ""
    skip: int = 0
    times: int | None = 1
    probability: float = 1.0
    status: int | None = None
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_handled: bool = False
    delay_s: float = 0.0
    close: Close = ""
    is_token_expiry: bool = False

    def matches(self, request: Request) -> bool:
        """Whether the request is one that this fault is about."""
        return (
            (not self.method or self.method.upper() == request.method)
            and (not self.path or re.search(self.path, f"{request.path}?{request.query}") is not None)
            and (not self.contains or re.search(self.contains.encode(), request.body) is not None)
        )

    def response(self) -> Response:
        """The answer given instead: bytes and text as they are (HTML unless said otherwise), all else as JSON."""
        if isinstance(self.body, bytes | str):
            body = self.body.encode() if isinstance(self.body, str) else self.body
            content = "text/html;charset=UTF-8"
        else:
            body, content = orjson.dumps(self.body), "application/json;charset=UTF-8"
        return Response(status=self.status or 500, headers={"Content-Type": content, **self.headers}, body=body)


class _Armed:
    """A fault with the requests it has met so far."""

    __slots__ = ("fault", "hits", "met")

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.met = 0
        self.hits = 0

    def is_spent(self) -> bool:
        return self.fault.times is not None and self.hits >= self.fault.times


class Faults:
    """The faults of one server, tried in the order they were added; a request meets at most one."""

    def __init__(self, *, seed: int = 0) -> None:
        self._random = Random(seed)
        self._armed: list[_Armed] = []
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        """Arm more faults, after those that wait already."""
        with self._lock:
            self._armed.extend(_Armed(fault) for fault in faults)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._armed.clear()

    def seed(self, seed: int) -> None:
        """Start the dice again, so that a run with probabilities can be repeated."""
        with self._lock:
            self._random = Random(seed)

    def waiting(self) -> list[Fault]:
        """The faults that can still strike."""
        with self._lock:
            return [armed.fault for armed in self._armed if not armed.is_spent()]

    def strike(self, request: Request) -> Fault | None:
        """The fault this request meets, counted as used."""
        if not self._armed:
            return None
        with self._lock:
            for armed in self._armed:
                if self._hits(armed, request):
                    return armed.fault
        return None

    def _hits(self, armed: _Armed, request: Request) -> bool:
        if armed.is_spent() or not armed.fault.matches(request):
            return False
        armed.met += 1
        if armed.met <= armed.fault.skip:
            return False
        if armed.fault.probability < 1.0 and self._random.random() >= armed.fault.probability:
            return False
        armed.hits += 1
        return True


def parse_faults(payload: Any) -> Iterable[Fault]:
    """Faults from JSON: one object or a list of them, keys as in `Fault`. Raises TypeError for an unknown key."""
    rows = payload if isinstance(payload, list) else [payload]
    return [Fault(**row) for row in rows]
