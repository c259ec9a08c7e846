"""`rekindle messages`."""

from __future__ import annotations

import click

from service.cli.context import app
from service.cli.output import json_option, print_json, print_table, say, warn
from service.messages.by_hand import give_up, list_messages, resend
from service.messages.claim import WAITING
from service.reviews.by_hand import KIND, give_up_letters, list_letters, resend_letters
from service.store.models import MessageState

WHO = "admin"


class MessageId(click.ParamType[tuple[str, int]]):
    """What the list calls a message: a number, or `review-` and a number for a weekly review."""

    name = "id"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """The kind, empty for a digest and its like, and the number."""
        kind, _, number = f"-{value}".rpartition("-")
        if kind not in ("", f"-{KIND}") or not (number.isascii() and number.isdecimal()) or not 0 < int(number) < 2**63:
            self.fail(f"{value} is no message's id: `rekindle messages list` shows them.", param, ctx)
        return kind.lstrip("-"), int(number)


IDS = MessageId()


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def messages(context: click.Context, as_json: bool) -> None:
    """Messages to reps and managers, and reviews: those that wait, that were refused, or whose answer was lost."""
    if context.invoked_subcommand is None:
        context.invoke(list_, as_json=as_json)


@messages.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Also those that were sent.")
@json_option
def list_(everything: bool = False, as_json: bool = False) -> None:
    """Messages that wait, were refused (dead), or may have arrived or not (unclear)."""
    with app().store.read() as tx:
        states = [*MessageState] if everything else WAITING
        found = list_messages(tx, states=states) + list_letters(tx, states=states)
    if as_json:
        print_json(found)
        return
    columns = ("id", "connection", "kind", "reader", "day", "state", "error")
    print_table("", columns, [[one[column] for column in columns] for one in found], empty="No message waits.")


@messages.command(name="resend")
@click.argument("ids", type=IDS, nargs=-1, required=True)
@json_option
def send_again(ids: tuple[tuple[str, int], ...], as_json: bool) -> int:
    """Send these again, which nothing does by itself: an unclear one may have arrived, and comes twice then."""
    opened = app()
    with opened.store.begin() as tx:
        count = resend(tx, _of(ids, ""), who=WHO, now=opened.now())
        count += resend_letters(tx, _of(ids, KIND), who=WHO, now=opened.now())
    return _tell(as_json, "resent", count, ids, f"{count} message(s) will be sent again by the next worker.")


@messages.command()
@click.argument("ids", type=IDS, nargs=-1, required=True)
@json_option
def discard(ids: tuple[tuple[str, int], ...], as_json: bool) -> int:
    """Leave these unsent for good. What they list and is still open stands in the reader's next message."""
    opened = app()
    with opened.store.begin() as tx:
        count = give_up(tx, _of(ids, ""), who=WHO, now=opened.now())
        count += give_up_letters(tx, _of(ids, KIND), who=WHO, now=opened.now())
    return _tell(as_json, "discarded", count, ids, f"{count} message(s) were discarded.")


def _of(ids: tuple[tuple[str, int], ...], kind: str) -> list[int]:
    return [number for its_kind, number in ids if its_kind == kind]


def _tell(as_json: bool, verb: str, count: int, ids: tuple[tuple[str, int], ...], says: str) -> int:
    left = len({*ids}) - count
    if as_json:
        print_json({verb: count})
    else:
        say(says)
    if left:
        warn(f"{left} left as they are: only what is unclear or dead can be decided about.")
    return 1 if left else 0


COMMANDS = (messages,)
