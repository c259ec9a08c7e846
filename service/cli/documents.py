"""`rekindle mappings ...` and `rekindle policy ...`: the editable documents from the command line."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from mappings.documents.toml import DocumentError
from service.cli import rehearsal, tester
from service.cli.context import app, read_document, writing
from service.cli.output import json_option, print_json, print_table, say
from service.cli.publishing import publish_command, rollback_command
from service.errors import UsageFault
from service.mapping_sets.basis import rules_of
from service.mapping_sets.drafts import discard_draft, open_draft, save_draft
from service.mapping_sets.kinds import KINDS, Kind
from service.mapping_sets.listing import counts_as_json
from service.mapping_sets.reasons import count_moves
from service.mapping_sets.versions import diff_texts, list_versions, published, version_text

DRAFT, PUBLISHED = "draft", "published"


@click.group()
def mappings() -> None:
    """What loss reasons mean."""


@click.group()
def policy() -> None:
    """When to come back."""


def _verbs(group: click.Group, kind: Kind) -> None:
    """The verbs that both documents have."""
    for make in (_export, _import, _versions, _diff, publish_command, rollback_command):
        group.add_command(make(kind))


def _export(kind: Kind) -> click.Command:
    @click.command(name="export")
    @click.argument("file", type=click.Path(path_type=Path), default="-")
    @click.option("--version", "which", metavar="NUMBER", help="That version, or draft; default: the published one.")
    def export(file: Path, which: str | None) -> None:
        """Write the published document to FILE (default: standard output)."""
        opened = app()
        with opened.store.begin() as tx:
            opened.rules(tx)
            text = _text(tx, kind, which or PUBLISHED)
        if str(file) == "-":
            click.echo(text, nl=False)
        else:
            with writing(file) as target:
                target.write(text)
            say(f"The {KINDS[kind].label} is in {file}.")

    return export


def _import(kind: Kind) -> click.Command:
    @click.command(name="import")
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--over", is_flag=True, help="Replace a draft that somebody else has open.")
    @json_option
    def import_(file: Path, over: bool, as_json: bool) -> None:
        """Check the document in FILE (- for standard input) and make it the draft. Nothing is in force before publish.

        What is in force already makes no draft.
        """
        text, opened, author = read_document(file), app(), getpass.getuser()
        version = _checked(file, text, KINDS[kind].version_of)
        with opened.store.begin() as tx:
            opened.rules(tx)
            current, draft = published(tx, kind), open_draft(tx, kind)
            if draft.is_open and draft.author != author and draft.version != version and not over:
                raise UsageFault(
                    f"{draft.author} has a draft of the {KINDS[kind].label} open.",
                    remedy=f"Look at it with `rekindle {kind} diff`, or add --over to replace it.",
                )
            if draft.is_open:  # the new text is meant for what is in force now, whatever the old one was made from
                draft = discard_draft(tx, kind, revision=draft.revision, author=author, now=opened.now())
            is_change = version != current.version
            if is_change:
                draft = save_draft(tx, kind, text, revision=draft.revision, author=author, now=opened.now())
        found = {"kind": kind, "changed": is_change, "version": version, "base": current.number}
        if as_json:
            print_json({**found, "revision": draft.revision})
        elif is_change:
            says = f"The draft of the {KINDS[kind].label} is saved; number {current.number} stays in force."
            say(f"{says} See `rekindle {kind} diff`, then `rekindle {kind} publish`.")
        else:
            say(f"This is the {KINDS[kind].label} in force already (number {current.number}).")

    return import_


def _versions(kind: Kind) -> click.Command:
    @click.command(name="versions")
    @json_option
    def versions(as_json: bool) -> None:
        """Every published version with its author and comment, the newest first."""
        opened = app()
        with opened.store.begin() as tx:
            opened.rules(tx)
            found = list_versions(tx, kind)
        if as_json:
            print_json([asdict(one) for one in found])
            return
        rows = [
            (
                f"{one.number}{' *' if one.is_current else ''}",
                f"{one.published_at:%Y-%m-%d %H:%M}",
                one.author,
                one.comment,
            )
            for one in found
        ]
        print_table("", ("number", "published", "author", "comment"), rows, empty="Nothing was published yet.")

    return versions


def _diff(kind: Kind) -> click.Command:
    @click.command(name="diff")
    @click.argument("old", default=PUBLISHED)
    @click.argument("new", default=DRAFT)
    @json_option
    def diff(old: str, new: str, as_json: bool) -> None:
        """What differs between OLD and NEW, by names: version numbers, published or draft. Default: published draft.

        For mappings it also counts the stored deals whose stated reason is then taken to mean something else.
        """
        opened = app()
        with opened.store.begin() as tx:
            rules = opened.rules(tx)
            texts = _text(tx, kind, old), _text(tx, kind, new)
            changes = diff_texts(kind, *texts)
            counts: dict[str, Any] = {}
            if kind is Kind.MAPPINGS and changes:
                before, after = (rules_of(rules, kind, text).mapping_set for text in texts)
                counts = counts_as_json(count_moves(tx, before, after))
        if as_json:
            print_json({"old": old, "new": new, "changes": [asdict(one) for one in changes], "deals": counts})
            return
        for change in changes:
            say(change.says)
        if not changes:
            say("They say the same.")
        if counts:
            show_counts(counts)

    return diff


def show_counts(counts: dict[str, Any]) -> None:
    """How many deals move with their stated reason, and which reasons."""
    say(f"{counts['deals']} deal(s) with {counts['reasons']} stated reason(s) would be taken to mean something else.")
    for one in counts["moves"][:20]:
        before, after = (f"{side['category']}.{side['sub_reason']}" for side in (one["before"], one["after"]))
        say(f'  {one["count"]} x "{"; ".join(one["values"])}" ({one["connection"]}): {before} -> {after}')


def _text(tx: Session, kind: Kind, which: str) -> str:
    """The text of a version by its number, of the published one, or of the draft. Raises UsageFault."""
    if which == PUBLISHED:
        text: str = published(tx, kind).text
        return text
    if which == DRAFT:
        draft = open_draft(tx, kind)
        if not draft.is_open:
            raise UsageFault(
                f"The {KINDS[kind].label} has no draft.", remedy=f"Make one with `rekindle {kind} import FILE`."
            )
        return draft.text
    if not which.isdecimal():
        raise UsageFault(
            f"{which!r} is no version.", remedy=f"Give a number of `rekindle {kind} versions`, published or draft."
        )
    return version_text(tx, kind, int(which))


def _checked(file: Path, text: str, version_of: Callable[[str], str]) -> str:
    try:
        return version_of(text)
    except DocumentError as error:
        shown = "standard input" if str(file) == "-" else file
        raise UsageFault("\n".join(f"{shown}, {problem}" for problem in error.problems)) from error


_verbs(mappings, Kind.MAPPINGS)
_verbs(policy, Kind.POLICY)
mappings.add_command(tester.test)
policy.add_command(rehearsal.test)

COMMANDS = (mappings, policy)
