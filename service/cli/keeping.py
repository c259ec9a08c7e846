"""`rekindle admin backup` and its kin: keeping, moving and leaving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import click

from service import clock, operations
from service.bootstrap import make_home
from service.cli.context import app as open_product
from service.cli.context import confirm, load, progress
from service.cli.output import json_option, print_json, say, warn
from service.errors import UsageFault
from service.keeping import backup as backups
from service.keeping import person as people
from service.keeping import restore as restores
from service.keeping import rotate as rotation
from service.security.keyring import check_names
from service.store.migrate import ensure_schema
from service.store.session import open_store

SHORTEST_NAME = 3
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE)
@json_option
def backup(file: Path, as_json: bool) -> None:
    """Write everything stored to FILE, as it is at this moment, while Rekindle goes on working.

    One compressed file for either database. It holds no keys: keep a copy of `keys.toml` or of your own keys elsewhere.
    """
    store = open_store(load().database)
    with progress("Backing up") as told:
        report = backups.backup(store, file, now=clock.now(), told=told)
    if as_json:
        print_json({"file": file, **asdict(report)})
        return
    keys = f" Its secrets need the encryption key {', '.join(report.keys)}." if report.keys else ""
    say(
        f"{file}: {sum(report.rows.values())} rows, {report.rows['deals']} deals,"
        f" {report.size_bytes / 1_000_000:.1f} MB, schema {report.schema}.{keys}"
    )


@click.command()
@click.argument("file", type=FILE)
@click.option("--replace", "is_replacing", is_flag=True, help="Throw away what is in the database now.")
@click.option("--without-secrets", is_flag=True, help="Leave out credentials that no key of yours opens.")
@click.option("--yes", is_flag=True, help="Do not ask before throwing anything away.")
@json_option
def restore(file: Path, is_replacing: bool, without_secrets: bool, yes: bool, as_json: bool) -> None:
    """Bring a backup back, into an empty database of either kind. Stop Rekindle first.

    Every connection is on hold afterwards, and looks for the tasks it has in the CRM before it writes any: let it write
    again with `rekindle go-live`. `--without-secrets` needs new credentials first, by `rekindle connect`.
    """
    settings = load()
    if is_replacing:
        confirm("This throws away everything in the database. Go on?", yes=yes)
    make_home(settings)
    with progress("Restoring") as told:
        report = restores.restore(
            open_store(settings.database),
            file,
            check_keys=lambda names: check_names(settings, names),
            now=clock.now(),
            is_replacing=is_replacing,
            keeps_secrets=not without_secrets,
            told=told,
        )
    if as_json:
        print_json({"file": file, **asdict(report)})
        return
    say(f"Restored {sum(report.rows.values())} rows of {report.made_at[:16].replace('T', ' ')} UTC.")
    for name in report.connections:
        say(f"{name} is on hold. Look with `rekindle sync {name}`, then `rekindle go-live {name}`.")


@click.command("rotate-key")
@click.option("--forget-old", is_flag=True, help="Drop the old keys from keys.toml, once every process was restarted.")
@json_option
def rotate_key(forget_old: bool, as_json: bool) -> None:
    """Seal every stored secret with a new key, all of them or none. A rotation that was stopped is gone on with.

    The old key stays in `keys.toml`, so that processes that run go on; restart them, then say `--forget-old`. Where the
    keys are your own, put the new one first in REKINDLE_ENCRYPTION_KEYS, restart everything, and run this.
    """
    settings = load()
    make_home(settings)
    store = open_store(settings.database)
    ensure_schema(store, is_ours=settings.is_embedded_database)
    report = (rotation.forget_old_keys if forget_old else rotation.rotate_key)(store, settings)
    if as_json:
        print_json(asdict(report))
        return
    say(f"{report.sealed} secrets were sealed anew; all are sealed with the key {report.key} now.")
    if forget_old:
        say(f"{report.dropped} old keys were dropped.")
    elif not settings.encryption_keys:
        say("Keep a copy of keys.toml. Restart every process, then run `rekindle admin rotate-key --forget-old`.")


@click.group("person")
def person() -> None:
    """What is stored of one person: as a document, or taken out for good."""


def _about(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say whom it is about."""
    for option in (
        click.option("--contact", "contacts", multiple=True, metavar="ID", help="Their id as a contact; repeatable."),
        click.option("--name", "names", multiple=True, help="A name they are written by; repeatable."),
        click.argument("email"),
    ):
        command = option(command)
    return command


@person.command("export")
@_about
def export(email: str, names: tuple[str, ...], contacts: tuple[str, ...]) -> None:
    """Print all that is stored of a person, as one JSON document.

    Contacts are stored by the CRM's id alone: give it with `--contact`, and the names in notes with `--name`.
    """
    print_json(people.export_person(open_product().store, _person(email, names, contacts)))


@person.command("delete")
@_about
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def delete(email: str, names: tuple[str, ...], contacts: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Take a person out of all that is stored, and overwrite what was there. Remove them from the CRM first.

    Their address and names become `[removed]`, deals forget them as a contact, and notes on those deals are cut to the
    words that decided something. Backups made before still hold them.
    """
    whom = _person(email, names, contacts)
    confirm(f"This takes {email} out of all that is stored, for good. Go on?", yes=yes)
    report = operations.remove_person(open_product(), whom)
    if as_json:
        print_json(asdict(report))
        return
    say(f"{sum(report.rows.values())} rows named them, {report.contacts} deals had them as a contact; they do no more.")
    for place in report.still_named_in:
        warn(f"note: {place} still names them; edit and publish it without.")


def _person(email: str, names: tuple[str, ...], contacts: tuple[str, ...]) -> people.Person:
    if "@" not in email or any(len(name.strip()) < SHORTEST_NAME for name in names):
        raise UsageFault(
            "That is no e-mail address, or a name of a letter or two, which stands in every text.",
            remedy="Give the address, and names as they are written: --name 'Ann Arbor'.",
        )
    return people.Person(email=email, names=tuple(name.strip() for name in names), contact_ids=contacts)


COMMANDS = (backup, restore, rotate_key, person)
