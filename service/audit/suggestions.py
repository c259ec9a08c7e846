"""What a finding suggests: a text a topic, as shipped or as an admin of this installation wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.errors import UsageFault
from service.store.models import SuggestionRow
from service.store.people import record_action

SHIPPED: Mapping[str, str] = {
    "timing": "Look at who is approached, and when: what would have made it urgent for them this quarter?",
    "budget": "Ask earlier when the budget is decided and by whom, and come in before the plan is made.",
    "competitor": "Read the notes of five of these together: what did the rival say that we did not?",
    "authority": "Bring the person who decides to the second talk, and plan the review by legal or security early.",
    "need": "Look at who is approached: these deals may have been no match from the start.",
    "value_perception": "Work on discovery: name the cost of the problem in their figures before naming a price.",
    "unresponsive": "Agree on the next step before a talk ends; one last question is better than a fourth reminder.",
    "stated_and_underlying_differ": "Go by the notes. The picklist may lack a value that says what really happened.",
    "often_deleted": "Switch this step off, or word its task anew: people delete it more often than they do it.",
}
"""Ours: general advice without a source, meant to be replaced by a team's own."""

MOST = 600


def suggestions(tx: Session) -> dict[str, str]:
    """The texts in force, by topic."""
    own = {row.topic: row.text for row in tx.scalars(select(SuggestionRow)) if row.topic in SHIPPED}
    return {**SHIPPED, **own}


def suggested(texts: Mapping[str, str], topics: tuple[str, ...]) -> str:
    """What the topics of a finding suggest, each text once."""
    return " ".join(dict.fromkeys(texts[topic] for topic in topics if texts.get(topic)))


def write_suggestion(tx: Session, topic: str, text: str, *, who: str, now: datetime) -> None:
    """Put a text in force; an empty one brings back what was shipped. Raises UsageFault."""
    if topic not in SHIPPED:
        raise UsageFault(f"There is no finding {topic!r}.", remedy="Choose one of the list.")
    words = " ".join(text.split())
    if len(words) > MOST:
        raise UsageFault(f"That is {len(words)} characters long.", remedy=f"Say it in {MOST} at most.")
    before = suggestions(tx)[topic]
    if before == (words or SHIPPED[topic]):
        return
    tx.execute(delete(SuggestionRow).where(SuggestionRow.topic == topic))
    if words and words != SHIPPED[topic]:
        tx.add(SuggestionRow(topic=topic, text=words, who=who, changed_at=now))
    says = f"{before} -> {words or SHIPPED[topic]}"
    record_action(tx, who=who, what="suggestion changed", subject=topic, says=says, now=now)
