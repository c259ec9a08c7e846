"""Serves an App on a local port: threads, kept-alive connections, TLS if asked, faults and a call log."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar

from connectors.sandbox import admin, http1
from connectors.sandbox.calls import Call, CallLog, route_of
from connectors.sandbox.faults import Fault, Faults
from connectors.sandbox.tls import make_certificate, server_context
from connectors.sandbox.wire import App, Request, Response, json_response

AppT = TypeVar("AppT", bound=App)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningServer(Generic[AppT]):
    """A server that answers until its context is left. `ca_file` is None without TLS."""

    url: str
    ca_file: Path | None
    app: AppT
    faults: Faults
    calls: CallLog


@contextlib.contextmanager
def serve(
    app: AppT,
    *,
    now: Callable[[], datetime],
    tls_folder: Path | None = None,
    port: int = 0,
    sleep: Callable[[float], None] = time.sleep,
    compresses: bool = True,
) -> Iterator[RunningServer[AppT]]:
    """Serve `app` on 127.0.0.1 until the context ends; port 0 takes a free one.

    `now` gives aware UTC and is the only clock the CRM knows. With `tls_folder` the certificate and its authority
    are made there. `sleep` carries out the faults' delays. The app is called by one thread at a time.
    """
    context, ca_file = None, None
    if tls_folder is not None:
        certificate = make_certificate(tls_folder)
        context, ca_file = server_context(certificate), certificate.ca_file
    exchange = _Exchange(app=app, now=now, sleep=sleep, compresses=compresses)
    with _Server(("127.0.0.1", port), exchange, context) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True, name="sandbox-crm")
        thread.start()
        try:
            yield RunningServer(
                url=f"{server.scheme}://127.0.0.1:{server.server_address[1]}",
                ca_file=ca_file,
                app=app,
                faults=exchange.faults,
                calls=exchange.calls,
            )
        finally:
            server.shutdown()
            server.close_connections()
            thread.join()


class _Exchange:
    """From a request to an answer, or to None where the connection is to be dropped."""

    def __init__(
        self, *, app: App, now: Callable[[], datetime], sleep: Callable[[float], None], compresses: bool
    ) -> None:
        self.app = app
        self.now = now
        self.sleep = sleep
        self.compresses = compresses
        self.faults = Faults()
        self.calls = CallLog()
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> tuple[Response | None, Fault | None]:
        if request.path.startswith(admin.PREFIX):
            with self._lock:
                return admin.answer(request, self.app, self.faults, self.calls, self.now()), None
        fault = self.faults.strike(request)
        response = self._answer(request, fault)
        status = 0 if response is None else response.status
        kind = self._kind(request)
        self.calls.add(
            Call(method=request.method, path=request.path, query=request.query, kind=kind, status=status, at=self.now())
        )
        if response is not None:
            headers = {"Date": format_datetime(self.now().astimezone(UTC), usegmt=True), **response.headers}
            response = replace(response, headers=headers)
        if response is not None and self.compresses:
            response = http1.compressed(response, request)
        return response, fault

    def _kind(self, request: Request) -> str:
        named: Callable[[Request], str] = getattr(self.app, "kind_of", route_of)
        return named(request)

    def _answer(self, request: Request, fault: Fault | None) -> Response | None:
        if fault is None:
            return self._handle(request)
        if fault.delay_s:
            self.sleep(fault.delay_s)
        if fault.close == "before":
            return None
        if fault.is_token_expiry:
            with self._lock:
                self.app.expire_tokens()  # type: ignore[attr-defined]  # an app without tokens that end has no such fault
        replaced = fault.response() if fault.status is not None else None
        handled = self._handle(request) if replaced is None or fault.is_handled else None
        if fault.close == "after":
            return None
        return replaced or handled

    def _handle(self, request: Request) -> Response:
        with self._lock:
            try:
                return self.app(request, self.now())
            except Exception:  # noqa: BLE001  # a fault of the sandbox itself: the client sees it, and where
                report = traceback.format_exc()
                return json_response({"sandbox_error": report.splitlines()[-1], "trace": report}, status=500)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], exchange: _Exchange, context: ssl.SSLContext | None) -> None:
        self.exchange = exchange
        self.context = context
        self.scheme = "http" if context is None else "https"
        self.open: set[socket.socket] = set()
        super().__init__(address, _Connection)

    def close_connections(self) -> None:
        """Drop what is still open, so that no client waits on a server that is gone."""
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Connection(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        raw: socket.socket = self.request
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.server.context is not None:
            try:
                raw = self.server.context.wrap_socket(raw, server_side=True)
            except (ssl.SSLError, OSError):
                return
        self.server.open.add(raw)
        try:
            with raw.makefile("rb") as stream, contextlib.suppress(OSError):
                while self._serve_one(raw, stream):
                    pass
        finally:
            self.server.open.discard(raw)
            self._hang_up(raw)

    def _serve_one(self, raw: socket.socket, stream: BinaryIO) -> bool:
        try:
            request = http1.read_request(stream, scheme=self.server.scheme)
            if request is None:
                return False
            if request.headers.get("expect", "").lower() == "100-continue":
                raw.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            request = http1.read_body(stream, request)
        except (http1.BadRequestError, ValueError):
            raw.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return False
        response, fault = self.server.exchange(request)
        if response is None:
            return False
        keeps = http1.is_kept_alive(request)
        head, body = http1.render(response, method=request.method, closes=not keeps)
        if fault is not None and fault.close == "during":
            raw.sendall(head + body[: len(body) // 2])
            return False
        raw.sendall(head + body if len(body) < 65_536 else head)
        if len(body) >= 65_536:
            raw.sendall(body)
        return keeps

    @staticmethod
    def _hang_up(raw: socket.socket) -> None:
        with contextlib.suppress(OSError):
            raw.shutdown(socket.SHUT_RDWR)
        raw.close()
