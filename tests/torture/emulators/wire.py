"""The HTTP side of an emulator: one request in, one answer out, and the faults between them."""

from __future__ import annotations

import json
import random
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

Record = dict[str, Any]

BEFORE = ("html", "limit", "reset_before", "slow")
AFTER = ("reset_after", "cut_short", "html_after")


def now() -> datetime:
    """The emulator's own clock: real time, as a real server has it."""
    return datetime.fromtimestamp(time.time_ns() / 1e9, tz=UTC)


@dataclass(frozen=True)
class Request:
    """What a client asked."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; raises ValueError where it is none."""
        return json.loads(self.body or b"null")


@dataclass(frozen=True)
class Answer:
    """What the server says: a JSON value, or bytes as they are."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> tuple[bytes, str]:
        """The bytes and their content type."""
        if isinstance(self.body, bytes):
            return self.body, "text/html; charset=utf-8"
        if self.body is None:
            return b"", "application/json;charset=UTF-8"
        return json.dumps(self.body).encode(), "application/json;charset=UTF-8"


class Faults:
    """Which calls go wrong, and how: drawn from a seed, so that a run can be repeated."""

    def __init__(self, *, seed: int = 0, rate: float = 0.0, row_rate: float = 0.0, slow_s: float = 0.05) -> None:
        self.random = random.Random(seed)
        self.rate, self.row_rate, self.slow_s = rate, row_rate, slow_s
        self.drawn: dict[str, int] = {}

    def draw(self) -> str | None:
        """The fault of this call, or none."""
        if self.random.random() >= self.rate:
            return None
        kind = self.random.choice(BEFORE + AFTER)
        self.drawn[kind] = self.drawn.get(kind, 0) + 1
        return kind

    def hits_row(self) -> bool:
        """Whether one record of a batch is locked just now."""
        return self.random.random() < self.row_rate


class Emulator:
    """A CRM in memory. Subclasses answer `handle`; the book is read by tests under `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.faults = Faults()
        self.log: list[tuple[str, str, int]] = []
        self.writes: list[tuple[str, str]] = []
        self.strange: list[str] = []
        self.on_call: Callable[[int, str], None] = lambda _count, _phase: None
        self.url = ""
        self._server: ThreadingHTTPServer | None = None

    def handle(self, request: Request) -> Answer:
        """The answer to one authenticated or unauthenticated request."""
        raise NotImplementedError

    def limited(self) -> Answer:
        """This CRM's word for: too many calls."""
        raise NotImplementedError

    def start(self, tls: ssl.SSLContext | None = None) -> None:
        """Listen on a free port of the loopback."""
        emulator = self

        class Handler(_Handler):
            crm = emulator

        server = _Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        self._server = server
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://localhost:{server.server_port}" if tls else f"{scheme}://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Close the door."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def wrote(self, what: str, record_id: str) -> None:
        """Note a change made by the client."""
        self.writes.append((what, record_id))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    crm: Emulator
    timeout = 600
    # Headers and body leave together: in two small packets the second waits for the client's belated word on the first.
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Nothing is printed."""

    def _serve(self) -> None:
        crm = self.crm
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(parts.path),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        with crm.lock:
            count = len(crm.log)
            fault = crm.faults.draw()
        crm.on_call(count, "before")
        if fault == "slow":
            time.sleep(crm.faults.slow_s)
        if fault == "reset_before":
            return self._reset()
        with crm.lock:
            if fault == "html":
                answer = Answer(503, b"<html><head><title>Service Unavailable</title></head><body>busy</body></html>")
            elif fault == "limit":
                answer = crm.limited()
            else:
                try:
                    answer = crm.handle(request)
                except Exception as error:  # noqa: BLE001 - an emulator's own mistake must be seen by the test
                    crm.strange.append(f"{request.method} {request.path}: {error!r}")
                    answer = Answer(500, {"message": repr(error)})
            if fault == "html_after":
                answer = Answer(502, b"<html><body><h1>502 Bad Gateway</h1></body></html>")
            crm.log.append((request.method, request.path, answer.status))
        crm.on_call(count, "after")
        if fault == "reset_after":
            return self._reset()
        return self._send(answer, cut=fault == "cut_short")

    def _send(self, answer: Answer, *, cut: bool) -> None:
        payload, kind = answer.encoded()
        self.send_response(answer.status)
        self.send_header("Content-Type", kind)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if answer.status == 204:
            return
        if cut and payload:
            self.wfile.write(payload[: len(payload) // 2])
            self.wfile.flush()
            self._reset()
            return
        self.wfile.write(payload)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815 - the library's names
