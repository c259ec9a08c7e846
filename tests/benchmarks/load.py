"""A load generator: requests made beforehand, sent over kept connections by one thread; prints rates and percentiles.

`python -m tests.benchmarks.load --port 8080 --path /hook --seconds 5 [--rate 400] [--secret S --portal 1 --base URL]`
"""

from __future__ import annotations

import argparse
import selectors
import socket
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

import orjson

from connectors.sandbox.webhooks import hubspot_event, hubspot_headers


def main() -> int:
    """Send, and print one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--base", default="", help="the address that is signed, without the path")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rate", type=float, default=0.0, help="requests a second; 0: as fast as answers come")
    parser.add_argument("--most", type=int, default=40_000, help="requests made beforehand")
    parser.add_argument("--secret", default="", help="sign as HubSpot does")
    parser.add_argument("--portal", type=int, default=0)
    options = parser.parse_args()
    requests = _signed(options) if options.secret else _plain(options)
    told = _Load(options.port, requests, rate=options.rate, seconds=options.seconds).run(options.connections)
    sys.stdout.write(orjson.dumps(told).decode() + "\n")
    return 0


def _plain(options: argparse.Namespace) -> list[bytes]:
    return [
        _request(options.path, {"Content-Type": "application/json"}, orjson.dumps({"id": f"{number}-{uuid4().hex}"}))
        for number in range(options.most)
    ]


def _signed(options: argparse.Namespace) -> list[bytes]:
    now = datetime.now(UTC)  # noqa: TID251 -- a process of its own
    start = int(now.timestamp() * 1000)
    made = []
    for number in range(options.most):
        deal_id = start % 10**9 * 1000 + number
        body = orjson.dumps([hubspot_event(options.portal, deal_id, event_id=number, at=now)])
        headers = hubspot_headers(options.secret, url=options.base + options.path, body=body, at=now)
        made.append(_request(options.path, headers, body))
    return made


def _request(path: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class _Load:
    def __init__(self, port: int, requests: list[bytes], *, rate: float, seconds: float) -> None:
        self.port, self.requests, self.rate, self.seconds = port, requests, rate, seconds
        self.sent = 0
        self.latencies: list[float] = []
        self.statuses: Counter[int] = Counter()

    def run(self, connections: int) -> dict[str, object]:
        selector = selectors.DefaultSelector()
        idle = []
        for _ in range(connections):
            one = socket.create_connection(("127.0.0.1", self.port))
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            idle.append(one)
            selector.register(one, selectors.EVENT_READ)
        began: dict[socket.socket, float] = {}
        came: dict[socket.socket, bytes] = {}
        start = time.perf_counter()
        while (now := time.perf_counter() - start) < self.seconds or began:
            while idle and now < self.seconds and self.sent < len(self.requests) and self._is_due(now):
                one = idle.pop()
                one.sendall(self.requests[self.sent])
                # With a rate the wait for a free connection counts too.
                began[one] = self.sent / self.rate if self.rate else now
                self.sent += 1
            if self.sent >= len(self.requests) and not began:
                break
            for key, _ in selector.select(0.0005 if self.rate else 0.05):
                one = key.fileobj  # type: ignore[assignment]
                piece = one.recv(65536)
                if not piece or one not in began:
                    raise SystemExit("The server closed a connection.")
                answer = came.pop(one, b"") + piece
                if not _is_whole(answer):
                    came[one] = answer
                    continue
                self.statuses[int(answer[9:12])] += 1
                self.latencies.append(time.perf_counter() - start - began.pop(one))
                idle.append(one)
        took = time.perf_counter() - start
        ordered = sorted(self.latencies)
        return {
            "rate": len(ordered) / took,
            "count": len(ordered),
            "p50_ms": 1000 * ordered[len(ordered) // 2],
            "p99_ms": 1000 * ordered[int(len(ordered) * 0.99)],
            "statuses": {str(status): count for status, count in self.statuses.items()},
        }

    def _is_due(self, now: float) -> bool:
        return not self.rate or self.sent / self.rate <= now


def _is_whole(answer: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    return bool(end) and len(body) >= int(length or 0)


if __name__ == "__main__":
    sys.exit(main())
