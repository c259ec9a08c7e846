"""Which lost deals are taken. Each exclusion is a rule with a name, so that the ledger can count it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from mappings.model import LostDeal
from service.store.models.deals import RULE_LENGTH

ATTRIBUTES: Mapping[str, Callable[[LostDeal], str | None]] = {
    "record_type": lambda deal: deal.record_type,
    "pipeline": lambda deal: deal.pipeline,
    "type": lambda deal: deal.deal_type,
}
"""What `--include` and `--exclude` can name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The rules of one connection. Empty means every lost deal."""

    include: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    min_amount: Decimal | None = None
    reached_stage: str | None = None

    def excluding_rule(self, deal: LostDeal) -> str | None:
        """The rule that leaves this deal out, as the ledger names it and the store has room for, or None."""
        rule = self._excluding_rule(deal) if self._has_rules else None
        return rule[:RULE_LENGTH] if rule else None

    @property
    def _has_rules(self) -> bool:
        return bool(self.include or self.exclude or self.min_amount is not None or self.reached_stage)

    def _excluding_rule(self, deal: LostDeal) -> str | None:
        is_enough = deal.amount is not None and deal.amount.amount >= (self.min_amount or 0)
        rule = self.rule_for({name: value(deal) for name, value in ATTRIBUTES.items()}, is_enough=is_enough)
        if rule is not None:
            return rule
        if self.reached_stage and not _matches(self.reached_stage, deal.reached_stages):
            return f"reached_stage {self.reached_stage}"
        return None

    def rule_for(self, attributes: Mapping[str, str | None], *, is_enough: bool) -> str | None:
        """The rule that leaves out what has these attributes, whatever stages it reached."""
        for name, values in self.include.items():
            if not _matches(attributes[name], values):
                return f"include {name}={','.join(values)}"
        for name, values in self.exclude.items():
            if _matches(attributes[name], values):
                return f"exclude {name}={','.join(values)}"
        if self.min_amount is not None and not is_enough:
            return f"min_amount {self.min_amount}"
        return None


def scope_from(record: Mapping[str, Any]) -> Scope:
    """A connection's stored scope."""
    return Scope(
        include=_named(record.get("include", {})),
        exclude=_named(record.get("exclude", {})),
        min_amount=Decimal(record["min_amount"]) if record.get("min_amount") else None,
        reached_stage=record.get("reached_stage"),
    )


def _named(rules: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Always in one order: of two rules that leave a deal out the first is told, and a database keeps no order."""
    return {name: tuple(rules[name]) for name in ATTRIBUTES if name in rules}


def _matches(value: str | None, among: tuple[str, ...]) -> bool:
    return value is not None and value.casefold() in {other.casefold() for other in among}
