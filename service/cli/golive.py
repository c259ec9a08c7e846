"""`rekindle go-live`, `rekindle hold`, `rekindle undo`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import click

from service import operations
from service.cli.context import Day, app, confirm, is_asking, progress
from service.cli.output import json_option, print_json, print_table, say, warn
from service.errors import UsageFault
from service.golive.report import GoLiveRequest

RULES = {
    "lost_before": "lost too long ago (see --lost-since)",
    "failed": "our own code failed on them; `rekindle doctor` names them",
    "no_follow_up": "not to be followed up, or not within two years",
    "open_deal": "the account has an open deal",
    "won_since": "the account has bought since",
    "other_owner": "another owner (see --owner)",
    "limit": "beyond the limit (see --limit)",
    "do_not_contact": "not to be contacted",
}
"""Why a deal gets no task now, in words; the rule's name stands in the JSON."""


@click.command(name="go-live")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--owner", "owners", multiple=True, metavar="EMAIL", help="Only deals of this owner; repeatable.")
@click.option("--limit", type=click.IntRange(min=1), help="At most this many tasks.")
@click.option("--lost-since", type=Day(), help="Only deals lost on this day or later; default: 18 months ago.")
@json_option
def go_live(
    name: str, yes: bool, owners: tuple[str, ...], limit: int | None, lost_since: date | None, as_json: bool
) -> int:
    """Show what NAME would write, and after a yes write it. From then on it writes what falls due."""
    opened = app()
    request = GoLiveRequest(owner_emails=owners, limit=limit, lost_since=lost_since)
    if not yes:
        with progress(f"{name}: counting"):
            announced = operations.announce(opened, name, request)
        if not _asked(operations.told(announced, None), as_json=as_json):
            return 0
    with progress(f"{name}: writing"):
        report, written = operations.go_live(opened, name, request)
    found = operations.told(report, written)
    if as_json:
        print_json(found)
    else:
        _show(found)
        say(f"{name} is live: {written.written} write(s) done, {written.failed} failed.")
    for line in written.failures:
        warn(line)
    return 1 if written.failures else 0


@click.command()
@click.argument("name")
@json_option
def hold(name: str, as_json: bool) -> None:
    """Stop all writes of NAME at once. It goes on reading and planning."""
    operations.hold(app(), name)
    if as_json:
        print_json({"connection": name, "state": "hold"})
        return
    say(f"{name} is on hold: nothing is written to its CRM until `rekindle go-live {name}`.")


@click.command()
@click.argument("name")
@click.option(
    "--since",
    metavar="TIME",
    help="Only what was written since, such as 2026-11-21 or 2026-11-21T09:30+01:00; UTC unless it says.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def undo(name: str, since: str | None, yes: bool, as_json: bool) -> int:
    """Put NAME on hold, delete our tasks and restore the fields we wrote, but for what a person has touched."""
    opened = app()
    start = _instant(since)
    if not yes:
        found = operations.announce_undo(opened, name, since=start).as_json()
        if as_json:
            print_json(found)
        else:
            tasks, fields = found["tasks_deleted"], found["fields_restored"]
            say(f"This would delete {tasks} task(s) and restore {fields} field(s) of {name}.")
            _list_touched(found)
        if as_json or not is_asking():
            warn("Nothing was done. Run it again with --yes.")
            return 0
        confirm(f"Take all of it back, and put {name} on hold?", yes=False)
    with progress(f"{name}: taking back"):
        found = operations.undo(opened, name, since=start).as_json()
    _tell_undo(found, as_json=as_json)
    if found["failed"]:
        warn(f"{name}: {found['failed']} change(s) were not taken back; `rekindle outbox` says why.")
    if found["unsettled"]:
        wait = f"{opened.settings.lease_s + opened.settings.http.total_timeout_s:.0f}"
        says = f"{name}: {found['unsettled']} write(s) of an interrupted run are not taken back yet"
        warn(f"{says}: wait {wait} s until they are over, then run `rekindle undo {name}` again.")
    return 1 if found["failed"] or found["unsettled"] else 0


def _asked(found: dict[str, Any], *, as_json: bool) -> bool:
    """Show the announcement; whether a person then said yes."""
    if as_json:
        print_json(found)
    else:
        _show(found)
    if as_json or not is_asking():
        warn("Nothing was written. Run it again with --yes to go live.")
        return False
    return click.confirm(f"Write {found['tasks']} task(s) to {found['connection']}?")


def _show(found: dict[str, Any]) -> None:
    say(
        f"{found['connection']}: {found['tasks']} task(s) for {found['deals']} deal(s); "
        f"{found['backlog']} long overdue in the backlog; {found['waiting']} wait behind another one.\n"
    )
    for title, key in (("Month", "by_month"), ("Owner", "by_owner"), ("Category", "by_category")):
        if found[key]:
            print_table("", (title, "tasks"), list(found[key].items()), empty="")
            say("")
    for rule, count in found["skipped"].items():
        say(f"Left out: {count}, {RULES.get(rule, rule.replace('_', ' '))}")


def _tell_undo(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    tasks, fields = found["tasks_deleted"], found["fields_restored"]
    say(f"{found['connection']}: {tasks} task(s) deleted, {fields} field(s) restored.")
    _list_touched(found)


def _list_touched(found: dict[str, Any]) -> None:
    for one in found["touched"]:
        say(f"Left alone: deal {one['deal_id']}, {one['what']}")


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageFault(
            f"--since {text!r} is no time.", remedy="It is 2026-11-21 or 2026-11-21T09:30+01:00."
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


COMMANDS = (go_live, hold, undo)
