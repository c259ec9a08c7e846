"""`rekindle migrate` and `rekindle admin`: the schema, people and their tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from service.bootstrap import make_home
from service.cli.context import app as open_product
from service.cli.context import confirm, load, secret_lines
from service.cli.keeping import COMMANDS as KEEPING
from service.cli.output import json_option, print_json, print_table, say
from service.people import sessions, users
from service.people.roles import Role, Scope
from service.store import people as stored
from service.store.migrate import migrate as migrate_store
from service.store.migrate import schema_of
from service.store.session import open_store

if TYPE_CHECKING:
    from service.store.models import ApiTokenRow, UserRow

ROLES = click.Choice([role.value for role in Role])
SCOPES = click.Choice([scope.value for scope in Scope])
TERMINAL = "the command line"
"""Who did it, in the audit log: whoever may run commands here."""


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
    store = open_store(settings.database)
    before = schema_of(store)
    reached = migrate_store(store, to=to)
    if as_json:
        print_json({"schema": reached, "before": before})
    elif before == reached:
        say(f"Nothing to do: the database has schema {reached} already.")
    else:
        say(f"The database has schema {reached} now" + (f"; it had {before}." if before else "."))


@click.group()
def admin() -> None:
    """People and their tokens, backups and keys."""


for kept in KEEPING:
    admin.add_command(kept)


@admin.command("setup-code")
@json_option
def setup_code(as_json: bool) -> None:
    """Show a one-time code for the web app's first page. Codes shown before stop working."""
    product = open_product()
    with product.store.begin() as tx:
        code = users.setup_code(tx, now=product.now())
    if as_json:
        print_json({"code": code})
        return
    say(f"{code}\nOpen the web app and enter it there, within three days. It works once.")


@admin.group("users", invoke_without_command=True)
@json_option
@click.pass_context
def users_group(ctx: click.Context, as_json: bool) -> None:
    """List the people, add one, change one."""
    if ctx.invoked_subcommand is None:
        product = open_product()
        with product.store.read() as tx:
            rows = [_shown(row) for row in stored.all_users(tx)]
        if as_json:
            print_json(rows)
            return
        columns = ("email", "name", "role", "state", "signed in")
        print_table("People", columns, [tuple(row.values()) for row in rows], empty="Nobody yet.")


@users_group.command("add")
@click.argument("email")
@click.option("--name", default="", help="How they are called.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default="viewer",
    show_default=True,
    help="What they may do.",
)
@click.option("--password-stdin", is_flag=True, help="Read their password from standard input; default: an invitation.")
@json_option
def add(email: str, name: str, role: str, password_stdin: bool, as_json: bool) -> None:
    """Add a person; prints the one-time code with which they set a password."""
    password = secret_lines("The password")[0] if password_stdin else None
    product = open_product()
    with product.store.begin() as tx:
        now = product.now()
        user = users.add_user(
            tx,
            email=email,
            name=name,
            role=Role(role),
            who=TERMINAL,
            now=now,
            password=password,
            breached=product.settings.breached_passwords,
        )
        code = None if password else users.invite(tx, user, who=TERMINAL, now=now)
    if as_json:
        print_json({**_shown(user), "code": code})
        return
    say(f"Added {user.email} as {user.role}." + (f" Their code: {code} (three days, once)." if code else ""))


@users_group.command("invite")
@click.argument("email")
@json_option
def invite(email: str, as_json: bool) -> None:
    """Make a one-time code with which that person sets a new password."""
    product = open_product()
    with product.store.begin() as tx:
        code = users.invite(tx, users.find_user(tx, email), who=TERMINAL, now=product.now())
    if as_json:
        print_json({"email": email, "code": code})
        return
    say(f"{code}\nIt works once, within three days.")


@users_group.command("role")
@click.argument("email")
@click.argument("role", type=ROLES)
def role_of(email: str, role: str) -> None:
    """Give a person another role."""
    product = open_product()
    with product.store.begin() as tx:
        users.change_role(tx, users.find_user(tx, email), Role(role), who=TERMINAL, now=product.now())
    say(f"{email} is {role} now.")


@users_group.command("off")
@click.argument("email")
def off(email: str) -> None:
    """Let a person in no more. Their sessions end and their tokens are refused at once."""
    product = open_product()
    with product.store.begin() as tx:
        users.switch_off(tx, users.find_user(tx, email), who=TERMINAL, now=product.now())
    say(f"{email} is switched off.")


@users_group.command("on")
@click.argument("email")
def on(email: str) -> None:
    """Let a person in again."""
    product = open_product()
    with product.store.begin() as tx:
        users.switch_on(tx, users.find_user(tx, email), who=TERMINAL, now=product.now())
    say(f"{email} is switched on.")


@admin.group("tokens", invoke_without_command=True)
@json_option
@click.pass_context
def tokens_group(ctx: click.Context, as_json: bool) -> None:
    """List the API tokens, make one, revoke one."""
    if ctx.invoked_subcommand is None:
        product = open_product()
        with product.store.read() as tx:
            rows = [_token_shown(row, user) for row, user in stored.api_tokens(tx)]
        if as_json:
            print_json(rows)
            return
        columns = ("id", "name", "of", "scopes", "until")
        print_table("API tokens", columns, [tuple(row.values()) for row in rows], empty="No tokens.")


@tokens_group.command("make")
@click.argument("email")
@click.option("--name", required=True, help="What it is for.")
@click.option(
    "--scope",
    "scopes",
    type=SCOPES,
    multiple=True,
    required=True,
    help="Repeatable.",
)
@click.option("--days", type=click.IntRange(min=1), help="How long it works; default: until it is revoked.")
@json_option
def make(email: str, name: str, scopes: tuple[str, ...], days: int | None, as_json: bool) -> None:
    """Make an API token for a person. It is shown this once."""
    product = open_product()
    with product.store.begin() as tx:
        user = users.find_user(tx, email)
        token = sessions.make_api_token(
            tx, user, name=name, scopes=[Scope(scope) for scope in scopes], who=TERMINAL, now=product.now(), days=days
        )
    if as_json:
        print_json({"token": token})
        return
    say(token)


@tokens_group.command("revoke")
@click.argument("token_id", type=int)
def revoke(token_id: int) -> None:
    """Refuse that token from now on; `rekindle admin tokens` shows the ids."""
    product = open_product()
    with product.store.begin() as tx:
        sessions.revoke_api_token(tx, stored.api_token(tx, token_id), who=TERMINAL, now=product.now())
    say(f"Token {token_id} is revoked.")


def _shown(row: UserRow) -> dict[str, object]:
    return {
        "email": row.email,
        "name": row.name,
        "role": row.role,
        "state": "on" if row.is_active else "off",
        "signed_in_at": row.signed_in_at,
    }


def _token_shown(row: ApiTokenRow, user: UserRow) -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "email": user.email,
        "scopes": " ".join(row.scopes),
        "expires_at": row.expires_at,
    }


COMMANDS = (migrate, admin)
