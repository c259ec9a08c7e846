"""Everything one portal holds, and its effects: what changes with a write beyond what was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from connectors.sandbox.hubspot.catalog import (
    GROUPS,
    OBJECT_TYPES,
    PIPELINES,
    own_properties,
    standard_properties,
)
from connectors.sandbox.hubspot.definitions import Option, Owner, Pipeline, Property, Stage
from connectors.sandbox.hubspot.links import Links
from connectors.sandbox.hubspot.records import Record, Table
from connectors.sandbox.hubspot.settings import PortalSettings

# Deal ids cross from four digits to five in a book of a thousand, as they do where ids are compared as text.
_FIRST_IDS = {"contacts": 50_000, "companies": 7_000_000, "deals": 9_000, "tasks": 80_000_000_000}


@dataclass(slots=True, kw_only=True)
class State:
    """A portal's data."""

    settings: PortalSettings
    zone: ZoneInfo
    currency: str = "EUR"
    tables: dict[str, Table] = field(default_factory=dict)
    properties: dict[str, dict[str, Property]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    pipelines: tuple[Pipeline, ...] = PIPELINES
    owners: dict[int, Owner] = field(default_factory=dict)
    links: Links = field(default_factory=Links)
    created_at: str = "2019-10-30T03:30:17.883Z"

    @property
    def lag_ms(self) -> int:
        """How far search runs behind, in milliseconds."""
        return self.settings.index_lag // timedelta(milliseconds=1)

    @property
    def revision(self) -> int:
        """Changes with every write to any record or association."""
        return sum(table.revision for table in self.tables.values())

    def stage(self, stage_id: str) -> tuple[Pipeline, Stage] | None:
        """The stage and its pipeline; stage ids are unique in a portal."""
        for pipeline in self.pipelines:
            for stage in pipeline.stages:
                if stage.id == stage_id:
                    return pipeline, stage
        return None

    def table(self, object_type: str) -> Table:
        """The records of a type, by its plural name."""
        return self.tables[object_type]

    def touch(self, object_type: str, record: Record, at_ms: int) -> None:
        """Make room for a change: search keeps its view, rendered forms go."""
        self.tables[object_type].before_change(record, visible_ms=at_ms + self.lag_ms, now_ms=at_ms)


def empty_state(settings: PortalSettings, *, zone: str, currency: str) -> State:
    """A portal with its definitions and no records."""
    state = State(settings=settings, zone=ZoneInfo(zone), currency=currency)
    for kind in OBJECT_TYPES:
        state.tables[kind.name] = Table(kind, first_id=_FIRST_IDS[kind.name])
        own = own_properties(kind.name) if settings.has_rekindle_properties else ()
        state.properties[kind.name] = {p.name: p for p in (*standard_properties(kind.name), *own)}
        state.groups[kind.name] = [GROUPS[kind.name]]
    _set_options(state, "pipeline", {p.id: p.label for p in state.pipelines})
    _set_options(state, "dealstage", {s.id: s.label for p in state.pipelines for s in p.stages})
    return state


def add_enumeration(state: State, object_type: str, definition: Property, values: tuple[Option, ...]) -> None:
    """Add or replace an enumeration property with these options."""
    state.properties[object_type][definition.name] = with_options(definition, values)


def with_options(definition: Property, values: tuple[Option, ...]) -> Property:
    """The same property with other options."""
    return replace(definition, options=values)


def _set_options(state: State, name: str, labels: Mapping[str, str]) -> None:
    values = tuple(Option(value=v, label=label, display_order=n) for n, (v, label) in enumerate(labels.items()))
    add_enumeration(state, "deals", state.properties["deals"][name], values)
