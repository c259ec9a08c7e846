"""`rekindle demo`: from the CRM to the CRM in one go, with nothing to configure."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import suppress
from typing import Any

import click
from sqlalchemy import select

from service import clock
from service.audit.ledger import ledger
from service.cli.context import load, progress
from service.cli.output import print_table, say
from service.connections.connect import connect
from service.demo.stage import Stage, set_stage
from service.golive.report import GoLiveRequest
from service.operations import go_live
from service.reminders.listing import list_reminders
from service.store.connections import all_connections
from service.store.models import (
    ClassificationRow,
    ConnectionRow,
    ConnectionState,
    DealRow,
    EpisodeRow,
    TaskRefRow,
    TaskRefState,
)
from service.sync.report import SyncReport
from service.sync.runner import sync


@click.command()
@click.option("--no-serve", is_flag=True, help="End after the tour instead of serving the web app.")
def demo(no_serve: bool) -> int:
    """The whole line against a local sandbox CRM: pull, classify, plan, go live, write, read back."""
    started = clock.monotonic()
    with set_stage(load(), clock.now) as stage:
        say("A Salesforce org and a HubSpot portal of the sandbox are running on this machine.\n")
        for wanted in stage.wanted():
            done = connect(stage.app, wanted)
            say(f"{wanted.name}: {'connected' if done.is_new else 'connected already'}, {done.connection.state}.")
        reports = _sync_all(stage)
        _go_live_all(stage)
        again = _sync_all(stage)
        failures = [line for report in (*reports, *again) for line in report.failures]
        _tell(stage, reports, again, clock.monotonic() - started)
        for line in failures:
            click.echo(line, err=True)
        if not no_serve and sys.stdout.isatty():
            _serve(stage)
    return 1 if failures else 0


def _serve(stage: Stage) -> None:
    from service.demo.serving import serve_demo

    with suppress(KeyboardInterrupt):
        serve_demo(stage.app, say=say)


def _sync_all(stage: Stage) -> list[SyncReport]:
    reports = []
    for wanted in stage.wanted():
        with progress(f"{wanted.name}: syncing"):
            reports.append(sync(stage.app, wanted.name, monotonic=clock.monotonic))
    return reports


def _go_live_all(stage: Stage) -> None:
    with stage.app.store.read() as tx:
        held = [row.name for row in all_connections(tx) if row.state == ConnectionState.HOLD]
    for name in held:
        with progress(f"{name}: going live"):
            report, _ = go_live(stage.app, name, GoLiveRequest())
        live = report.as_json()
        skipped = ", ".join(f"{count} {rule}" for rule, count in live["skipped"].items())
        says = f"{name}: live. {live['tasks']} tasks for {live['deals']} deals, {live['backlog']} in the backlog"
        say(f"{says}, skipped: {skipped}." if skipped else f"{says}.")


def _tell(stage: Stage, reports: list[SyncReport], again: list[SyncReport], seconds: float) -> None:
    for report in reports:
        counts = report.counts
        say(
            f"{report.connection}: {counts.read} deals read, {counts.new} new, {counts.changed} changed, "
            f"{counts.planned} planned; {report.calls} calls, {report.seconds:.1f} s."
        )
    say("")
    _tell_reasons(stage)
    _tell_follow_ups(stage)
    _tell_task(stage)
    _tell_ledger(stage)
    quiet = all(not _anything(report) for report in again)
    says = "A second sync changed nothing." if quiet else "The second sync found more to do; run the demo again."
    if quiet and not stage.is_first_run and all(not _anything(report) for report in reports):
        says = "This was not the first run: nothing changed, and nothing was written."
    say(f"\n{says} {seconds:.1f} seconds in all.\n")
    say("What to try next:")
    say("  rekindle preview your-export.csv     your own lost deals, offline, with nothing set up")
    say("  rekindle connect salesforce NAME     or hubspot; it reads and plans, and writes nothing until go-live")
    say(f"  REKINDLE_HOME={stage.app.settings.home} rekindle reminders list     what this demo planned")


def _anything(report: SyncReport) -> bool:
    counts = report.counts
    return bool(counts.new or counts.changed or counts.reopened or counts.won or counts.deleted or report.written)


def _tell_reasons(stage: Stage) -> None:
    with stage.app.store.read() as tx:
        query = (
            select(DealRow.record, ClassificationRow.category, ClassificationRow.sub_reason)
            .join(EpisodeRow, EpisodeRow.deal_id == DealRow.id)
            .join(ClassificationRow, ClassificationRow.episode_id == EpisodeRow.id)
        )
        rows = tx.execute(query).all()
    before = Counter(_stated(record) for record, _, _ in rows)
    after = Counter(f"{category}.{sub_reason}" if sub_reason else category for _, category, sub_reason in rows)
    top_before, top_after = before.most_common(8), after.most_common(8)
    pairs = [
        (
            *(top_before[place][::-1] if place < len(top_before) else ("", "")),
            *(top_after[place][::-1] if place < len(top_after) else ("", "")),
        )
        for place in range(max(len(top_before), len(top_after)))
    ]
    title = f"{len(rows)} lost deals: {len(before)} different reasons before, {len(after)} after"
    print_table(title, ("deals", "in the CRM", "deals", "as understood"), pairs, empty="No lost deals.")


def _stated(record: dict[str, Any]) -> str:
    reasons = record.get("stated_reasons") or []
    return (reasons[0].get("label") or reasons[0]["value"])[:60] if reasons else "(none)"


def _tell_follow_ups(stage: Stage) -> None:
    with stage.app.store.read() as tx:
        found = [one for one in list_reminders(tx) if one["state"] in ("scheduled", "due")]
    say("")
    shown = sorted(_first_of_each(found, 3), key=lambda one: str(one["due_on"]))
    rows = [(one["due_on"], one["account"], one["why"]) for one in shown]
    print_table(
        f"The next of {len(found)} follow-ups, a few of each kind",
        ("due", "account", "why"),
        rows,
        empty="No follow-ups.",
    )


def _first_of_each(found: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The earliest few of each kind, so that a newcomer sees what dates hang on."""
    shown: Counter[str] = Counter()
    chosen = []
    for one in found:
        shown[one["purpose"]] += 1
        if shown[one["purpose"]] <= most:
            chosen.append(one)
    return chosen


def _tell_task(stage: Stage) -> None:
    with stage.app.store.read() as tx:
        ref = tx.scalar(
            select(TaskRefRow)
            .join(ConnectionRow, ConnectionRow.id == TaskRefRow.connection_id)
            .where(TaskRefRow.state == TaskRefState.OPEN, ConnectionRow.crm == "salesforce")
            .order_by(TaskRefRow.id)
        )
    if ref is None:
        return
    held = stage.org.app.app.record("Task", ref.crm_task_id) or {}
    say("\nOne task as Salesforce holds it:\n")
    for name in ("Subject", "ActivityDate", "Status", "OwnerId", "WhatId"):
        say(f"  {name}: {held.get(name)}")
    for line in str(held.get("Description") or "").splitlines():
        say(f"  | {line}")


def _tell_ledger(stage: Stage) -> None:
    say("")
    with stage.app.store.read() as tx:
        connections = all_connections(tx)
    for row in connections:
        connector, _ = stage.app.connector(row)
        counted = list(connector.count_lost())
        with stage.app.store.read() as tx:
            lines = ledger(tx, row, counted)
        stored, crm = sum(one.stored for one in lines), sum(one.crm for one in lines)
        off = [one.month for one in lines if one.difference]
        says = "every month balances" if not off else f"months that differ: {', '.join(off)}"
        say(f"Ledger of {row.name}: {crm} closed-lost deals in the CRM, {stored} stored, {len(lines)} months; {says}.")


COMMANDS = (demo,)
