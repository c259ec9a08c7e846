"""`rekindle sync` and `rekindle reclassify`."""

from __future__ import annotations

from collections.abc import Callable

import click

from connectors.errors import ConnectorError
from service import clock
from service.bootstrap import App
from service.cli.context import app, progress
from service.cli.output import json_option, print_json, print_table, say, warn
from service.cores import give_memory_back, quieten_collector
from service.errors import RekindleError, UsageFault
from service.store.connections import all_connections
from service.sync.reclassify import reclassify as reclassify_stored
from service.sync.report import SyncReport
from service.sync.runner import sync as sync_one

COLUMNS = ("connection", "read", "new", "changed", "unchanged", "reopened", "won", "deleted", "planned", "written")


@click.command()
@click.argument("names", nargs=-1)
@click.option("--full", is_flag=True, help="Read every closed-lost deal again and reconcile.")
@click.option("--dry-run", is_flag=True, help="Read and count; store nothing and write nothing.")
@json_option
def sync(names: tuple[str, ...], full: bool, dry_run: bool, as_json: bool) -> int:
    """Pull what changed, classify, plan, write what is due, read back. Without NAMES, every connection."""
    give_memory_back()
    quieten_collector()
    opened = app()
    with opened.store.read() as tx:
        chosen = [row.name for row in all_connections(tx, names)]
    if not chosen:
        raise UsageFault("There is no connection yet.", remedy="Start with `rekindle connect`.")
    failures: list[str] = []
    reports = [
        report for name in chosen if (report := _try(opened, name, failures, full=full, dry_run=dry_run)) is not None
    ]
    _show(reports, as_json=as_json, dry_run=dry_run)
    for report in reports:
        for line in report.warnings:
            warn(f"note: {line}")
        failures += report.failures
    for line in failures:
        warn(line)
    return 1 if failures else 0


@click.command()
@json_option
def reclassify(as_json: bool) -> int:
    """Run the published mappings and policy over the stored deals again, without reading the CRM."""
    quieten_collector()
    with progress("Classifying stored deals") as tell:
        done = reclassify_stored(app(), progress=lambda count: tell(f"Classifying stored deals: {count}"))
    if as_json:
        print_json(done)
    else:
        say(f"{done['planned']} of {done['deals']} stored deals stood on older rules, and were planned again.")
    if done["failed"]:
        warn(f"{done['failed']} stored deals could not be planned again; `rekindle doctor` names them.")
    return 1 if done["failed"] else 0


def _try(opened: App, name: str, failures: list[str], *, full: bool, dry_run: bool) -> SyncReport | None:
    """One connection's report; where it fails, the others go on."""
    with progress(f"{name}: reading") as tell:
        try:
            return sync_one(
                opened, name, full=full, dry_run=dry_run, progress=_teller(name, tell), monotonic=clock.monotonic
            )
        except ConnectorError as error:
            failures.append(str(error) if str(error).startswith(name) else f"{name}: {error}")
        except RekindleError as error:
            failures.append(str(error))
    return None


def _teller(name: str, tell: Callable[[str], None]) -> Callable[..., None]:
    return lambda counts: tell(f"{name}: {counts.read} deals read, {counts.planned} planned")


def _show(reports: list[SyncReport], *, as_json: bool, dry_run: bool) -> None:
    documents = [report.as_json() for report in reports]
    if as_json:
        print_json(documents[0] if len(documents) == 1 else documents)
        return
    if dry_run and documents:
        say("A dry run: this is what a sync would find. Nothing was stored, and nothing was written.")
    rows = [[document[column] for column in COLUMNS] for document in documents]
    print_table("", COLUMNS, rows, empty="Nothing was synced.")
    for document in documents:
        quiet = not any(document[key] for key in ("new", "changed", "reopened", "won", "deleted", "written"))
        says = "nothing changed" if quiet else f"{document['failed']} write(s) failed" if document["failed"] else "done"
        say(f"{document['connection']}: {says}, {document['calls']} calls, {document['seconds']} s.")


COMMANDS = (sync, reclassify)
