"""The policy's numbers by their paths, as forms and programs edit them."""

from __future__ import annotations

from typing import Any

from mappings.documents.policy import Policy, settings_of
from mappings.model import Purpose

INTERVALS = "timing.intervals."
TABLES = ("timing", "spread", "writing")


def flat_settings(policy: Policy) -> dict[str, Any]:
    """Every number and switch by its path, such as `timing.notice_days` or `enabled.reconnect`."""
    settings = settings_of(policy)
    found = {
        f"{table}.{name}": value for table in TABLES for name, value in settings[table].items() if name != "intervals"
    }
    intervals = {INTERVALS + name: days for name, days in settings["timing"]["intervals"].items()}
    enabled = {f"enabled.{one}": settings["enabled"].get(str(one), True) for one in Purpose}
    return {**found, **intervals, **enabled}


def blackout_of(policy: Policy) -> list[tuple[str, str]]:
    """The spans in which nothing is due, written "12-20"."""
    return [(one["from"], one["to"]) for one in settings_of(policy).get("blackout", [])]
