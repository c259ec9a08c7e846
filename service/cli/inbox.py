"""`rekindle inbox`."""

from __future__ import annotations

from collections.abc import Collection

import click
from sqlalchemy.orm import Session

from service.cli.context import app
from service.cli.output import json_option, print_json, print_table, say, warn
from service.store.connections import connection_named
from service.store.models import InboxState
from service.webhooks.letters import WAITING, Range, discard_inbox, list_inbox, retry_inbox
from service.webhooks.processing import process_inbox

WHO = "admin"
LARGEST = 2**63 - 1


class RowIds(click.ParamType[Range]):
    """An argument that is one row's id, or a range of them."""

    name = "ID or FIRST-LAST"

    def convert(self, value: str | Range, param: click.Parameter | None, ctx: click.Context | None) -> Range:
        """The first and the last id."""
        if isinstance(value, tuple):
            return value
        first, _, last = value.partition("-")
        ends = [first, last or first]
        if not all(one.isascii() and one.isdigit() and 0 < int(one[:20]) <= LARGEST for one in ends):
            self.fail(f"{value!r} is no id of a row; give one such as 12, or a range such as 12-40.", param, ctx)
        if int(ends[0]) > int(ends[1]):
            self.fail(f"{value!r} ends before it begins.", param, ctx)
        return int(ends[0]), int(ends[1])


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def inbox(context: click.Context, as_json: bool) -> None:
    """Webhooks received: those that wait, and those that were given up (dead letters)."""
    if context.invoked_subcommand is None:
        context.invoke(list_, as_json=as_json)


@inbox.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Also those that are done.")
@click.option("--connection", help="Only those of one connection.")
@json_option
def list_(everything: bool = False, connection: str | None = None, as_json: bool = False) -> None:
    """Webhooks that wait, are worked on or were given up."""
    with app().store.read() as tx:
        connection_id = connection_named(tx, connection).id if connection else None
        found = list_inbox(tx, connection_id=connection_id, states=[*InboxState] if everything else WAITING)
    if as_json:
        print_json(found)
        return
    columns = ("id", "connection", "deal_id", "kind", "state", "attempts", "error")
    rows = [[one[column] for column in columns] for one in found]
    print_table("", columns, rows, empty="No webhook waits.")


@inbox.command()
@click.argument("ids", type=RowIds(), nargs=-1)
@json_option
def retry(ids: tuple[Range, ...], as_json: bool) -> int:
    """Try dead letters, and what was put off, again: one (12), a range (12-40), several, or all."""
    opened = app()
    with opened.store.begin() as tx:
        left = _named_for_nothing(tx, ids, (InboxState.DEAD, InboxState.PENDING))
        count = retry_inbox(tx, ranges=ids, who=WHO, now=opened.now())
    if as_json:
        print_json({"retried": count, "unchanged": left})
    else:
        worker = "by a worker, or `rekindle inbox run`"
        say(f"{count} webhook(s) are tried again as soon as the inbox is worked on: {worker}.")
    return _left_alone(left, "neither dead letters nor put off")


@inbox.command()
@click.argument("ids", type=RowIds(), nargs=-1, required=True)
@json_option
def discard(ids: tuple[Range, ...], as_json: bool) -> int:
    """Give up dead letters for good: one (12), a range (12-40), several. Their deals are left to the next sync."""
    opened = app()
    with opened.store.begin() as tx:
        left = _named_for_nothing(tx, ids, (InboxState.DEAD,))
        count = discard_inbox(tx, ranges=ids, who=WHO, now=opened.now())
    if as_json:
        print_json({"discarded": count, "unchanged": left})
    else:
        say(f"{count} dead letter(s) were discarded.")
    return _left_alone(left, "no dead letters")


def _named_for_nothing(tx: Session, ranges: tuple[Range, ...], states: Collection[InboxState]) -> list[int]:
    """Those of the rows named one by one that are in none of the states. A range names whatever is in it."""
    named = {first for first, last in ranges if first == last}
    return sorted(named - {one["id"] for one in list_inbox(tx, states=states)}) if named else []


def _left_alone(ids: list[int], what: str) -> int:
    """Says which rows were named for nothing; the exit status that this makes."""
    if ids:
        warn(f"Not changed, as they are {what}: {', '.join(map(str, ids))}. See `rekindle inbox`.")
    return 1 if ids else 0


@inbox.command()
@click.option("--connection", help="Only those of one connection.")
@json_option
def run(connection: str | None, as_json: bool) -> int:
    """Work on what is due, once: fetch the deals that webhooks named, plan, write what is due, and exit."""
    opened = app()
    if connection:
        with opened.store.read() as tx:
            connection_named(tx, connection)
    done = process_inbox(opened, names=[connection] if connection else [])
    if as_json:
        print_json(done.as_json())
    else:
        planned = done.counts.planned
        say(f"{done.events} webhook(s) named {done.deals} deal(s); {planned} planned, {done.written} written.")
        if done.put_back:
            say(f"{done.put_back} are tried again later; `rekindle inbox` says why.")
    for line in done.failures:
        warn(line)
    return 1 if done.failures or done.dead or done.failed else 0


COMMANDS = (inbox,)
