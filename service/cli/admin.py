"""`rekindle migrate`."""

from __future__ import annotations

import click

from service.bootstrap import make_home
from service.cli.context import confirm, load
from service.cli.output import json_option, print_json, say
from service.store.migrate import migrate as migrate_store
from service.store.session import open_store


@click.command()
@click.option("--to", default="head", help="Which schema; default: this version's. `base` takes every table away.")
@click.option("--yes", is_flag=True, help="Do not ask before taking tables away.")
@json_option
def migrate(to: str, yes: bool, as_json: bool) -> None:
    """Bring the database to this version's schema. Make a backup first."""
    settings = load()
    if to == "base":
        confirm("This takes every table away, with all that is in them. Go on?", yes=yes)
    make_home(settings)
    reached = migrate_store(open_store(settings.database), to=to)
    if as_json:
        print_json({"schema": reached})
        return
    say(f"The database has schema {reached} now.")


COMMANDS = (migrate,)
