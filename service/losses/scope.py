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
        rule = self._excluding_rule(deal)
        return rule[:RULE_LENGTH] if rule else None

    def _excluding_rule(self, deal: LostDeal) -> str | None:
        for name, values in self.include.items():
            if not _matches(ATTRIBUTES[name](deal), values):
                return f"include {name}={','.join(values)}"
        for name, values in self.exclude.items():
            if _matches(ATTRIBUTES[name](deal), values):
                return f"exclude {name}={','.join(values)}"
        if self.min_amount is not None and (deal.amount is None or deal.amount.amount < self.min_amount):
            return f"min_amount {self.min_amount}"
        if self.reached_stage and not _matches(self.reached_stage, deal.reached_stages):
            return f"reached_stage {self.reached_stage}"
        return None


def scope_from(record: Mapping[str, Any]) -> Scope:
    """A connection's stored scope."""
    return Scope(
        include={name: tuple(values) for name, values in record.get("include", {}).items()},
        exclude={name: tuple(values) for name, values in record.get("exclude", {}).items()},
        min_amount=Decimal(record["min_amount"]) if record.get("min_amount") else None,
        reached_stage=record.get("reached_stage"),
    )


def _matches(value: str | None, among: tuple[str, ...]) -> bool:
    return value is not None and value.casefold() in {other.casefold() for other in among}
