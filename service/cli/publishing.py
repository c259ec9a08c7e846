"""`publish` and `rollback` of `rekindle mappings` and `rekindle policy`: the preview, the question, the doing."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import orjson

from service import operations
from service.bootstrap import App
from service.cli.context import app, confirm, is_asking, progress, writing
from service.cli.output import json_option, print_json, say, warn
from service.errors import UsageFault
from service.mapping_sets.kinds import KINDS, Kind
from service.mapping_sets.listing import Preview, differences_of, list_outcomes
from service.mapping_sets.preview import build_preview, start_preview
from service.mapping_sets.publish import publish, resume_publication
from service.mapping_sets.versions import list_versions

PAGE = 1000
SHOWN = 20
Teller = Callable[[int, int], None]


def publish_command(kind: Kind) -> click.Command:
    """`publish` for one kind of document."""

    @click.command(name="publish")
    @click.option("--comment", default="", help="Why it is changed, for the history.")
    @click.option("--yes", is_flag=True, help="Do not ask.")
    @click.option(
        "--list",
        "file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Write every deal that changes to FILE (JSON Lines).",
    )
    @click.option("--resume", is_flag=True, help="Finish a publication that was interrupted; nothing else.")
    @json_option
    def publish_(comment: str, yes: bool, file: Path | None, resume: bool, as_json: bool) -> int:
        """Show what the draft would do to the stored deals, and after a yes put it in force and do exactly that."""
        opened = app()
        if resume:
            return _finish(opened, kind, as_json=as_json)
        return _go(opened, kind, None, comment=comment, yes=yes, file=file, as_json=as_json)

    return publish_


def rollback_command(kind: Kind) -> click.Command:
    """`rollback` for one kind of document."""

    @click.command(name="rollback")
    @click.argument("number", type=click.IntRange(min=1), required=False)
    @click.option("--comment", default="", help="Why it is taken back, for the history.")
    @click.option("--yes", is_flag=True, help="Do not ask.")
    @click.option(
        "--list",
        "file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Write every deal that changes to FILE (JSON Lines).",
    )
    @json_option
    def rollback(number: int | None, comment: str, yes: bool, file: Path | None, as_json: bool) -> int:
        """Show what going back to version NUMBER (default: the one before) would do, and after a yes do it.

        Categories and due dates become what they were, and tasks that were closed are opened again. What a person
        decided stays. Going back makes a new version, too.
        """
        opened = app()
        wanted = number or _one_before(opened, kind)
        says = comment or f"Back to number {wanted}."
        return _go(opened, kind, wanted, comment=says, yes=yes, file=file, as_json=as_json)

    return rollback


def _one_before(opened: App, kind: Kind) -> int:
    with opened.store.begin() as tx:
        opened.rules(tx)
        numbers = [one.number for one in list_versions(tx, kind)]
    if len(numbers) < 2:
        raise UsageFault(f"There is no earlier {KINDS[kind].label} to go back to.")
    return numbers[1]


def _go(
    opened: App,
    kind: Kind,
    rollback_to: int | None,
    *,
    comment: str,
    yes: bool,
    file: Path | None,
    as_json: bool,
) -> int:
    with progress("Finishing an interrupted publication") as tell:
        resume_publication(opened, progress=_teller(tell, "Finishing an interrupted publication"))
    author = getpass.getuser()
    with progress("Looking at the stored deals") as tell:
        preview_id = start_preview(opened, kind, author=author, rollback_to=rollback_to)
        preview = build_preview(opened, preview_id, progress=_teller(tell, "Looking at the stored deals"))
    if file is not None:
        _write_list(opened, preview.id, file)
    if not yes:
        _show(opened, preview, as_json=as_json)
        if as_json or not is_asking():
            warn("Nothing was done. Run it again with --yes.")
            return 0
        confirm("Put it in force, and do exactly this?", yes=False)
    with progress("Publishing") as tell:
        done = publish(opened, preview.id, author=author, comment=comment, progress=_teller(tell, "Publishing"))
    return _tell_done(opened, done, as_json=as_json)


def _finish(opened: App, kind: Kind, *, as_json: bool) -> int:
    with progress("Publishing") as tell:
        done = resume_publication(opened, progress=_teller(tell, "Publishing"))
    if done is not None:
        return _tell_done(opened, done, as_json=as_json)
    if as_json:
        print_json({"kind": kind, "published": False})
    else:
        say("No publication is unfinished.")
    return 0


def _tell_done(opened: App, done: Preview, *, as_json: bool) -> int:
    with progress("Writing") as _:
        written, failures = operations.write_planned(opened)
    if as_json:
        print_json({**_told(opened, done), "published": True, "written": written, "failed": len(failures)})
    else:
        _show(opened, done, as_json=False)
        arrived = done.totals.get("arrived", 0)
        say(f"The {KINDS[done.kind].label} is in force as number {done.number}; {written} write(s) done.")
        if arrived:
            say(f"{arrived} deal(s) had changed since the preview, and were processed as they are now.")
    for line in failures:
        warn(line)
    return 1 if failures else 0


def _told(opened: App, preview: Preview) -> dict[str, Any]:
    with opened.store.read() as tx:
        changes = [one.says for one in differences_of(tx, preview.id)]
        deals = list_outcomes(tx, preview.id, limit=SHOWN)
    return {
        "preview": preview.id,
        "kind": preview.kind,
        "state": preview.state,
        "version": preview.version,
        "number": preview.number,
        "rollback_to": preview.rollback_to,
        "deals": preview.total,
        "changes": changes,
        "counts": preview.counts,
        "totals": preview.totals,
        "applied": preview.totals.get("applied", 0),
        "arrived": preview.totals.get("arrived", 0),
        "first": deals,
    }


def _show(opened: App, preview: Preview, *, as_json: bool) -> None:
    found = _told(opened, preview)
    if as_json:
        print_json({**found, "published": False})
        return
    for line in found["changes"][:SHOWN]:
        say(line)
    if len(found["changes"]) > SHOWN:
        say(f"... and {len(found['changes']) - SHOWN} more changes.")
    say("")
    say(f"{preview.totals.get('changed', 0)} of {preview.total} stored deals change.")
    for name, count in sorted(preview.totals.items()):
        if (count and name in _IN_WORDS) or name.startswith("from "):
            say(f"  {count} {_IN_WORDS.get(name, name)}")
    for one in found["first"]:
        say(_line(one))
    rest = preview.totals.get("changed", 0) - len(found["first"])
    if rest > 0:
        say(f"... and {rest} more deals; --list FILE writes them all.")


_IN_WORDS = {
    "category": "get another category",
    "sub_reason": "get another sub-reason",
    "review": "enter or leave review",
    "failed": "could not be foreseen: our code failed on them",
    "steps appears": "follow-ups appear",
    "steps returns": "follow-ups return",
    "steps moves": "follow-ups move to another day",
    "steps ends": "follow-ups end",
    "tasks created": "tasks are created",
    "tasks moved": "tasks move to another day",
    "tasks closed": "tasks are closed",
    "tasks reopened": "tasks are opened again",
}


def _line(one: dict[str, Any]) -> str:
    before, after = one["before"], one["after"]
    parts = [f"{one['account'] or one['name'] or one['deal_id']} ({one['deal_id']}):"]
    names = [
        f"{side['category']}.{side['sub_reason']}" if side["sub_reason"] else side["category"]
        for side in (before, after)
    ]
    if names[0] != names[1]:
        parts.append(f"{names[0]} -> {names[1]};")
    parts += [_step_words(step) for step in one["steps"]]
    parts += [f"task {task['what']}" + (f" {task['due_on']}" if task["due_on"] else "") + "," for task in one["tasks"]]
    return "  " + " ".join(parts).rstrip(",;:")


def _step_words(step: dict[str, Any]) -> str:
    name = step["purpose"].replace("_", " ")
    if step["what"] == "moves":
        return f"{name} {step['from']} -> {step['to']},"
    if step["what"] == "ends":
        return f"{name} {step['from']} ends,"
    return f"{name} {step['to']} {step['what']},"


def _write_list(opened: App, preview_id: int, file: Path) -> None:
    with writing(file) as target, opened.store.read() as tx:
        after = 0
        while page := list_outcomes(tx, preview_id, after_deal=after, limit=PAGE):
            target.writelines(orjson.dumps(one).decode() + "\n" for one in page)
            after = page[-1]["deal"]


def _teller(tell: Callable[[str], None], what: str) -> Teller:
    return lambda done, total: tell(f"{what}: {done} of {total}")
