"""`rekindle policy test`: when a deal lost for these words would be called on again, and what the draft would say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from mappings.documents.policy import parse_policy
from service import clock
from service.cli.context import Day, app, parsed
from service.cli.output import json_option, say
from service.cli.tried import spelt, tell_found
from service.errors import UsageFault
from service.losses.rules import Rules
from service.mapping_sets.basis import rules_of
from service.mapping_sets.drafts import open_draft
from service.mapping_sets.kinds import Kind
from service.preview.outcome import Outcome, outcome_json
from service.preview.records import RecordError, parse_record


@click.command(name="test")
@click.argument("text")
@click.option("--notes", default="", help="Free text beside the reason.")
@click.option("--lost-on", type=Day(), help="The day on which it was lost; default: today.")
@click.option("--today", type=Day(), help="Plan as if on this day.")
@click.option("--country", default="", help="The account's country, two letters.")
@click.option("--file", type=click.Path(path_type=Path), help="Try this document instead of the published one.")
@json_option
def test(
    text: str, notes: str, lost_on: date | None, today: date | None, country: str, file: Path | None, as_json: bool
) -> None:
    """When a deal lost for the reason TEXT would be called on again and why, and what the draft would say."""
    day = today or clock.now().date()
    record = {"stated_reason": text, "notes": notes, "lost_on": (lost_on or day).isoformat(), "country": country}
    rules, drafted = _documents(file)
    found = _try(record, rules, day)
    draft = _try(record, drafted, day) if drafted else None
    tell_found(found, draft, _show_plan, as_json=as_json)


def _documents(file: Path | None) -> tuple[Rules, Rules | None]:
    """The rules to try, and those with the draft of the policy where one is open."""
    given = parsed(file, parse_policy) if file else None
    opened = app()
    with opened.store.begin() as tx:
        rules = opened.rules(tx)
        if given is not None:
            return replace(rules, policy=given), None
        draft = open_draft(tx, Kind.POLICY)
        return rules, rules_of(rules, Kind.POLICY, draft.text) if draft.is_open else None


def _try(record: Mapping[str, Any], rules: Rules, today: date) -> dict[str, Any]:
    """What comes of such a deal, as `rekindle preview` would say it."""
    try:
        deal = parse_record({"id": "test", **{name: value for name, value in record.items() if value}}, today=today)
    except RecordError as error:
        raise UsageFault(str(error), remedy="See `rekindle policy test --help`.") from error
    classification, plan = rules.apply(deal, today)
    found = outcome_json(Outcome(deal=deal, classification=classification, plan=plan))
    del found["id"]
    return found


def _show_plan(found: Mapping[str, Any]) -> None:
    say(f"{spelt(found)}:")
    for step in (*found["follow_ups"], *found["later"]):
        say(f"  {step['due_on']}  {step['purpose'].replace('_', ' ')}: {step['why']}")
    if not found["follow_ups"] and not found["later"]:
        say(f"  no follow-up: {found['why_none']}")
