"""`rekindle audit`: why deals are lost, and the ledger against the CRM's own counts."""

from __future__ import annotations

from typing import Any

import click

from connectors.errors import ConnectorError
from service import clock
from service.audit.ledger import LedgerLine, ledger
from service.audit.lens import Lens, iso_week, last_weeks
from service.audit.report import audit as audit_losses
from service.bootstrap import App
from service.cli.context import app
from service.cli.output import json_option, print_json, print_table, say, warn
from service.connections.state import refuse_without_credentials
from service.errors import RekindleError
from service.store.connections import all_connections


@click.command()
@click.option("--ledger", "show_ledger", is_flag=True, help="Compare what is stored with the CRM's own counts.")
@click.option("--week", metavar="YYYY-Www", help="One week instead of the last 13.")
@json_option
def audit(show_ledger: bool, week: str | None, as_json: bool) -> int:
    """The rejection audit of the last 13 weeks, or of one week."""
    opened = app()
    if show_ledger:
        return _ledger(opened, as_json=as_json)
    period = iso_week(week) if week else last_weeks(clock.now().date())
    with opened.store.read() as tx:
        found = audit_losses(tx, Lens(period=period))
    if as_json:
        print_json(found)
    else:
        _show(found)
    return 0


def _ledger(opened: App, *, as_json: bool) -> int:
    lines: list[LedgerLine] = []
    failed = False
    with opened.store.read() as tx:
        connections = all_connections(tx)
    for connection in connections:
        try:
            refuse_without_credentials(connection)
            connector, _ = opened.connector(connection)
            counted = list(connector.count_lost())
        except (ConnectorError, RekindleError) as error:
            warn(f"{connection.name}: the CRM's counts could not be read: {error}")
            failed = True
            continue
        with opened.store.read() as tx:
            lines += ledger(tx, connection, counted)
    if as_json:
        print_json([line.as_json() for line in lines])
    else:
        rows = [
            (one.connection, one.month or "(no date)", one.crm, one.stored, _rules(one), one.difference)
            for one in lines
        ]
        columns = ("connection", "month", "CRM", "stored", "excluded", "difference")
        print_table("", columns, rows, empty="Nothing to compare: there is no connection.")
        off = sum(bool(one.difference) for one in lines)
        for one in lines:
            for deal in one.failed:
                what = f"{one.connection} {one.month}: deal {deal['deal_id']} {deal['name']}"
                say(f"{what} was not taken: {deal['error']}")
        say("Every month balances." if not off else f"{off} month(s) do not balance: run `rekindle sync --full`.")
    return 1 if failed or any(one.difference for one in lines) else 0


def _rules(one: LedgerLine) -> str:
    return ", ".join(f"{rule}: {count}" for rule, count in one.excluded.items())


def _show(found: dict[str, Any]) -> None:
    period = found["period"]
    amounts = ", ".join(f"{one['amount']:,.0f} {one['currency'] or ''}".strip() for one in found["amount"])
    says = f"{found['lost']} deals were lost from {period['from']} to {period['to']}"
    say(f"{says}, worth {amounts}.\n" if amounts else f"{says}.\n")
    rows = [(one["deals"], one["category"], one["sub_reason"] or "") for one in found["by_category"]]
    print_table("Why", ("deals", "category", "sub-reason"), rows, empty="No loss in this period.")
    apart = [one for one in found["stated_vs_underlying"] if one["stated"] != one["underlying"]]
    if apart:
        say("")
        pairs = [(one["deals"], one["stated"], one["underlying"]) for one in apart[:10]]
        print_table("Where the notes say otherwise", ("deals", "stated", "underlying"), pairs, empty="")
    for one in found["findings"]:
        say(f"\n{one['says']}")
    for one in found["won_back"]:
        say(f"\nWon back: {one['account'] or one['deal']}, lost on {one['lost_on']}, won on {one['won_on']}.")


COMMANDS = (audit,)
