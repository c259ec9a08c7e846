"""What a person decided about one loss, over what the words alone would mean. It stays through every new reading."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from mappings.model import Classification, Evidence, Fact, FactKind, Verdict
from mappings.taxonomy import Category, Finality

PERSON, DEBRIEF = "person", "debrief"
"""The rule of a person's verdict, and the field that their facts and their word on a future touch stand in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A person's word on one loss: its category, whether it is worth another touch, and from which day.

    `is_worth_it` None says nothing about it; False ends the follow-ups. `why` is their reason.
    """

    category: Category | None = None
    sub_reason: str | None = None
    is_worth_it: bool | None = None
    revisit_on: date | None = None
    why: str = ""


def hear(classification: Classification, said: Said) -> Classification:
    """The classification with what a person said in force; what they did not speak of stays as it was read."""
    underlying = classification.underlying
    if said.category is not None:
        underlying = Verdict(
            category=said.category,
            sub_reason=said.sub_reason,
            confidence=1.0,
            finality=underlying.finality,
            evidence=(Evidence(rule=PERSON, text=said.why, field=PERSON),),
        )
    if said.is_worth_it is not None:
        word = Evidence(rule=PERSON, text=said.why, field=DEBRIEF)
        finality = _finality(underlying.finality, is_worth_it=said.is_worth_it)
        underlying = replace(underlying, finality=finality, evidence=(*underlying.evidence, word))
    day = (Fact(kind=FactKind.REVISIT, on=said.revisit_on, text=said.why, field=DEBRIEF),) if said.revisit_on else ()
    decided = said.category is not None
    return replace(
        classification,
        underlying=underlying,
        facts=(*day, *classification.facts),
        needs_review=classification.needs_review and not decided,
        alternatives=() if decided else classification.alternatives,
    )


def said_in(classification: Classification) -> Said | None:
    """What a person's word was in a classification that `hear` made, or None where nobody spoke."""
    underlying = classification.underlying
    words = {one.field: one for one in underlying.evidence if one.rule == PERSON}
    days = [one for one in classification.facts if one.field == DEBRIEF]
    if not words and not days:
        return None
    is_decided = PERSON in words
    texts = [*(one.text for one in words.values()), *(one.text for one in days)]
    return Said(
        category=underlying.category if is_decided else None,
        sub_reason=underlying.sub_reason if is_decided else None,
        is_worth_it=underlying.finality is not Finality.NEVER if DEBRIEF in words else None,
        revisit_on=days[0].on if days else None,
        why=texts[0],
    )


def keep_said(fresh: Classification, stored: Classification) -> Classification:
    """A new reading of a loss, with what a person said of it in the stored one still in force."""
    said = said_in(stored)
    return fresh if said is None else hear(fresh, said)


def _finality(read: Finality, *, is_worth_it: bool) -> Finality:
    if not is_worth_it:
        return Finality.NEVER
    return Finality.OPEN if read is Finality.NEVER else read
