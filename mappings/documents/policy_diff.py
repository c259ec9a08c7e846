"""Two policies -> the settings in which they differ, for a preview and for `diff`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mappings.documents.policy import Policy, settings_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChange:
    """One setting that differs. `path` is as a document writes it; None stands for a setting that is not there."""

    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.path}: set to {self.after!r}"
        if self.after is None:
            return f"{self.path}: {self.before!r} removed"
        return f"{self.path}: {self.before!r} -> {self.after!r}"


def changed_settings(old: Policy, new: Policy) -> tuple[SettingChange, ...]:
    """What changed, by path in the document's order. Entries of a list are told by what they are for."""
    before, after = dict(_flat(settings_of(old), "")), dict(_flat(settings_of(new), ""))
    paths = [*before, *(path for path in after if path not in before)]
    return tuple(
        SettingChange(path=path, before=before.get(path), after=after.get(path))
        for path in paths
        if before.get(path) != after.get(path)
    )


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value, start=1):
            yield from _flat(inner, f"{path}[{_name(inner) or number}]")
    else:
        yield path, value


def _name(entry: dict[str, Any]) -> str:
    """What tells an entry from its neighbours, so that a new one does not make all later ones look changed."""
    parts = [str(entry[key]) for key in ("purpose", "when", "sector", "country", "region") if key in entry]
    return " ".join(parts) if parts else str(entry.get("name", ""))
