"""`rekindle up`, `rekindle worker` and `rekindle scheduler`."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys

import click

from service import clock
from service.cli.context import app, load
from service.config import Settings
from service.processes import valkey
from service.processes.supervisor import Part, Supervisor, spawner

HOST, PORT = "127.0.0.1", 8080


@click.command()
@click.option("--host", default=HOST, show_default=True, help="Where the web service listens.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65535), help="Its port.")
def up(host: str, port: int) -> int:
    """Run everything: web service, workers, scheduler, and Valkey unless REKINDLE_REDIS_URL names one."""
    settings = load()
    if status := _migrate():  # once, before anybody else opens the database
        return status
    alive, held = os.pipe()  # `held` stays open exactly as long as this process
    parts = _parts(settings, alive, host=host, port=port)
    click.echo(f"Rekindle is starting at http://{host}:{port}, with its data in {settings.home}. Ctrl-C stops it.")
    Supervisor(parts, say=_say, sleep=clock.sleep, monotonic=clock.monotonic).run(
        stop_timeout_s=settings.stop_timeout_s
    )
    os.close(held)
    click.echo("Stopped.")
    return 0


@click.command()
@click.option("--number", type=click.IntRange(min=1), help="How many processes; default: REKINDLE_WORKERS.")
def worker(number: int | None) -> None:
    """Run workers, which do what the queue wakes them for. One of several is kept free of long jobs."""
    settings = load()
    alive, held = os.pipe()
    parts = [*_server(settings), *_workers(number or settings.workers, alive)]
    Supervisor(parts, say=_say, sleep=clock.sleep, monotonic=clock.monotonic).run(
        stop_timeout_s=settings.stop_timeout_s
    )
    os.close(held)


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


def _migrate() -> int:
    """Bring the database to this version, in a process of its own so that this one stays small; its exit status."""
    command = [sys.executable, "-m", "service.cli.main", "migrate"]
    return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode  # noqa: S603 -- our own


def _parts(settings: Settings, alive: int, *, host: str, port: int) -> list[Part]:
    return [
        *_server(settings),
        Part("web", spawner(["serve", "--host", host, "--port", str(port)], alive=alive)),
        Part("scheduler", spawner(["scheduler"], alive=alive)),
        *_workers(settings.workers, alive),
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


def _workers(number: int, alive: int) -> list[Part]:
    def arguments(place: int) -> list[str]:
        return ["work", "--fast-only"] if place == 0 and number > 1 else ["work"]

    return [Part(f"worker-{place + 1}", spawner(arguments(place), alive=alive)) for place in range(number)]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


COMMANDS = (up, worker, work, scheduler)
