"""What commands share: the settings, the opened product, secrets from standard input, progress."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeVar

import click

from mappings.documents.toml import DocumentError
from service.config import Settings, load_settings
from service.errors import RekindleError, UsageFault

if TYPE_CHECKING:
    from service.bootstrap import App


T = TypeVar("T")


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
    from service.bootstrap import open_app

    return open_app(load())


def secret_lines(*whats: str) -> list[str]:
    """A line from standard input for each of `whats`, in order; asked for, unseen, on a terminal.

    Raises UsageFault naming the first that is missing or empty, or that no CRM can have given.
    """
    if is_asking():
        return [click.prompt(what, hide_input=True) for what in whats]
    return [_secret_line(number, what) for number, what in enumerate(whats, start=1)]


def _secret_line(number: int, what: str) -> str:
    # Bytes, because what is piped in may be anything; a byte-order mark is what some shells put in front.
    raw = sys.stdin.buffer.readline().removeprefix(b"\xef\xbb\xbf").strip() if sys.stdin else b""
    if not raw:
        place = "standard input" if number == 1 else f"line {number} of standard input"
        raise UsageFault(f"{what} was expected on {place}, and is not there.", remedy="Pipe it in.")
    if not raw.isascii() or not raw.decode("ascii").isprintable():
        raise UsageFault(
            f"{what} on standard input holds characters that none has.",
            remedy="Pipe in the plain text, one secret a line.",
        )
    return raw.decode("ascii")


def is_asking() -> bool:
    """Whether there is somebody to ask: standard input is a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def confirm(question: str, *, yes: bool) -> None:
    """Go on only after a yes, from `--yes` or an answer. Raises click.Abort otherwise."""
    if not yes:
        click.confirm(question, abort=True, err=True)


def read_document(file: Path) -> str:
    """The text of a document file, or of standard input for -. Raises UsageFault."""
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise UsageFault(f"{file} cannot be read: {error.strerror}.", remedy="Name a file that is there.") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageFault(f"{file} is not UTF-8 text.", remedy="Save it as UTF-8.") from error


@contextmanager
def writing(file: Path) -> Iterator[TextIO]:
    """A text file that is there whole at the end, or is as it was before: nobody finds half of it.

    What is no plain file (a device, a pipe) is written as it comes. Raises RekindleError naming the file.
    """
    is_plain = file.is_file() or not file.exists()
    draft = file.with_name(f".{file.name}.{os.getpid()}") if is_plain else file
    try:
        with draft.open("w", encoding="utf-8", newline="") as target:
            yield target
        if is_plain:
            draft.replace(file)
    except OSError as error:
        if error.filename not in (None, str(draft), str(file)):
            raise
        if error.errno == errno.ENOSPC:
            says = f"{file} cannot be written: the disk is full."
            raise RekindleError(says, remedy="Free some room and run this again.") from error
        raise UsageFault(
            f"{file} cannot be written: {error.strerror}.", remedy="Name a place that can be written."
        ) from error
    finally:
        if is_plain:
            draft.unlink(missing_ok=True)


def parsed(file: Path, parse: Callable[[str], T]) -> T:
    """What `parse` makes of a document file. Raises UsageFault with a line for each fault: file, line, what."""
    text = read_document(file)
    try:
        return parse(text)
    except DocumentError as error:
        shown = "standard input" if str(file) == "-" else file
        raise UsageFault("\n".join(f"{shown}, {problem}" for problem in error.problems)) from error


class Amount(click.ParamType[Decimal]):
    """An option that is an amount of money, in the CRM's own currency."""

    name = "AMOUNT"

    def convert(self, value: str | Decimal, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """The amount, at least 0."""
        try:
            amount = Decimal(value)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount < 0:
            self.fail(f"{value!r} is no amount; an amount is written 5000 or 5000.50.", param, ctx)
        return amount


class Day(click.ParamType[date]):
    """An option that is a day."""

    name = "YYYY-MM-DD"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            self.fail(f"{value!r} is no day; a day is written 2026-11-21.", param, ctx)


@contextmanager
def progress(description: str) -> Iterator[Callable[[str], None]]:
    """A line of progress on stderr for as long as the block runs; nothing where it is no terminal.

    The block is given a function that replaces the text.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    err = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(pulse_style="cyan"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(description, total=None)
        yield lambda text: bar.update(task, description=text)
