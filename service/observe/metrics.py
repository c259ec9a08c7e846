"""Counters for Prometheus, also from several processes: each writes to a folder, and any of them can tell them all.

The library decides when it is first imported whether there are several processes, by PROMETHEUS_MULTIPROC_DIR. So it
is imported when the first metric is asked for, and `share_metrics` has to come before.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram
    from prometheus_client.registry import Collector

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_MAKING = threading.Lock()
_MADE: list[Metrics] = []
_LABELS_KEPT = 1_000
_RESERVED_BYTES = 256 * 1024
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What is counted. Labels hold no name, id or address of a customer."""

    def __init__(self) -> None:
        from prometheus_client import Counter, Histogram

        self.requests: Counter = Counter(
            "rekindle_http_requests", "HTTP requests by route and status.", ["method", "route", "status"]
        )
        self.request_seconds: Histogram = Histogram(
            "rekindle_http_request_seconds", "Time to the answer.", ["route"], buckets=_SECONDS
        )
        self.webhooks: Counter = Counter(
            "rekindle_webhooks",
            "Webhooks by what became of them: accepted, or why they were refused.",
            ["via", "outcome"],
        )
        self.events: Counter = Counter(
            "rekindle_webhook_events", "Events in webhooks: taken, or why they were left out.", ["via", "outcome"]
        )
        self.received: Counter = Counter(
            "rekindle_inbox_received", "Events brought to the inbox: new, or known already.", ["outcome"]
        )
        self.processed: Counter = Counter(
            "rekindle_inbox_processed", "Events of the inbox by what became of them.", ["outcome"]
        )

    def answered(self, method: str, route: str, status: str) -> Counter:
        """Requests of one kind."""
        return cast("Counter", _labelled(self.requests, method, route, status))

    def took(self, route: str) -> Histogram:
        """The time to the answer at one route."""
        return cast("Histogram", _labelled(self.request_seconds, route))

    def became(self, via: str, outcome: str) -> Counter:
        """Webhooks of one outcome."""
        return cast("Counter", _labelled(self.webhooks, via, outcome))

    def named(self, via: str, outcome: str) -> Counter:
        """Events of one outcome."""
        return cast("Counter", _labelled(self.events, via, outcome))

    def stored(self, outcome: str) -> Counter:
        """Events brought to the inbox, of one outcome."""
        return cast("Counter", _labelled(self.received, outcome))


@lru_cache(_LABELS_KEPT)
def _labelled(metric: Counter | Histogram, *labels: str) -> object:
    """One of a metric's own. To find it by its labels takes longer than to count."""
    return metric.labels(*labels)


def metrics() -> Metrics:
    """This process's metrics. Made once, also where two threads ask for the first one at the same moment."""
    found = _MADE
    if found:
        return found[0]
    with _MAKING:
        if not _MADE:
            _MADE.append(Metrics())
        return _MADE[0]


def share_metrics(folder: Path) -> None:
    """Keep the metrics of this process and its children in a folder, which is emptied.

    Raises RuntimeError where the library was imported before: it would count for each process by itself.
    """
    if "prometheus_client" in sys.modules:
        raise RuntimeError("prometheus_client was imported too early")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    os.environ[FOLDER_VARIABLE] = str(folder)


def reserve_metrics() -> None:
    """Take the room on disk that this process counts in, before it counts. Where there is none, it counts for itself.

    The files are written through memory: a disk that is full then would end the process without a word (SIGBUS),
    where it has to answer that nothing can be stored.
    """
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder or not hasattr(os, "posix_fallocate"):
        return
    try:
        for kind in ("counter", "histogram"):
            with Path(folder, f"{kind}_{os.getpid()}.db").open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, _RESERVED_BYTES)
    except OSError:
        os.environ.pop(FOLDER_VARIABLE)


def forget_process(pid: int) -> None:
    """A process ended: what it counted stays, what it held at the moment goes."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(pid)  # type: ignore[no-untyped-call]  # the library's own


def exposition(collectors: Iterable[Collector] = ()) -> bytes:
    """All metrics as Prometheus reads them; `collectors` are asked for what is true now."""
    from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    metrics()
    now = CollectorRegistry()
    for one in collectors:
        now.register(one)
    if os.environ.get(FOLDER_VARIABLE):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]  # the library's own
        return generate_latest(counted) + generate_latest(now)
    return generate_latest(REGISTRY) + generate_latest(now)
