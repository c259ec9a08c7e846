"""The live tester: what a text would be taken to mean, the words that decide, and what the draft would say."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from mappings.classify import classify
from mappings.documents.mapping_set import MappingSet
from mappings.model import Classification, DealKey, LostDeal, Note, StatedReason


class Place(StrEnum):
    """Where a text under test is taken to stand."""

    REASON = "reason"
    NOTES = "notes"


def try_text(
    mapping_set: MappingSet,
    text: str,
    *,
    today: date,
    place: Place = Place.REASON,
    notes: str = "",
    field: str = "stated_reason",
    connection: str | None = None,
) -> dict[str, Any]:
    """The reading of a text, as `mappings test --json` shows it.

    `notes` stand beside a reason; `field` and `connection` are those that labels and rules may be limited to.
    """
    said = "\n".join(part for part in (text if place is Place.NOTES else "", notes) if part)
    reasons = (StatedReason(field=field, value=text),) if text and place is Place.REASON else ()
    deal = LostDeal(
        key=DealKey("test", "test"),
        lost_on=today,
        stated_reasons=reasons,
        notes=(Note(field="notes", text=said),) if said else (),
    )
    return reading_as_json(classify(deal, mapping_set, connection))


def reading_as_json(found: Classification) -> dict[str, Any]:
    """A classification with its evidence."""
    verdict = found.underlying
    return {
        "category": verdict.category,
        "sub_reason": verdict.sub_reason,
        "secondary": verdict.secondary,
        "confidence": round(verdict.confidence, 3),
        "finality": verdict.finality,
        "needs_review": found.needs_review,
        "guesses": list(found.alternatives),
        "stated": {"category": found.stated.category, "sub_reason": found.stated.sub_reason},
        "evidence": [
            {"rule": one.rule, "text": one.text, "field": one.field, "start": one.start, "end": one.end}
            for one in verdict.evidence
        ],
        "facts": [{"kind": one.kind, "on": one.on, "text": one.text} for one in found.facts],
        "competitor": found.competitor,
    }
