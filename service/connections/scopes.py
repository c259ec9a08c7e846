"""A connection's scope where the mapping set says what it is: then nothing else changes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.errors import UsageFault
from service.store.models import ConnectionRow


def refuse_published(row: ConnectionRow, scope: Mapping[str, Any]) -> None:
    """Raises UsageFault where another scope is wanted than the mapping set in force gives the connection."""
    if row.published_scope is not None and row.published_scope != dict(scope):
        raise UsageFault(
            f"The scope of {row.name} is part of the mapping set.",
            remedy="Change it in the mapping set's draft: Scope beside the reasons, or `rekindle mappings export`.",
        )
