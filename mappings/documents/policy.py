"""The policy: when to come back after each kind of loss, as an editable document with every number a setting."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import resources
from typing import Any

from mappings.documents.policy_values import (
    Blackout,
    CompetitorTerms,
    ContactLawRow,
    FiscalYearRow,
    Segment,
    Spread,
    TaskTemplate,
    Timing,
    Writing,
)
from mappings.documents.toml import DocumentError, load_toml, schema_problems
from mappings.model import LostDeal, Purpose


@dataclass(frozen=True, kw_only=True)
class Policy:
    """When to come back, and what the tasks say. Equal settings have equal versions, whatever the comments."""

    timing: Timing
    blackout: tuple[Blackout, ...]
    spread: Spread
    writing: Writing
    enabled: Mapping[Purpose, bool]
    tasks: tuple[TaskTemplate, ...]
    competitors: tuple[CompetitorTerms, ...] = ()
    segments: tuple[Segment, ...] = ()
    fiscal_years: tuple[FiscalYearRow, ...] = ()
    contact_laws: tuple[ContactLawRow, ...] = ()

    def __hash__(self) -> int:
        return hash(self.version)

    @cached_property
    def version(self) -> str:
        """A hash of the settings' content."""
        canonical = json.dumps(settings_of(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    @cached_property
    def _terms(self) -> dict[str, CompetitorTerms]:
        return {
            name.casefold(): terms
            for terms in self.competitors
            for name in (*terms.aliases, terms.name)
            if name.strip()
        }

    def competitor_terms(self, name: str | None) -> CompetitorTerms | None:
        """What the policy knows of this competitor's contracts, by its name or an alias in any case."""
        return self._terms.get(name.strip().casefold()) if name and self._terms else None

    def timing_for(self, deal: LostDeal, *, competitor: str | None = None) -> Timing:
        """The numbers for this deal: the policy's own, as its segments and its competitor change them.

        `competitor` is the one that the words name; the deal's own field goes before it.
        """
        timing = self.timing
        for segment in self.segments:
            if segment.holds(deal):
                intervals = {**timing.intervals, **segment.timing.get("intervals", {})}
                timing = replace(timing, **{**segment.timing, "intervals": intervals})
        terms = self.competitor_terms(deal.competitor or competitor)
        if terms is None:
            return timing
        return replace(
            timing,
            notice_days=timing.notice_days if terms.notice_days is None else terms.notice_days,
            term_months=timing.term_months if terms.term_months is None else terms.term_months,
        )

    def is_enabled(self, purpose: Purpose) -> bool:
        """Whether steps of this purpose are made at all."""
        return self.enabled.get(purpose, True)


def settings_of(policy: Policy) -> dict[str, Any]:
    """The policy as the plain tables of its document."""
    from mappings.documents.policy_schema import PolicySchema

    dumped: dict[str, Any] = PolicySchema().dump(policy)
    said: dict[str, Any] = _said(dumped)
    return said


def parse_policy(text: str) -> Policy:
    """The policy a document says; what it leaves out is as shipped. Raises DocumentError naming line and remedy."""
    from marshmallow import ValidationError

    from mappings.documents.policy_schema import PolicySchema

    tables = load_toml(text)
    if text is not _shipped_text():
        tables = _over(load_toml(_shipped_text()), tables)
    try:
        settings: dict[str, Any] = PolicySchema().load(tables)
    except ValidationError as error:
        raise DocumentError(schema_problems(text, error.messages)) from error
    return Policy(**settings)


def render_policy(policy: Policy) -> str:
    """The policy as a document, with the shipped document's comments beside the settings it has too."""
    import tomlkit

    document = tomlkit.parse(_shipped_text())
    settings = settings_of(policy)
    for name in [name for name in document if name not in settings]:
        del document[name]
    _write_over(document, settings)
    return tomlkit.dumps(document)


@cache
def shipped_policy() -> Policy:
    """The default policy."""
    return parse_policy(_shipped_text())


@cache
def shipped_policy_text() -> str:
    """The default policy as a document."""
    return render_policy(shipped_policy())


@cache
def _shipped_text() -> str:
    return resources.files("mappings.data").joinpath("policy.toml").read_text("utf-8")


def _over(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        present = merged.get(key)
        merged[key] = _over(present, value) if isinstance(present, dict) and isinstance(value, dict) else value
    return merged


def _write_over(table: Any, settings: Mapping[str, Any]) -> None:
    """Set what differs, so that equal parts keep their comments and layout."""
    for key, value in settings.items():
        present = table.get(key)
        if isinstance(value, dict) and isinstance(present, dict):
            for gone in [name for name in present if name not in value]:
                del present[gone]
            _write_over(present, value)
        elif present is None or getattr(present, "unwrap", lambda kept=present: kept)() != value:
            table[key] = value


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        # An empty list is what leaving it out means, but for the blackout: the shipped one is not empty.
        return {key: _said(inner) for key, inner in value.items() if inner or inner in (0, False) or key == "blackout"}
    if isinstance(value, list):
        return [_said(inner) for inner in value]
    return value
