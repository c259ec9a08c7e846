"""What was asked of the sandbox, counted by kind, so that a job's calls can be compared with a formula."""

from __future__ import annotations

import re
import threading
from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime

from connectors.sandbox.wire import Request

_ID = re.compile(r"\d{3,}|(?=[A-Za-z]*\d)[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?|[0-9a-fA-F-]{32,36}|01g[\w-]+")
_VERSION = re.compile(r"v\d+\.\d+")
KEPT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. `status` is 0 where the connection was dropped instead of an answer."""

    method: str
    path: str
    query: str
    kind: str
    status: int
    at: datetime


def route_of(request: Request) -> str:
    """The method and the path with ids as `{id}`: `GET /services/data/{v}/sobjects/Task/{id}`."""
    parts = [_segment(part) for part in request.path.split("/")]
    return f"{request.method} {'/'.join(parts)}"


def _segment(part: str) -> str:
    if _VERSION.fullmatch(part):
        return "{v}"
    return "{id}" if _ID.fullmatch(part) else part


class CallLog:
    """The requests of one server; the last ones in full, all of them counted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kinds: Counter[str] = Counter()
        self._last: deque[Call] = deque(maxlen=KEPT)

    def add(self, call: Call) -> None:
        """Count a request."""
        with self._lock:
            self._kinds[call.kind] += 1
            self._last.append(call)

    def clear(self) -> None:
        """Count from nought."""
        with self._lock:
            self._kinds.clear()
            self._last.clear()

    def by_kind(self) -> dict[str, int]:
        """How many requests of each kind, the kinds in order."""
        with self._lock:
            return dict(sorted(self._kinds.items()))

    def last(self) -> list[Call]:
        """The latest requests, oldest first."""
        with self._lock:
            return list(self._last)

    def count(self, pattern: str = "") -> int:
        """How many requests whose kind contains `pattern` (a regular expression)."""
        return sum(n for kind, n in self.by_kind().items() if re.search(pattern, kind))
