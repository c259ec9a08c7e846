"""`rekindle mappings test`: what a text would be taken to mean, and what the draft would say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from mappings.documents.mapping_set import parse_mapping_set
from service import clock
from service.cli.context import app, parsed
from service.cli.output import json_option, say
from service.cli.tried import spelt, tell_found
from service.mapping_sets.drafts import open_draft
from service.mapping_sets.kinds import Kind, mapping_set_of
from service.mapping_sets.tester import Place, try_text
from service.store.connections import connection_named


@click.command(name="test")
@click.argument("text")
@click.option(
    "--field",
    "place",
    type=click.Choice([str(one) for one in Place]),
    default=str(Place.REASON),
    help="Where TEXT is taken to stand: the reason (default) or the notes.",
)
@click.option("--notes", default="", help="Free text beside the reason.")
@click.option("--connection", help="Let the rules of this connection apply, too.")
@click.option("--file", type=click.Path(path_type=Path), help="Try this document instead of the published one.")
@json_option
def test(place: str, text: str, notes: str, connection: str | None, file: Path | None, as_json: bool) -> None:
    """What TEXT would be taken to mean, the words that decide, and what the draft would say."""
    today, where = clock.now().date(), Place(place)
    drafted = None
    if file is None:
        opened = app()
        with opened.store.begin() as tx:
            document = opened.rules(tx).mapping_set
            draft = open_draft(tx, Kind.MAPPINGS)
            if connection is not None:
                connection_named(tx, connection)
        if draft.is_open:
            drafted = try_text(
                mapping_set_of(draft.text), text, today=today, place=where, notes=notes, connection=connection
            )
    else:
        document = parsed(file, parse_mapping_set)
    found = try_text(document, text, today=today, place=where, notes=notes, connection=connection)
    tell_found(found, drafted, _show_reading, as_json=as_json)


def _show_reading(found: Mapping[str, Any]) -> None:
    review = ", to be reviewed by a person" if found["needs_review"] else ""
    say(f"{spelt(found)}, {found['confidence']:.0%} sure, {found['finality'].replace('_', ' ')}{review}.")
    if found["secondary"]:
        say(f"It is {found['secondary']}, too.")
    if found["guesses"]:
        say(f"The best guesses are {' and '.join(found['guesses'])}.")
    if spelt(found["stated"]) != spelt(found):
        say(f"The reason alone says {spelt(found['stated'])}.")
    for one in found["evidence"]:
        say(f'  because of "{one["text"]}" in {one["field"]} ({one["rule"]})')
    for one in found["facts"]:
        say(f'  {one["kind"].replace("_", " ")} {one["on"] or "without a date"}: "{one["text"]}"')
