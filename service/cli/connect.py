"""`rekindle connect`: one command a CRM, the same options for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from connectors.base import Role
from connectors.errors import ConnectorError
from service.cli.context import Amount, app, progress, secret_lines
from service.cli.output import json_option, print_json, say, warn
from service.connections.connect import Connected, Wanted, auth_method
from service.connections.connect import connect as connect_account
from service.connections.show import connection_json
from service.errors import RekindleError, UsageFault
from service.losses.notes import NotesMode
from service.losses.scope import ATTRIBUTES

F = TypeVar("F", bound=Callable[..., Any])
ON_OFF = click.Choice(["on", "off"])
OPTIONS = {
    "client_id": "--client-id",
    "client_secret": "--client-secret-stdin",
    "jwt_key": "--jwt-key",
    "username": "--username",
    "access_token": "--access-token-stdin",
    "token": "--token-stdin",
    "refresh_token": "--refresh-token-stdin",
}
"""The option that gives each credential."""


SHARED = (
    click.argument("name"),
    click.option(
        "--field",
        "fields",
        multiple=True,
        metavar="ROLE=CRM_FIELD",
        help="The CRM's field for a role, such as reason=Loss_Reason__c; repeatable, in order.",
    ),
    click.option(
        "--include",
        multiple=True,
        metavar="WHAT=VALUE",
        help="Take only such deals: record_type, pipeline or type; repeatable.",
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="WHAT=VALUE",
        help="Leave such deals out: record_type, pipeline or type; repeatable.",
    ),
    click.option("--min-amount", type=Amount(), help="Leave out smaller deals."),
    click.option("--reached-stage", help="Take only deals that once reached this stage."),
    click.option("--live", is_flag=True, help="Write from the first sync on, without the hold."),
    click.option(
        "--one-task-per-account", type=ON_OFF, help="At most one open task of ours for an account; on unless set."
    ),
    click.option(
        "--account-sense", type=ON_OFF, help="Hold back where somebody is working on the account; on unless set."
    ),
    click.option(
        "--notes",
        type=click.Choice([mode.value for mode in NotesMode]),
        help="How much of the notes is stored; full unless set.",
    ),
    json_option,
)


def shared(command: F) -> F:
    """The options that every CRM has."""
    for decorate in reversed(SHARED):
        command = decorate(command)
    return command


@click.group()
def connect() -> None:
    """Connect a CRM account, or enter new credentials for a connection. A new connection is on hold."""


@connect.command()
@shared
@click.option("--instance-url", help="The org's own address, https://NAME.my.salesforce.com.")
@click.option("--client-id", help="The consumer key of the external client app.")
@click.option("--client-secret-stdin", is_flag=True, help="Read the client secret from standard input.")
@click.option(
    "--jwt-key",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file with the RSA private key (PEM), instead of a client secret.",
)
@click.option("--username", help="The user to act for, with --jwt-key.")
@click.option("--audience", help="The login host for --jwt-key; default https://login.salesforce.com.")
@click.option("--access-token-stdin", is_flag=True, help="Read an access token from standard input.")
@click.option("--refresh-token-stdin", is_flag=True, help="Read an OAuth refresh token from the line after the secret.")
def salesforce(
    instance_url: str | None,
    client_id: str | None,
    client_secret_stdin: bool,
    jwt_key: Path | None,
    username: str | None,
    audience: str | None,
    access_token_stdin: bool,
    refresh_token_stdin: bool,
    **common: Any,
) -> None:
    """Connect a Salesforce org as NAME."""
    fields, scope = _fields(common["fields"]), _scope(common)  # refused before a secret is asked for
    credentials: dict[str, str] = {}
    if client_id:
        credentials["client_id"] = client_id
    if jwt_key:
        credentials["jwt_key"] = _read_key(jwt_key)
    if username:
        credentials["username"] = username
    asked = {
        "client_secret": client_secret_stdin,
        "access_token": access_token_stdin,
        "refresh_token": refresh_token_stdin,
    }
    credentials |= _secrets([name for name, is_asked in asked.items() if is_asked])
    options = {"audience": audience} if audience else {}
    _connect("salesforce", instance_url, credentials, options, {**common, "fields": fields, "scope": scope})


@connect.command()
@shared
@click.option("--token-stdin", is_flag=True, help="Read the private-app token or service key from standard input.")
@click.option("--client-id", help="The client id of an OAuth app, with --client-secret-stdin.")
@click.option("--client-secret-stdin", is_flag=True, help="Read the OAuth app's client secret from standard input.")
@click.option("--refresh-token-stdin", is_flag=True, help="Read an OAuth refresh token from the line after the secret.")
@click.option("--api-url", help="Another server that speaks HubSpot's API; default https://api.hubapi.com.")
@click.option("--api-version", help="v3, 2026-09 or 2026-03; v3 unless the server says that it speaks another.")
@click.option("--webhook-secret-stdin", is_flag=True, help="Read the webhook secret from the line after the token.")
def hubspot(
    token_stdin: bool,
    client_id: str | None,
    client_secret_stdin: bool,
    refresh_token_stdin: bool,
    api_url: str | None,
    api_version: str | None,
    webhook_secret_stdin: bool,
    **common: Any,
) -> None:
    """Connect a HubSpot portal as NAME."""
    fields, scope = _fields(common["fields"]), _scope(common)
    if webhook_secret_stdin and not (token_stdin or refresh_token_stdin):
        raise UsageFault(
            "--webhook-secret-stdin stands alone.", remedy="Give --token-stdin too; the token comes first."
        )
    asked = {
        "token": token_stdin,
        "client_secret": client_secret_stdin,
        "refresh_token": refresh_token_stdin,
        "webhook_secret": webhook_secret_stdin,
    }
    credentials = {"client_id": client_id} if client_id else {}
    credentials |= _secrets([name for name, is_asked in asked.items() if is_asked])
    options = {"api_version": api_version} if api_version else {}
    _connect("hubspot", api_url, credentials, options, {**common, "fields": fields, "scope": scope})


def _secrets(names: list[str]) -> dict[str, str]:
    """The named secrets, a line of standard input each, in that order."""
    return dict(zip(names, secret_lines(*(f"The {name.replace('_', ' ')}" for name in names)), strict=True))


def _connect(
    crm: str, url: str | None, credentials: Mapping[str, str], options: Mapping[str, str], common: Mapping[str, Any]
) -> None:
    signing_in = {name: value for name, value in credentials.items() if name != "webhook_secret"}
    method = auth_method(crm, signing_in, spelt=OPTIONS)
    wanted = Wanted(
        crm=crm,
        name=common["name"],
        url=url,
        auth=method.key,
        credentials=credentials,
        fields=common["fields"],
        scope=common["scope"],
        options=options,
        is_live=common["live"],
        one_task_per_account=_switch(common["one_task_per_account"]),
        account_sense=_switch(common["account_sense"]),
        notes=common["notes"],
    )
    opened = app()
    with progress(f"{wanted.name}: describing the account"):
        try:
            done = connect_account(opened, wanted)
        except ConnectorError as error:
            if wanted.name in str(error):
                raise
            raise RekindleError(f"{wanted.name}: {error}") from error
    for line in done.warnings:
        warn(f"note: {line}")
    if common["as_json"]:
        print_json(connection_json(done.connection, base_url=opened.settings.base_url, keyring=opened.keyring))
    else:
        _tell(done)


def _tell(done: Connected) -> None:
    row = done.connection
    account = done.description.account_name or row.account_id
    say(f"{row.name}: connected to {account} ({row.account_id}), zone {row.zone}.")
    for role, names in sorted(row.fields.items()):
        found = " (found by description; --field sets another)" if role in done.found_fields else ""
        say(f"  {role}: {', '.join(names)}{found}")
    if "reason" not in row.fields:
        say("  No loss-reason field was found: name one with --field reason=..., or every reason stays unknown.")
    if row.state == "hold":
        say(f"It is on hold: nothing is written. Next: rekindle sync {row.name}, then rekindle go-live {row.name}")
    else:
        say(f"It is {row.state}. Next: rekindle sync {row.name}")


def _fields(given: tuple[str, ...]) -> dict[Role, tuple[str, ...]]:
    fields: dict[Role, tuple[str, ...]] = {}
    for text in given:
        role, name = _pair(text, "--field", [*Role])
        fields[Role(role)] = (*fields.get(Role(role), ()), name)
    return fields


def _scope(common: Mapping[str, Any]) -> dict[str, Any] | None:
    """The scope as stored, or None where nothing of it was named."""
    scope: dict[str, Any] = {}
    for kind in ("include", "exclude"):
        for text in common[kind]:
            what, value = _pair(text, f"--{kind}", [*ATTRIBUTES])
            scope.setdefault(kind, {}).setdefault(what, []).append(value)
    if common["min_amount"] is not None:
        scope["min_amount"] = str(common["min_amount"])
    if common["reached_stage"]:
        scope["reached_stage"] = common["reached_stage"]
    return scope or None


def _pair(text: str, option: str, allowed: list[str]) -> tuple[str, str]:
    what, equals, value = text.partition("=")
    if not equals or not value or what not in allowed:
        raise UsageFault(
            f"{option} {text!r} is not understood.", remedy=f"It is WHAT=VALUE; WHAT is {', '.join(allowed)}."
        )
    return what, value


def _switch(text: str | None) -> bool | None:
    return None if text is None else text == "on"


def _read_key(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageFault(
            f"The key file {path} cannot be read.", remedy="It is an RSA private key in PEM form."
        ) from error


COMMANDS = (connect,)
