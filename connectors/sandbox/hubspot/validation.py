"""What a portal refuses to store: unknown, read-only or ill-formed values, and what its admin requires."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.sandbox.hubspot.catalog import ObjectType
from connectors.sandbox.hubspot.problems import Problem, ValueFault, invalid_values
from connectors.sandbox.hubspot.state import State
from connectors.sandbox.hubspot.values import checked


def accept_properties(state: State, kind: ObjectType, given: object) -> dict[str, str]:
    """The values to store, in canonical form; raises the 400 that lists every fault."""
    if not isinstance(given, Mapping):
        raise Problem(400, "Invalid input JSON: 'properties' must be an object")
    accepted: dict[str, str] = {}
    faults: list[ValueFault] = []
    for name, value in given.items():
        result = _accept(state, kind, str(name), value)
        if isinstance(result, ValueFault):
            faults.append(result)
        else:
            accepted[str(name)] = result
    if faults:
        raise invalid_values(faults)
    return accepted


def require_on_create(state: State, kind: ObjectType, accepted: dict[str, str]) -> None:
    """Raise the 400 for properties without which no record of this type is made."""
    missing = [name for name in kind.required if not accepted.get(name)]
    if missing:
        raise Problem(
            400,
            f"Error creating {kind.singular.upper()}. Some required properties were not set.",
            context={"properties": missing},
        )
    if kind.name == "deals":
        accepted.setdefault("pipeline", _only_pipeline_of(state, accepted["dealstage"]))


def check_result(state: State, kind: ObjectType, after: Mapping[str, str], *, is_dated: bool) -> None:
    """Check what only the whole record shows: the stage belongs to the pipeline, the admin's rules hold."""
    faults = [*_stage_faults(state, kind, after), *_rule_faults(state, kind, after, is_dated=is_dated)]
    if faults:
        raise invalid_values(faults)


def check_unique(state: State, kind: ObjectType, accepted: Mapping[str, str], *, own_id: int | None) -> None:
    """Raise the 409 where another live record has the value of a unique property."""
    for name, value in accepted.items():
        is_unique = state.properties[kind.name][name].is_unique or (kind.name, name) == ("contacts", "email")
        other = state.table(kind.name).find_by(name, value) if is_unique and value else None
        if other is not None and other.id != own_id:
            what = kind.singular.capitalize()
            raise Problem(409, f"{what} already exists. Existing ID: {other.id}", category="CONFLICT")


def _accept(state: State, kind: ObjectType, name: str, value: object) -> str | ValueFault:
    definition = state.properties[kind.name].get(name)
    if definition is None or definition.is_archived:
        return ValueFault(name=name, error="PROPERTY_DOESNT_EXIST", message=f'Property "{name}" does not exist')
    if definition.is_read_only:
        message = f'"{name}" is a read only property; its value cannot be set.'
        return ValueFault(name=name, error="READ_ONLY_VALUE", message=message)
    result = checked(definition, value)
    if name == "hubspot_owner_id" and isinstance(result, str) and result:
        return _accept_owner(state, result)
    return result


def _accept_owner(state: State, text: str) -> str | ValueFault:
    owner = state.owners.get(int(text)) if text.isdecimal() else None
    if owner is None or (owner.is_archived and state.settings.refuses_archived_owners):
        message = f"{text} is not the id of an active owner"
        return ValueFault(name="hubspot_owner_id", error="INVALID_OWNER_ID", message=message)
    return text


def _only_pipeline_of(state: State, stage_id: str) -> str:
    # With one pipeline HubSpot fills it in; with several the default one is meant.
    first = state.pipelines[0]
    return first.id if any(stage.id == stage_id for stage in first.stages) else ""


def _stage_faults(state: State, kind: ObjectType, after: Mapping[str, str]) -> Iterator[ValueFault]:
    if kind.name != "deals":
        return
    found = state.stage(after.get("dealstage", ""))
    if found is None or found[0].id != after.get("pipeline"):
        message = f"{after.get('dealstage')} is not a stage of the pipeline {after.get('pipeline') or '(none given)'}"
        yield ValueFault(name="dealstage", error="INVALID_OPTION", message=message)


def _rule_faults(state: State, kind: ObjectType, after: Mapping[str, str], *, is_dated: bool) -> Iterator[ValueFault]:
    for rule in state.settings.required_properties:
        applies = rule.object_type == kind.name and (is_dated or rule.every_version)
        if not applies or after.get(rule.property):
            continue
        if rule.when_property is None or after.get(rule.when_property) == rule.when_value:
            message = f'"{rule.property}" is required by a validation rule of this account'
            yield ValueFault(name=rule.property, error="REQUIRED_FIELD", message=message)
