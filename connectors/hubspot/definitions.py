"""Stages, owners and field definitions as HubSpot tells them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from connectors.base import FieldInfo, Owner, Stage
from connectors.hubspot.answers import Json
from connectors.hubspot.tasks import rows_of
from connectors.hubspot.values import is_true, text_of


def stages_of(pipelines: Iterable[Json]) -> dict[str, Stage]:
    """Stages by id. Lost is closed with probability 0, won closed with 1: the label means nothing."""
    return {
        text_of(stage.get("id")): _stage(stage, text_of(pipeline.get("label")))
        for pipeline in pipelines
        for stage in rows_of(pipeline, "stages")
    }


def owner_of(row: Json) -> Owner:
    """An owner as HubSpot tells it. Tasks and deals name the owner's id, never the user's."""
    name = f"{text_of(row.get('firstName'))} {text_of(row.get('lastName'))}".strip()
    is_active = not is_true(row.get("archived"))
    return Owner(id=str(row.get("id")), email=text_of(row.get("email")), name=name, is_active=is_active)


def _stage(row: Json, pipeline: str) -> Stage:
    metadata: Mapping[str, object] = row.get("metadata") or {}
    probability = _number(metadata.get("probability"))
    said = metadata.get("isClosed")
    is_closed = is_true(said) if said is not None else probability in {0.0, 1.0}
    stage_id = text_of(row.get("id"))
    return Stage(
        id=stage_id,
        label=text_of(row.get("label")) or stage_id,
        pipeline=pipeline,
        is_lost=is_closed and probability == 0.0,
        is_won=is_closed and probability == 1.0,
    )


def _number(value: object) -> float | None:
    try:
        return float(text_of(value))
    except ValueError:
        return None


def labels_of(row: Json) -> dict[str, str]:
    """The labels of an enumeration by value."""
    return {text_of(each.get("value")): text_of(each.get("label")) for each in rows_of(row, "options")}


def field_info(name: str, row: Json, *, is_ours: bool = True) -> FieldInfo:
    """A field in our words; what belongs to another object is not ours to write."""
    rights = row.get("modificationMetadata") or {}
    is_read_only = is_true(rights.get("readOnlyValue")) or is_true(row.get("calculated"))
    return FieldInfo(
        name=name,
        label=text_of(row.get("label")) or name,
        type=text_of(row.get("type")),
        values=tuple(labels_of(row).items()),
        writable=is_ours and not is_read_only,
    )
