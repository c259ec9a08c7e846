"""One HTTP exchange as plain data: what the sandbox's CRMs take and give, whatever server carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as received. `path` is percent-encoded still, `query` the raw text after the question mark;
    header names are lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def args(self) -> dict[str, str]:
        """The query's parameters, decoded; of a repeated one the last."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer to send."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def json_response(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`body` as JSON."""
    content = {"Content-Type": "application/json;charset=UTF-8", **(headers or {})}
    return Response(status=status, headers=content, body=orjson.dumps(body))


class App(Protocol):
    """One CRM account: answers requests from the state it holds. `now` is aware UTC."""

    def __call__(self, request: Request, now: datetime) -> Response:
        """The answer to one request."""
        ...
