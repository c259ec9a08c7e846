"""`rekindle reminders` and `rekindle outbox`."""

from __future__ import annotations

import click

from service.cli.context import app
from service.cli.output import json_option, print_json, print_table, say
from service.outbox.letters import WAITING, discard_letters, list_outbox, retry_letters
from service.reminders.listing import list_reminders
from service.store.connections import connection_named
from service.store.models import OutboxState, ReminderState

WHO = "admin"
ROW_ID = click.IntRange(1, 2**63 - 1)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def reminders(context: click.Context, as_json: bool) -> None:
    """The queue of re-engagement reminders; without a command, the list."""
    if context.invoked_subcommand is None:
        context.invoke(list_, as_json=as_json)


@reminders.command(name="list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in ReminderState]),
    help="Only these; repeatable.",
)
@click.option("--connection", help="Only those of one connection.")
@click.option("--deal", help="Only those of one deal, by its id in the CRM.")
@json_option
def list_(
    states: tuple[str, ...] = (), connection: str | None = None, deal: str | None = None, as_json: bool = False
) -> None:
    """Every reminder with its day and its why, the earliest first."""
    chosen = [ReminderState(state) for state in states] or None
    with app().store.read() as tx:
        connection_id = connection_named(tx, connection).id if connection else None
        found = list_reminders(tx, connection_id=connection_id, states=chosen, deal_id=deal)
    if as_json:
        print_json(found)
        return
    rows = [(one["due_on"], one["state"], one["account"], one["owner"], one["why"]) for one in found]
    print_table("", ("due", "state", "account", "owner", "why"), rows, empty="No reminders. Run `rekindle sync`.")


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def outbox(context: click.Context, as_json: bool) -> None:
    """Writes to the CRM: those that wait, and those that failed for good (dead letters)."""
    if context.invoked_subcommand is None:
        context.invoke(list_writes, as_json=as_json)


@outbox.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Also those that are done.")
@json_option
def list_writes(everything: bool = False, as_json: bool = False) -> None:
    """Writes that wait, are under way or were given up."""
    with app().store.read() as tx:
        found = list_outbox(tx, states=[*OutboxState] if everything else WAITING)
    if as_json:
        print_json(found)
        return
    rows = [(one["id"], one["connection"], one["kind"], one["state"], one["attempts"], one["error"]) for one in found]
    print_table("", ("id", "connection", "kind", "state", "tries", "error"), rows, empty="Nothing waits to be written.")


@outbox.command()
@click.argument("ids", type=ROW_ID, nargs=-1)
@json_option
def retry(ids: tuple[int, ...], as_json: bool) -> None:
    """Try dead letters again at the next sync: those named, or all."""
    opened = app()
    with opened.store.begin() as tx:
        count = retry_letters(tx, ids=ids or None, who=WHO, now=opened.now())
    if as_json:
        print_json({"retried": count})
        return
    say(f"{count} dead letter(s) will be tried again at the next sync.")


@outbox.command()
@click.argument("ids", type=ROW_ID, nargs=-1, required=True)
@json_option
def discard(ids: tuple[int, ...], as_json: bool) -> None:
    """Give up dead letters for good; the next step of each deal follows."""
    opened = app()
    now = opened.now()
    with opened.store.begin() as tx:
        count = discard_letters(tx, ids=ids, who=WHO, today=now.date(), now=now)
    if as_json:
        print_json({"discarded": count})
        return
    say(f"{count} dead letter(s) were discarded.")


COMMANDS = (reminders, outbox)
