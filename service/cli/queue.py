"""`rekindle reminders` and `rekindle outbox`."""

from __future__ import annotations

from datetime import date

import click
from sqlalchemy.orm import Session

from service.cli.context import Day, app, progress
from service.cli.output import json_option, print_json, print_table, say, warn
from service.jobs.by_hand import decide, run_due, snoozed_to
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
    rows = [(one["id"], one["due_on"], one["state"], one["account"], one["owner"], one["why"]) for one in found]
    print_table("", ("id", "due", "state", "account", "owner", "why"), rows, empty="No reminders. Run `rekindle sync`.")


@reminders.command()
@json_option
def run(as_json: bool) -> int:
    """Do what is due now, once: mark it, write its tasks, and end. Needs no worker and no queue."""
    with progress("Looking for what is due"):
        report = run_due(app())
    if as_json:
        print_json(report.as_json())
    else:
        say(f"{report.due} reminder(s) fell due, {report.written} write(s) done, {report.failed} failed.")
    for line in report.failures:
        warn(line)
    return 1 if report.failures else 0


@reminders.command()
@click.argument("ids", type=ROW_ID, nargs=-1, required=True)
@json_option
def done(ids: tuple[int, ...], as_json: bool) -> int:
    """These are done: their tasks in the CRM are completed, and the next step of each deal follows."""
    return _decide(ids, "done", as_json=as_json)


@reminders.command()
@click.argument("ids", type=ROW_ID, nargs=-1, required=True)
@click.option("--until", type=Day(), required=True, help="The day on which they come back.")
@json_option
def snooze(ids: tuple[int, ...], until: date, as_json: bool) -> int:
    """Move these to a day: their tasks in the CRM move with them, and stay there."""
    return _decide(ids, "snooze", as_json=as_json, until=until)


@reminders.command()
@click.argument("ids", type=ROW_ID, nargs=-1, required=True)
@json_option
def cancel(ids: tuple[int, ...], as_json: bool) -> int:
    """These steps end for good: their tasks in the CRM are closed with a note."""
    return _decide(ids, "cancel", as_json=as_json)


def _decide(ids: tuple[int, ...], action: str, *, as_json: bool, until: date | None = None) -> int:
    changed = decide(app(), ids, action, who=WHO, until=until)
    left = sorted({*ids} - changed)
    days = {id_: day for day, some in snoozed_to(app(), changed, until).items() for id_ in some} if until else {}
    if as_json:
        shown = {"due_on": {id_: day.isoformat() for id_, day in sorted(days.items())}} if until else {}
        print_json({"changed": sorted(changed), "unchanged": left, **shown})
    else:
        for id_, day in sorted(days.items()):
            if day != until:
                say(f"{id_}: nobody works there on {until}; it comes back on {day}.")
        say(f"{len(changed)} reminder(s) changed. Their tasks follow with the next run of the worker, or a sync.")
    if left:
        warn(f"Not changed, as they are over or not there: {', '.join(map(str, left))}.")
    return 1 if left else 0


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
def retry(ids: tuple[int, ...], as_json: bool) -> int:
    """Try dead letters again at the next sync: those named, or all."""
    opened = app()
    with opened.store.begin() as tx:
        left = _no_dead_letters(tx, ids)
        count = retry_letters(tx, ids=ids or None, who=WHO, now=opened.now())
    if as_json:
        print_json({"retried": count, "unchanged": left})
    else:
        say(f"{count} dead letter(s) will be tried again at the next sync.")
    return _left_alone(left)


@outbox.command()
@click.argument("ids", type=ROW_ID, nargs=-1, required=True)
@json_option
def discard(ids: tuple[int, ...], as_json: bool) -> int:
    """Give up dead letters for good; the next step of each deal follows."""
    opened = app()
    now = opened.now()
    with opened.store.begin() as tx:
        left = _no_dead_letters(tx, ids)
        count = discard_letters(tx, ids=ids, who=WHO, today=now.date(), now=now)
    if as_json:
        print_json({"discarded": count, "unchanged": left})
    else:
        say(f"{count} dead letter(s) were discarded.")
    return _left_alone(left)


def _no_dead_letters(tx: Session, ids: tuple[int, ...]) -> list[int]:
    """Those of the ids that name no dead letter."""
    return sorted({*ids} - {one["id"] for one in list_outbox(tx, states=[OutboxState.DEAD])})


def _left_alone(ids: list[int]) -> int:
    """Says which rows were named for nothing; the exit status that this makes."""
    if ids:
        warn(f"Not changed, as they are no dead letters: {', '.join(map(str, ids))}. See `rekindle outbox`.")
    return 1 if ids else 0


COMMANDS = (reminders, outbox)
