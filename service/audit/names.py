"""How the categories are called where people read: on pages, in findings and in the weekly review."""

from __future__ import annotations

CATEGORY_NAMES = {
    "timing": "Timing",
    "budget": "Budget",
    "competitor": "Competitor",
    "authority": "Authority",
    "need": "Need",
    "value_perception": "Value",
    "unresponsive": "Went silent",
    "no_decision": "No decision",
    "not_a_rejection": "Not a rejection",
    "unknown": "Unknown",
}
"""`no_decision` is charted apart from the other silences."""


def name_of_category(name: str) -> str:
    """The name at the beginning of a sentence; inside one it is written small."""
    return CATEGORY_NAMES.get(name) or name.replace("_", " ").capitalize()
