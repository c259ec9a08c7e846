"""Which CRMs there are: our own, and other people's through the entry-point group `rekindle.connectors`."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from connectors.base import ConnectorSpec

GROUP = "rekindle.connectors"


@cache
def connector_specs() -> dict[str, ConnectorSpec]:
    """Every known CRM by key. Ours cannot be replaced by a foreign package."""
    from connectors.hubspot.spec import HUBSPOT
    from connectors.salesforce.spec import SALESFORCE

    foreign = [entry.load() for entry in entry_points(group=GROUP)]
    return {spec.key: spec for spec in (*foreign, SALESFORCE, HUBSPOT)}


def connector_spec(key: str) -> ConnectorSpec:
    """The CRM called `key`. Raises KeyError with the names there are."""
    specs = connector_specs()
    if key not in specs:
        raise KeyError(f"no connector is called {key!r}; there are {', '.join(sorted(specs))}")
    return specs[key]
