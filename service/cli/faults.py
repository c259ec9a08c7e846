"""From an error that a command let through to one line for a person, and the exit status."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from pathlib import Path

import click

from connectors.errors import ConnectorError
from mappings.documents.toml import DocumentError
from service.errors import RekindleError

INTERRUPTED = 130
"""What a shell expects of a program that was stopped with Ctrl-C."""


def line_and_status(error: BaseException) -> tuple[str, int]:
    """What to say on stderr, and the exit status: 1 something failed, 2 wrong usage or configuration."""
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return _stopped(error)
    if isinstance(error, click.ClickException):
        return _usage_line(error), error.exit_code
    if isinstance(error, RekindleError):
        return str(error), error.exit_status
    if isinstance(error, DocumentError):
        return str(error), 2
    if isinstance(error, ConnectorError):
        return str(error), 1
    if isinstance(error, OSError) and error.errno is not None:
        return _system_line(error), 1
    return _database_line(error) or _unexpected(error), 1


def _stopped(error: BaseException) -> tuple[str, int]:
    """Ctrl-C, or a question that got no yes."""
    is_interrupt = isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt)
    if is_interrupt:
        return "Stopped. What was done so far is kept; the same command goes on from there.", INTERRUPTED
    return "Nothing was done: the question was not answered with yes. Answer it, or add --yes.", 1


def _usage_line(error: click.ClickException) -> str:
    """What is wrong with the command as typed, and which help to read."""
    says = " ".join(error.format_message().split())
    context = getattr(error, "ctx", None)
    return f"{says} See `{context.command_path} --help`." if context else says


def _system_line(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        where = f" ({error.filename})" if error.filename else ""
        return f"The disk is full{where}. Free some room and run this again."
    name = f"{error.filename}: " if error.filename else ""
    return f"{name}{os.strerror(error.errno or 0)}."


def _database_line(error: BaseException) -> str | None:
    """A line for what the database said; None where it was not the database."""
    if "sqlalchemy" not in sys.modules:
        return None
    from sqlalchemy.exc import DBAPIError

    if not isinstance(error, DBAPIError):
        return None
    lines = str(error.orig).strip().splitlines()
    cause = lines[0].rstrip(".") if lines else "it gave no reason"
    known = next((says for words, says in _DATABASE_SAYS.items() if words in cause.lower()), None)
    return known or f"The database refused: {cause}. Nothing was half-written; see that it runs, then run this again."


_DATABASE_SAYS = {
    "database or disk is full": (
        "The disk that holds the database is full; nothing was half-written. Free some room and run this again."
    ),
    "no space left on device": (
        "The disk that holds the database is full; nothing was half-written. Free some room and run this again."
    ),
    "disk i/o error": (
        "The disk that holds the database cannot be written or read; nothing was half-written. See that it is "
        "healthy and has room, then run this again."
    ),
    "readonly database": (
        "The database may not be written by this user; nothing was changed. Give the user write access to it and to "
        "its folder (REKINDLE_HOME)."
    ),
    "database is locked": (
        "Another program holds the database; nothing was half-written. Wait until it is done, then run this again."
    ),
    "malformed": "The database is damaged; nothing was half-written. Restore it from a backup.",
}
"""By what SQLite says, in small letters."""


def _unexpected(error: BaseException) -> str:
    """A fault of ours: the details go to a file, the person gets a line; to the log where machines read it.

    What reads the log of a container reads no file in it, and a folder in memory is gone with it.
    """
    from service.cli.context import settings_or_default
    from service.observe.logging import configure_logging, logger

    settings = settings_or_default()
    path = settings.home / "errors.log"
    if settings.log_format == "json":
        configure_logging(settings.log_format)
        logger(__name__).error("Something unforeseen ended the command.", exc_info=error)
        where = "The details are in the log."
    elif _keep(path, "".join(traceback.format_exception(error))):
        where = f"The details are in {path}."
    else:
        where = "The details could not be written down."
    return f"Something went wrong that Rekindle did not expect ({type(error).__name__}). {where} Please report it."


def _keep(path: Path, details: str) -> bool:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8", errors="replace") as file:
            file.write(details + "\n")
    except OSError:
        return False
    return True
