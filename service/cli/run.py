"""`rekindle up`, `rekindle worker` and `rekindle scheduler`."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from service import clock
from service.cli.context import app, load
from service.cli.supervised import run_supervised
from service.config import Settings
from service.processes import valkey
from service.processes.copies import MAY_COPY, Starter, share_memory
from service.processes.supervisor import Part, Supervisor

_OF_WORKERS = ("service.jobs.schedule", "service.jobs.worker", "service.jobs.work", "service.jobs.tasks")
HOST, PORT = "127.0.0.1", 8080


@click.command()
@click.option("--host", default=HOST, show_default=True, help="Where the web service listens.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65535), help="Its port.")
def up(host: str, port: int) -> int:
    """Run everything: web service, workers, scheduler, and Valkey unless REKINDLE_REDIS_URL names one."""
    settings = load()
    _import_what_copies_need()
    starter = Starter(run_supervised)
    if status := _migrate(starter):  # once, before anybody else opens the database
        return status
    parts = _parts(settings, starter, host=host, port=port)
    click.echo(f"Rekindle is starting at http://{host}:{port}, with its data in {settings.home}. Ctrl-C stops it.")
    _supervise(parts, settings)
    starter.close()
    click.echo("Stopped.")
    return 0


@click.command()
@click.option("--number", type=click.IntRange(min=1), help="How many processes; default: REKINDLE_WORKERS.")
def worker(number: int | None) -> None:
    """Run workers, which do what the queue wakes them for. One of several is kept free of long jobs."""
    settings = load()
    _import_what_copies_need()
    starter = Starter(run_supervised)
    _supervise([*_server(settings), *_workers(number or settings.workers, starter)], settings)
    starter.close()


@click.command(name="work", hidden=True)
@click.option("--fast-only", is_flag=True, help="Leave what may take hours to others.")
def work(fast_only: bool) -> int:
    """One worker process."""
    from service.jobs.worker import work as do_jobs
    from service.observe.logging import configure_logging

    configure_logging(load().log_format)
    return 0 if do_jobs(app(), fast_only=fast_only) else 1


@click.command()
def scheduler() -> None:
    """Run the scheduler, which finds what is due. Of several one leads, and the next takes over where it ends."""
    from service.jobs.queue import open_waker
    from service.jobs.schedule import run_scheduler
    from service.observe.logging import configure_logging

    configure_logging(load().log_format)
    asked, waiting = os.pipe()  # a signal wakes the wait without touching a lock that the wait holds
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: _knock(waiting))
    opened = app()
    run_scheduler(
        opened, open_waker(opened.settings), wait=lambda seconds: bool(select.select([asked], [], [], seconds)[0])
    )
    opened.store.dispose()


def _knock(pipe: int) -> None:
    os.write(pipe, b".")


def _import_what_copies_need() -> None:
    """Once for all processes; nothing of it opens a file, a connection or a thread.

    What only the web service needs, a quarter of it all, it imports itself, before its own copies are made.
    """
    if not MAY_COPY:
        return
    for name in _OF_WORKERS:
        import_module(name)
    share_memory()


def _migrate(starter: Starter) -> int:
    """Bring the database to this version, in a process of its own so that this one opens no database; its status."""
    process = starter.start(["migrate"])
    said = process.stdout.read() if process.stdout is not None else b""
    if status := process.wait():
        sys.stderr.write(said.decode(errors="replace"))
        return status
    return 0


def _supervise(parts: Sequence[Part], settings: Settings) -> None:
    Supervisor(parts, say=_say, monotonic=clock.monotonic).run(stop_timeout_s=settings.stop_timeout_s)


def _parts(settings: Settings, starter: Starter, *, host: str, port: int) -> list[Part]:
    return [
        *_server(settings),
        Part("web", starter.of(["serve", "--host", host, "--port", str(port)])),
        Part("scheduler", starter.of(["scheduler"])),
        *_workers(settings.workers, starter),
    ]


def _server(settings: Settings) -> list[Part]:
    """The embedded Valkey, where no other server is named."""
    if settings.redis_url:
        return []
    return [
        Part(
            "valkey",
            lambda: valkey.start(settings, sleep=clock.sleep, monotonic=clock.monotonic),
            is_well=lambda: valkey.answers(settings),
        )
    ]


def _workers(number: int, starter: Starter) -> list[Part]:
    def arguments(place: int) -> list[str]:
        return ["work", "--fast-only"] if place == 0 and number > 1 else ["work"]

    return [Part(f"worker-{place + 1}", starter.of(arguments(place))) for place in range(number)]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


COMMANDS = (up, worker, work, scheduler)
