"""The `rekindle` command: its groups, and the one place where an error becomes a line and an exit status."""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
import traceback
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from connectors.errors import ConnectorError, NeedsReconnect
from mappings.documents.toml import DocumentError
from service.cli import admin, audit, connections, demo, documents, golive, preview, queue, sync
from service.cli.context import settings_or_default
from service.errors import RekindleError


def _version() -> str:
    try:
        return version("rekindle-crm")
    except PackageNotFoundError:
        return "from a source folder"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(_version(), prog_name="rekindle")
def cli() -> None:
    """A lost deal is a "not yet" with a date attached. Rekindle remembers the date.

    Try `rekindle demo` first: it needs no account anywhere.
    """


for module in (preview, demo, connections, sync, golive, documents, queue, audit, admin):
    for command in module.COMMANDS:
        cli.add_command(command)


def run() -> None:
    """Run the command line. Exit status 0 done, 1 something failed, 2 wrong usage or configuration."""
    sys.exit(status_of(sys.argv[1:]))


def status_of(arguments: list[str]) -> int:
    """Run one command and give its exit status; every error has become a line on stderr."""
    try:
        result = cli.main(arguments, standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.Abort:
        return _fail("Stopped.", 1)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except KeyboardInterrupt:
        return _fail("Stopped; what was done so far is kept, and the same command goes on from there.", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains again at exit
        return 1
    except Exception as error:  # noqa: BLE001 -- the process edge: whatever happened becomes a line
        return _explain(error)
    return result if isinstance(result, int) else 0


def _explain(error: Exception) -> int:
    """The line and the exit status for an error that a command let through."""
    if isinstance(error, RekindleError):
        return _fail(str(error), error.exit_status)
    if isinstance(error, DocumentError):
        return _fail(str(error), 2)
    if isinstance(error, NeedsReconnect):
        return _fail(str(error), 1)
    if isinstance(error, ConnectorError):
        return _fail(str(error), 1)
    if isinstance(error, DBAPIError):
        return _fail(_database_line(error), 1)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return _fail(f"The disk is full ({error.filename or 'no file named'}). Free some room and run this again.", 1)
    if isinstance(error, OSError) and error.filename:
        return _fail(f"{error.filename}: {error.strerror}.", 1)
    return _unexpected(error)


def _database_line(error: DBAPIError) -> str:
    cause = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
    if isinstance(error.orig, sqlite3.OperationalError) and "full" in cause:
        return "The disk that holds the database is full; nothing was half-written. Free some room and run this again."
    return f"The database refused: {cause}. Nothing was half-written; see that it runs, then run this again."


def _unexpected(error: Exception) -> int:
    """A fault of ours: the details go to a file, the person gets a line."""
    details = traceback.format_exc()
    path = settings_or_default().home / "errors.log"
    kept = _keep(path, details)
    where = f"The details are in {path}." if kept else "The details could not be written down."
    return _fail(f"Something unexpected went wrong ({type(error).__name__}: {error}). {where}", 1)


def _keep(path: Path, details: str) -> bool:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(details + "\n")
    except OSError:
        return False
    return True


def _fail(line: str, status: int) -> int:
    click.echo(line, err=True)
    return status


if __name__ == "__main__":
    run()
