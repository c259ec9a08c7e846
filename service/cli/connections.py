"""`rekindle connections` and `rekindle doctor`."""

from __future__ import annotations

import os
from datetime import timedelta

import click

from connectors.base import Health, HealthCheck
from service import operations
from service.cli.context import app, confirm, secret_lines
from service.cli.output import json_option, print_json, print_table, say, warn
from service.config import unknown_variables
from service.connections.check import check_connection
from service.connections.leaving import finish_leaving
from service.connections.settings import SLACK, set_setting
from service.connections.show import connection_json, webhook_secrets_json
from service.connections.webhook_keys import keep_webhook_keys, rotate_webhook_keys
from service.errors import UsageFault
from service.store.connections import all_connections, connection_named


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def connections(context: click.Context, as_json: bool) -> None:
    """List the connections, show one, change a setting, its webhook keys, remove one."""
    if context.invoked_subcommand is not None:
        return
    opened = app()
    with opened.store.read() as tx:
        documents = [
            connection_json(row, base_url=opened.settings.base_url, keyring=opened.keyring)
            for row in all_connections(tx)
        ]
    if as_json:
        print_json(documents)
        return
    rows = [(one["name"], one["crm"], one["account_id"], one["state"], _minute(one["last_sync"])) for one in documents]
    print_table(
        "",
        ("name", "crm", "account", "state", "last sync"),
        rows,
        empty="No connection yet. Start with `rekindle connect salesforce NAME` or `rekindle connect hubspot NAME`.",
    )


def _minute(instant: str | None) -> str:
    """An instant without its seconds, for reading."""
    return f"{instant[:16].replace('T', ' ')} UTC" if instant else "never"


@connections.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Everything about one connection, but for its secrets."""
    opened = app()
    with opened.store.read() as tx:
        document = connection_json(
            connection_named(tx, name), base_url=opened.settings.base_url, keyring=opened.keyring
        )
    if as_json:
        print_json(document)
        return
    for key, value in document.items():
        say(f"{key}: {value}")


@connections.command(name="set")
@click.argument("name")
@click.argument("setting", metavar="KEY=VALUE")
@json_option
def set_(name: str, setting: str, as_json: bool) -> None:
    """Change one setting: notes, retention_days, one_task_per_account, account_sense, write_ahead_days, fallback_owner,
    sync_every_minutes, morning_hour, digest (email, slack or off), digest_hour, slack_url, escalate_after_days.

    The connector's own settings (such as api_version) can be changed too. An empty VALUE unsets one; slack_url=- reads
    the address of the incoming webhook from standard input, as it is a secret.
    """
    key, equals, value = setting.partition("=")
    if not equals:
        raise UsageFault(f"{setting!r} is not understood.", remedy="It is KEY=VALUE, such as notes=facts.")
    opened = app()
    given = secret_lines("The address")[0] if value.strip() == "-" else value.strip()
    with opened.store.begin() as tx:
        row = connection_named(tx, name)
        set_setting(tx, row, key.strip(), given, keyring=opened.keyring, by_operator=True)
        document = connection_json(row, base_url=opened.settings.base_url, keyring=opened.keyring)
    if as_json:
        print_json(document)
        return
    shown = "set" if key.strip() == SLACK and value else value
    say(f"{name}: {key} is {shown or 'unset'} now.")


@connections.command()
@click.argument("name")
@click.option(
    "--rotate", is_flag=True, help="Make new ones; the former count for a day, or REKINDLE_WEBHOOK_OVERLAP_S."
)
@click.option("--at-once", is_flag=True, help="With --rotate: the former count no more, as where one has leaked.")
@json_option
def webhook(name: str, rotate: bool, at_once: bool, as_json: bool) -> None:
    """Where to send webhooks of NAME, with the token and the signing secret that senders need."""
    if at_once and not rotate:
        raise UsageFault("--at-once stands alone.", remedy="It goes with --rotate.")
    opened = app()
    overlap = timedelta(seconds=0 if at_once else opened.settings.webhook_overlap_s)
    with opened.store.begin() as tx:
        row = connection_named(tx, name)
        keys = (
            rotate_webhook_keys(row, opened.keyring, now=opened.now(), overlap=overlap)
            if rotate
            else keep_webhook_keys(row, opened.keyring)
        )
        base_url = opened.settings.base_url
        document = webhook_secrets_json(row, keys, base_url=base_url, keyring=opened.keyring)
    if as_json:
        print_json(document)
        return
    if not opened.settings.base_url:
        warn("note: REKINDLE_BASE_URL is not set, so the addresses below lack their beginning.")
    for key, value in document.items():
        say(f"{key}: {value}")


@connections.command()
@click.argument("name")
@click.option("--leave-tasks", is_flag=True, help="Even with tasks of ours open in the CRM: they stay, as plain tasks.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def remove(name: str, leave_tasks: bool, yes: bool, as_json: bool) -> None:
    """Forget a connection and all that is stored of it. Nothing in the CRM is touched."""
    opened = app()
    with opened.store.read() as tx:
        connection_named(tx, name)  # a name that nothing has is said before the question
    confirm(f"Forget {name} and everything stored of it?", yes=yes)
    (operations.leave if leave_tasks else operations.remove)(opened, name)
    finish_leaving(opened.store)
    if as_json:
        print_json({"removed": name})
        return
    say(f"{name} is forgotten.")


@click.command()
@click.argument("name", required=False)
@json_option
def doctor(name: str | None, as_json: bool) -> int:
    """Check the configuration, the credentials, fields and rights; says what to fix."""
    opened = app()
    unknown = unknown_variables(os.environ)
    checks = [HealthCheck(check="settings", ok=not unknown, says=_settings_line(unknown))]
    reports = [("", Health(checks=tuple(checks)))]
    with opened.store.read() as tx:
        rows = all_connections(tx, [name] if name else [])
    reports += [(row.name, check_connection(opened, row.name)) for row in rows]
    flat = [
        {"connection": where, "check": one.check, "ok": one.ok, "says": one.says}
        for where, health in reports
        for one in health.checks
    ]
    if as_json:
        print_json(flat)
    else:
        marks = [(one["connection"], "ok" if one["ok"] else "FIX", one["check"], one["says"]) for one in flat]
        print_table("", ("connection", "", "check", "says"), marks, empty="Nothing to check.")
    return 0 if all(one["ok"] for one in flat) else 1


def _settings_line(unknown: tuple[str, ...]) -> str:
    if unknown:
        return f"These variables set nothing: {', '.join(unknown)}. Correct the spelling or unset them."
    return "Every REKINDLE_ variable is understood."


COMMANDS = (connections, doctor)
