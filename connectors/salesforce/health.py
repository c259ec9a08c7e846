"""The checks of `doctor`, each with what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from connectors.base import Health, HealthCheck, Role
from connectors.errors import ConnectorError
from connectors.salesforce.layout import missing_words
from connectors.salesforce.org import Org
from connectors.salesforce.records import OUTPUTS
from connectors.salesforce.schema import ACCOUNT, ACCOUNT_PREFIX, OPPORTUNITY, TASK


def check(org: Org) -> Health:
    """Tries the credentials, then the rights and fields. What cannot be reached ends the list."""
    checks: list[HealthCheck] = []
    try:
        info = org.info()
        checks.append(HealthCheck(check="credentials", ok=True, says=f"Signed in to {info.name or info.id}."))
        for one in (_objects, _fields, _task_rights, _key_field, _outputs):
            checks += one(org)
    except ConnectorError as error:
        name = "credentials" if not checks else "reading the org"
        checks.append(HealthCheck(check=name, ok=False, says=str(error)))
        return Health(checks=tuple(checks), account_id=None if name == "credentials" else org.info().id)
    return Health(checks=(*checks, *_usage(org)), account_id=info.id)


def _objects(org: Org) -> Iterator[HealthCheck]:
    needs: tuple[tuple[str, Callable[[str], str]], ...] = (
        (OPPORTUNITY, lambda name: f"Give the integration user read access to {name}."),
        (ACCOUNT, lambda name: f"Without {name} there is no company name, country or fiscal year: give read access."),
        (TASK, lambda name: f"Without {name} no follow-up can be written: give access to activities."),
    )
    for name, remedy in needs:
        found = org.describe_optional(name)
        ok = found is not None and found.queryable
        yield HealthCheck(check=f"reading {name}", ok=ok, says=f"{name} can be read." if ok else remedy(name))


def _fields(org: Org) -> Iterator[HealthCheck]:
    layout = org.layout()
    for role, names in org.settings.fields.items():
        for name in names:
            ok = name in layout.mapped
            says = f"{name} is read as {role}." if ok else missing_words(name, role)
            yield HealthCheck(check=f"field {name}", ok=ok, says=says)
    if not org.settings.fields.get(Role.REASON):
        says = "No loss reason field is mapped: name one with --field reason=NAME."
        yield HealthCheck(check="loss reason", ok=False, says=says)


def _task_rights(org: Org) -> Iterator[HealthCheck]:
    tasks = org.describe_optional(TASK)
    if tasks is None:
        return
    needed = ("Subject", "Description", "ActivityDate", "OwnerId", "WhatId")
    hidden = [name for name in needed if not (name in tasks.fields and tasks.fields[name].createable)]
    ok = tasks.createable and tasks.updateable and not hidden
    lacking = f" Fields that cannot be written: {', '.join(hidden)}." if hidden else ""
    says = "Tasks can be created and changed." if ok else f"Give the user the permission Edit Tasks.{lacking}"
    yield HealthCheck(check="writing tasks", ok=ok, says=says)


def _key_field(org: Org) -> Iterator[HealthCheck]:
    found = org.key_field()
    if found and found.is_unique:
        says = f"Tasks carry their key in {found.name}."
    elif found:
        says = f"{found.name} is not a unique external id: tasks are looked for before they are written. Make it one."
    else:
        says = "There is no unique external id field Rekindle_Key__c on Activity: tasks are looked for by their text."
    yield HealthCheck(check="task key field", ok=True, says=says)


def _outputs(org: Org) -> Iterator[HealthCheck]:
    deals = org.describe(OPPORTUNITY)
    for role in OUTPUTS:
        for name in org.settings.fields.get(role, ()):
            known = deals.fields.get(name)
            if known is not None and not name.startswith(ACCOUNT_PREFIX):
                says = f"{name} can be written." if known.updateable else f"Give the user edit access to {name}."
                yield HealthCheck(check=f"writing {name}", ok=known.updateable, says=says)


def _usage(org: Org) -> Iterator[HealthCheck]:
    usage = org.client.usage
    if usage and usage.allowed:
        ok = usage.used < usage.allowed * 0.9
        says = f"{usage.used} of {usage.allowed} calls of the last 24 hours are used, by everybody together."
        yield HealthCheck(check="API calls", ok=ok, says=says if ok else f"{says} Little is left.")
