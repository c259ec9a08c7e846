"""`rekindle mappings ...` and `rekindle policy ...`: the editable documents from the command line."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from mappings.classify import classify
from mappings.documents.mapping_set import parse_mapping_set
from mappings.documents.policy import parse_policy
from mappings.model import DealKey, LostDeal, Note, StatedReason
from service import clock
from service.cli.context import app, parsed, read_document, writing
from service.cli.output import json_option, print_json, say
from service.store.documents import current_document, publish_document
from service.store.models import MappingSetRow, PolicyRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One kind of document: what it is called, where its versions are, and how it is checked."""

    label: str
    rows: type[MappingSetRow | PolicyRow]
    version_of: Callable[[str], str]


MAPPINGS = Document(label="mapping set", rows=MappingSetRow, version_of=lambda text: parse_mapping_set(text).version)
POLICY = Document(label="policy", rows=PolicyRow, version_of=lambda text: parse_policy(text).version)


@click.group()
def mappings() -> None:
    """What loss reasons mean."""


@click.group()
def policy() -> None:
    """When to come back."""


def _verbs(group: click.Group, document: Document) -> None:
    @group.command(name="export")
    @click.argument("file", type=click.Path(path_type=Path), default="-")
    def export(file: Path) -> None:
        """Write the published document to FILE (default: standard output)."""
        opened = app()
        with opened.store.begin() as tx:
            opened.rules(tx)
            row = current_document(tx, document.rows)
            text = row.text if row else ""
        if str(file) == "-":
            click.echo(text, nl=False)
        else:
            with writing(file) as target:
                target.write(text)
            say(f"The {document.label} is in {file}.")

    @group.command(name="import")
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--comment", default="", help="Why it was changed, for the history.")
    @json_option
    def import_(file: Path, comment: str, as_json: bool) -> None:
        """Check the document in FILE (- for standard input) and put it in force. Then run `rekindle reclassify`."""
        text = read_document(file)
        version = parsed(file, document.version_of) if str(file) != "-" else document.version_of(text)
        opened = app()
        with opened.store.begin() as tx:
            opened.rules(tx)
            former = current_document(tx, document.rows)
            if former is not None and former.version == version:
                number, changed = former.number, False
            else:
                author = getpass.getuser()
                row = publish_document(
                    tx, document.rows, version=version, text=text, author=author, comment=comment, now=clock.now()
                )
                number, changed = row.number, True
        if as_json:
            print_json({"number": number, "version": version, "changed": changed})
        elif changed:
            say(f"The {document.label} is in force as number {number}. Run `rekindle reclassify` to apply it.")
        else:
            say(f"This is the {document.label} in force already (number {number}).")


@mappings.command(name="test")
@click.argument("reason")
@click.option("--notes", default="", help="Free text beside the reason.")
@click.option("--file", type=click.Path(path_type=Path), help="Try this document instead of the published one.")
@json_option
def test_(reason: str, notes: str, file: Path | None, as_json: bool) -> None:
    """What REASON would be taken to mean, and the words that decide."""
    if file is None:
        opened = app()
        with opened.store.begin() as tx:
            document = opened.rules(tx).mapping_set
    else:
        document = parsed(file, parse_mapping_set)
    deal = LostDeal(
        key=DealKey("test", "test"),
        lost_on=clock.now().date(),
        stated_reasons=(StatedReason(field="stated_reason", value=reason),) if reason else (),
        notes=(Note(field="notes", text=notes),) if notes else (),
    )
    found = classify(deal, document)
    verdict = found.underlying
    result: dict[str, Any] = {
        "category": verdict.category,
        "sub_reason": verdict.sub_reason,
        "secondary": verdict.secondary,
        "confidence": round(verdict.confidence, 3),
        "finality": verdict.finality,
        "needs_review": found.needs_review,
        "stated": {"category": found.stated.category, "sub_reason": found.stated.sub_reason},
        "evidence": [{"rule": one.rule, "text": one.text, "field": one.field} for one in verdict.evidence],
        "facts": [{"kind": one.kind, "on": one.on, "text": one.text} for one in found.facts],
    }
    if as_json:
        print_json(result)
    else:
        _show_reading(result)


def _show_reading(found: Mapping[str, Any]) -> None:
    review = ", to be reviewed by a person" if found["needs_review"] else ""
    say(f"{_spelt(found)}, {found['confidence']:.0%} sure, {found['finality'].replace('_', ' ')}{review}.")
    if found["secondary"]:
        say(f"It is {found['secondary']}, too.")
    if _spelt(found["stated"]) != _spelt(found):
        say(f"The reason alone says {_spelt(found['stated'])}.")
    for one in found["evidence"]:
        say(f'  because of "{one["text"]}" in {one["field"]} ({one["rule"]})')
    for one in found["facts"]:
        say(f'  {one["kind"].replace("_", " ")} {one["on"] or "without a date"}: "{one["text"]}"')


def _spelt(verdict: Mapping[str, Any]) -> str:
    return f"{verdict['category']}.{verdict['sub_reason']}" if verdict["sub_reason"] else str(verdict["category"])


_verbs(mappings, MAPPINGS)
_verbs(policy, POLICY)

COMMANDS = (mappings, policy)
