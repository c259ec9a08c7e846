"""The `rekindle` command: its groups, and the one place where an error becomes a line and an exit status."""

from __future__ import annotations

import difflib
import gc
import io
import logging
import os
import sys
from contextlib import suppress
from importlib import import_module

import click

from service.cli.faults import line_and_status

COMMANDS = {
    "preview": "preview",
    "demo": "demo",
    "connect": "connect",
    "connections": "connections",
    "doctor": "connections",
    "sync": "sync",
    "go-live": "golive",
    "hold": "golive",
    "undo": "golive",
    "reclassify": "sync",
    "mappings": "documents",
    "policy": "documents",
    "reminders": "queue",
    "outbox": "queue",
    "inbox": "inbox",
    "messages": "messages",
    "audit": "audit",
    "up": "run",
    "serve": "serve",
    "worker": "run",
    "work": "run",
    "scheduler": "run",
    "migrate": "admin",
    "admin": "admin",
}
"""Which module of this package has each command, in the order of a newcomer's way. Loaded when asked for: a preview
needs no database library, and nothing but the demo needs the sandbox."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """The names, in the order of the table."""
        return list(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant; a misspelt one is refused with the nearest."""
        near = difflib.get_close_matches(args[0], COMMANDS, n=1) if args and args[0] not in COMMANDS else []
        if near and not args[0].startswith("-"):
            ctx.fail(f"No such command {args[0]!r}. Did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"service.cli.{COMMANDS[cmd_name]}")
        found: click.Command = next(command for command in module.COMMANDS if command.name == cmd_name)
        return found


def _show_version(context: click.Context, _: click.Parameter, is_asked: bool) -> None:
    """What --version prints; the library that knows it is loaded for nothing else."""
    if not is_asked or context.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        known = version("rekindle-crm")
    except PackageNotFoundError:
        known = "from a source folder"
    click.echo(f"rekindle, version {known}")
    context.exit()


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """A lost deal is a "not yet" with a date attached. Rekindle remembers the date.

    Try `rekindle demo` first: it needs no account anywhere.
    """


def run() -> None:
    """Run the command line. Exit status 0 done, 1 something failed, 2 wrong usage or configuration."""
    _print_anything()
    _note_warnings()
    status = status_of(sys.argv[1:])
    is_flushed = _flushed(is_told=status != 0)
    gc.freeze()  # all ends with the process: to look through it for cycles first would take a sixth of a second
    sys.exit(status if is_flushed else status or 1)


def status_of(arguments: list[str]) -> int:
    """Run one command and give its exit status; every error has become a line on stderr."""
    try:
        result = cli.main(arguments, prog_name="rekindle", standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except BrokenPipeError:
        return 1  # whoever read has seen enough
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 -- the process edge: whatever happened becomes a line
        line, status = line_and_status(error)
        click.echo(line, err=True)
        return status
    return result if isinstance(result, int) else 0


def _print_anything() -> None:
    """A terminal that is not UTF-8 gets question marks for what it cannot show, never an error."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 -- open to the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _note_warnings() -> None:
    """What our own parts log as a warning is a note on stderr; what libraries log is no news for a person."""
    for name in ("connectors", "service", "mappings"):
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("note: %(message)s"))
        logging.getLogger(name).addHandler(handler)
    logging.getLogger().addHandler(logging.NullHandler())


def _flushed(*, is_told: bool) -> bool:
    """Write out what is still held back; False where the reader is gone or the disk is full, which is told once."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence()
        return False
    except OSError as error:
        _silence()
        if not is_told:
            click.echo(line_and_status(error)[0], err=True)
        return False
    return True


def _silence() -> None:
    """Nothing more goes to standard output, or Python would complain again at its exit."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    run()
