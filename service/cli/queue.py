"""`rekindle reminders` and `rekindle outbox`."""

from __future__ import annotations

import click

from service.cli.context import app
from service.cli.output import json_option, print_json, print_table, say
from service.outbox.dead_letters import discard as discard_rows
from service.outbox.dead_letters import outbox_list
from service.outbox.dead_letters import retry as retry_rows
from service.reminders.queries import reminders_list


@click.group(invoke_without_command=True)
@click.pass_context
def reminders(context: click.Context) -> None:
    """The queue of re-engagement reminders."""
    if context.invoked_subcommand is None:
        context.invoke(list_reminders)


@reminders.command(name="list")
@click.option("--state", help="Only these: held, scheduled, due, done, snoozed, cancelled, skipped, failed.")
@click.option("--connection", help="Only those of one connection.")
@json_option
def list_reminders(state: str | None = None, connection: str | None = None, as_json: bool = False) -> None:
    """Every reminder with its day and its why, the earliest first."""
    with app().store.read() as tx:
        found = reminders_list(tx, state=state, connection=connection)
    if as_json:
        print_json(found)
        return
    rows = [(one["due_on"], one["state"], one["account"], one["owner"], one["why"]) for one in found]
    print_table("", ("due", "state", "account", "owner", "why"), rows, empty="No reminders. Run `rekindle sync`.")


@click.group(invoke_without_command=True)
@click.pass_context
def outbox(context: click.Context) -> None:
    """CRM writes intended, and those given up (dead letters)."""
    if context.invoked_subcommand is None:
        context.invoke(list_outbox)


@outbox.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Also those that are done.")
@json_option
def list_outbox(everything: bool = False, as_json: bool = False) -> None:
    """Writes that wait, are under way or were given up."""
    with app().store.read() as tx:
        found = outbox_list(tx, everything=everything)
    if as_json:
        print_json(found)
        return
    rows = [(one["id"], one["connection"], one["kind"], one["state"], one["attempts"], one["error"]) for one in found]
    print_table("", ("id", "connection", "kind", "state", "tries", "error"), rows, empty="Nothing waits to be written.")


@outbox.command()
@click.argument("ids", type=int, nargs=-1)
def retry(ids: tuple[int, ...]) -> None:
    """Try dead letters again at the next sync: those named, or all."""
    opened = app()
    with opened.store.begin() as tx:
        count = retry_rows(tx, ids or None, now=opened.now())
    say(f"{count} dead letter(s) will be tried again at the next sync.")


@outbox.command()
@click.argument("ids", type=int, nargs=-1, required=True)
def discard(ids: tuple[int, ...]) -> None:
    """Give up dead letters for good."""
    opened = app()
    with opened.store.begin() as tx:
        count = discard_rows(tx, ids, now=opened.now())
    say(f"{count} dead letter(s) were discarded.")


COMMANDS = (reminders, outbox)
