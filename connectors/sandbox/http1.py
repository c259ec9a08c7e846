"""HTTP/1.1 on one socket: requests read and answers written, as little as a test server needs and no slower."""

from __future__ import annotations

import gzip
from http import HTTPStatus
from typing import BinaryIO

from connectors.sandbox.wire import Request, Response

MAX_LINE_BYTES = 65_536
COMPRESS_FROM_BYTES = 1_024


class BadRequestError(Exception):
    """What was received is not HTTP."""


def read_request(stream: BinaryIO, *, scheme: str) -> Request | None:
    """The next request, or None where the client has closed the connection. Raises BadRequestError.

    The header `x-sandbox-scheme` tells the app how it was reached.
    """
    line = stream.readline(MAX_LINE_BYTES)
    while line in {b"\r\n", b"\n"}:
        line = stream.readline(MAX_LINE_BYTES)
    if not line:
        return None
    try:
        method, target, _version = line.decode("latin-1").split()
    except ValueError:
        raise BadRequestError("the request line is not one") from None
    headers = {**_headers(stream), "x-sandbox-scheme": scheme}
    if target.startswith(("http://", "https://")):
        target = "/" + target.split("/", 3)[3] if target.count("/") > 2 else "/"
    path, _, query = target.partition("?")
    return Request(method=method.upper(), path=path, query=query, headers=headers, body=b"")


def read_body(stream: BinaryIO, request: Request) -> Request:
    """The request with its body read: by length or in chunks."""
    if request.headers.get("transfer-encoding", "").lower() == "chunked":
        body = _chunks(stream)
    else:
        length = int(request.headers.get("content-length") or 0)
        body = stream.read(length) if length else b""
        if len(body) < length:
            raise BadRequestError("the body ends early")
    if request.headers.get("content-encoding", "").lower() == "gzip":
        body = gzip.decompress(body)
    return Request(method=request.method, path=request.path, query=request.query, headers=request.headers, body=body)


def _headers(stream: BinaryIO) -> dict[str, str]:
    headers: dict[str, str] = {}
    while True:
        line = stream.readline(MAX_LINE_BYTES)
        if line in {b"\r\n", b"\n"}:
            return headers
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise BadRequestError("a header without a colon")
        headers[name.strip().lower()] = value.strip()


def _chunks(stream: BinaryIO) -> bytes:
    parts: list[bytes] = []
    while True:
        size = int(stream.readline(MAX_LINE_BYTES).split(b";")[0] or b"0", 16)
        if not size:
            while stream.readline(MAX_LINE_BYTES) not in {b"\r\n", b"\n", b""}:
                pass
            return b"".join(parts)
        parts.append(stream.read(size))
        stream.readline(MAX_LINE_BYTES)


def is_kept_alive(request: Request) -> bool:
    """Whether the client means to send more on this connection."""
    return "close" not in request.headers.get("connection", "").lower()


def compressed(response: Response, request: Request) -> Response:
    """The answer in gzip where the client takes it and it is worth it."""
    if len(response.body) < COMPRESS_FROM_BYTES or "gzip" not in request.headers.get("accept-encoding", ""):
        return response
    if "Content-Encoding" in response.headers:
        return response
    headers = {**response.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(status=response.status, headers=headers, body=gzip.compress(response.body, 1, mtime=0))


def render(response: Response, *, method: str, closes: bool) -> tuple[bytes, bytes]:
    """Head and body as they go over the wire."""
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {response.status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    has_body = response.status not in {204, 304}
    if has_body:
        lines.append(f"Content-Length: {len(response.body)}")
    if closes:
        lines.append("Connection: close")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return head, response.body if has_body and method != "HEAD" else b""
