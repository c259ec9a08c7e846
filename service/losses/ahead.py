"""What losses mean, worked out on another core before they are saved.

The other process gets deals and the published documents, and gives back meanings; it sees no database and no CRM. What
it gives is used only where a loss is to be read as it was read there: the same deal, day and documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from mappings.documents.mapping_set import parse_mapping_set
from mappings.documents.policy import parse_policy
from mappings.model import Classification, FollowUpPlan, LostDeal
from service.losses.rules import Rules

Meaning = tuple[Classification, FollowUpPlan]

_ENCODER = msgspec.msgpack.Encoder()
_DEALS = msgspec.msgpack.Decoder(list[LostDeal])
_MEANINGS = msgspec.msgpack.Decoder(list[Meaning])


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Under what losses are read: the texts of the documents, the day of planning, and the connection's name."""

    mapping_text: str
    policy_text: str
    today: date
    connection: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What some losses were taken to mean, by the CRM's id of the deal, and under what."""

    mapping_version: str
    policy_version: str
    today: date
    found: Mapping[str, tuple[LostDeal, Meaning]]

    def of(self, deal: LostDeal, rules: Rules, today: date) -> Meaning | None:
        """What the loss means, where it was read just so."""
        deal_ahead, meaning = self.found.get(deal.key.deal_id, (None, None))
        versions = rules.mapping_set.version, rules.policy.version
        is_same = deal == deal_ahead and today == self.today
        return meaning if is_same and versions == (self.mapping_version, self.policy_version) else None


def meanings_of(
    losses: Sequence[tuple[LostDeal, date]], rules: Rules, connection: str, ahead: Ahead | None
) -> list[Meaning]:
    """What each loss means when it is planned on its day: as was found ahead, else worked out here."""
    found = [ahead.of(deal, rules, today) if ahead else None for deal, today in losses]
    rest = rules.apply_all([one for one, meaning in zip(losses, found, strict=True) if meaning is None], connection)
    return [meaning or next(rest) for meaning in found]


def packed(deals: Sequence[LostDeal]) -> bytes:
    """Deals as they are given to another process."""
    return _ENCODER.encode(deals)


def unpacked(deals: Sequence[LostDeal], reading: Reading, answer: bytes) -> Ahead | None:
    """What the other process made of the deals; None where it could make nothing of them."""
    if not answer:
        return None
    meanings = _MEANINGS.decode(answer)
    found = {deal.key.deal_id: (deal, meaning) for deal, meaning in zip(deals, meanings, strict=True)}
    classification, plan = meanings[0]
    return Ahead(
        mapping_version=classification.mapping_version,
        policy_version=plan.policy_version,
        today=reading.today,
        found=found,
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """The other process's own."""

    rules: Rules
    reading: Reading

    @classmethod
    def begin(cls, reading: Reading) -> Reader:
        """Parse the documents."""
        mapping_set, policy = parse_mapping_set(reading.mapping_text), parse_policy(reading.policy_text)
        return cls(Rules(mapping_set=mapping_set, policy=policy), reading)


def read_losses(reader: Reader, deals: bytes) -> bytes:
    """The meanings of packed deals; nothing where one of them cannot be read: it is named where they are saved."""
    losses = ((deal, reader.reading.today) for deal in _DEALS.decode(deals))
    try:
        return _ENCODER.encode(list(reader.rules.apply_all(losses, reader.reading.connection)))
    except Exception:  # noqa: BLE001 -- whatever it is, it comes again where there is somebody to tell
        return b""
