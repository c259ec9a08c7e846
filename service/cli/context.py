"""What commands share: the settings, the opened product, secrets from standard input, progress."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from service.bootstrap import App, open_app
from service.config import Settings, load_settings
from service.errors import RekindleError, UsageFault


def load() -> Settings:
    """The settings of this process."""
    return load_settings(os.environ)


def settings_or_default() -> Settings:
    """The settings, or the defaults where they cannot be read; for writing down an error."""
    try:
        return load()
    except RekindleError:
        return Settings(home=Settings().home.expanduser())


def app() -> App:
    """The product, opened with this process's settings."""
    return open_app(load())


def secret_lines(count: int, *, what: str) -> list[str]:
    """That many lines from standard input, each one secret. Raises UsageFault when one is missing or empty."""
    if sys.stdin.isatty():
        return [click.prompt(what, hide_input=True) for _ in range(count)]
    lines = [sys.stdin.readline().strip() for _ in range(count)]
    if not all(lines):
        raise UsageFault(f"{what} was expected on standard input, {count} line(s).", remedy="Pipe it in.")
    return lines


@contextmanager
def progress(description: str) -> Iterator[Callable[[str], None]]:
    """A line of progress on stderr for as long as the block runs; nothing where it is no terminal.

    The block is given a function that replaces the text.
    """
    err = Console(stderr=True)
    if not err.is_terminal:
        yield lambda _: None
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(pulse_style="cyan"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(description, total=None)
        yield lambda text: bar.update(task, description=text)
