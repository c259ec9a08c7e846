"""`rekindle messages`."""

from __future__ import annotations

import click

from service.cli.context import app
from service.cli.output import json_option, print_json, print_table, say, warn
from service.messages.by_hand import WAITING, give_up, list_messages, resend
from service.store.models import MessageState

WHO = "admin"
ROW_ID = click.IntRange(1, 2**63 - 1)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def messages(context: click.Context, as_json: bool) -> None:
    """Messages to reps and managers: those that wait, that were refused, or whose answer was lost."""
    if context.invoked_subcommand is None:
        context.invoke(list_, as_json=as_json)


@messages.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Also those that were sent.")
@json_option
def list_(everything: bool = False, as_json: bool = False) -> None:
    """Messages that wait, were refused (dead), or may have arrived or not (unclear)."""
    with app().store.read() as tx:
        found = list_messages(tx, states=[*MessageState] if everything else WAITING)
    if as_json:
        print_json(found)
        return
    columns = ("id", "connection", "kind", "reader", "day", "state", "error")
    print_table("", columns, [[one[column] for column in columns] for one in found], empty="No message waits.")


@messages.command(name="resend")
@click.argument("ids", type=ROW_ID, nargs=-1, required=True)
@json_option
def send_again(ids: tuple[int, ...], as_json: bool) -> int:
    """Send these again, which nothing does by itself: an unclear one may have arrived, and comes twice then."""
    opened = app()
    with opened.store.begin() as tx:
        count = resend(tx, ids, who=WHO, now=opened.now())
    return _tell(as_json, "resent", count, ids, f"{count} message(s) will be sent again by the next worker.")


@messages.command()
@click.argument("ids", type=ROW_ID, nargs=-1, required=True)
@json_option
def discard(ids: tuple[int, ...], as_json: bool) -> int:
    """Leave these unsent for good. What they list and is still open stands in the reader's next message."""
    opened = app()
    with opened.store.begin() as tx:
        count = give_up(tx, ids, who=WHO, now=opened.now())
    return _tell(as_json, "discarded", count, ids, f"{count} message(s) were discarded.")


def _tell(as_json: bool, verb: str, count: int, ids: tuple[int, ...], says: str) -> int:
    left = len({*ids}) - count
    if as_json:
        print_json({verb: count})
    else:
        say(says)
    if left:
        warn(f"{left} left as they are: only what is unclear or dead can be decided about.")
    return 1 if left else 0


COMMANDS = (messages,)
