"""`rekindle migrate`."""

from __future__ import annotations

import click

from service.cli.context import load
from service.cli.output import say
from service.store.migrate import migrate as migrate_store
from service.store.session import open_store


@click.command()
@click.option("--to", default="head", help="A revision; `base` takes every table away.")
@click.option("--yes", is_flag=True, help="Do not ask before taking tables away.")
def migrate(to: str, yes: bool) -> None:
    """Bring the database to this version's schema. Make a backup first."""
    if to == "base" and not yes:
        click.confirm("This takes every table away, with all that is in them. Go on?", abort=True)
    settings = load()
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    reached = migrate_store(open_store(settings.database), to=to)
    say(f"The database has schema {reached} now.")


COMMANDS = (migrate,)
