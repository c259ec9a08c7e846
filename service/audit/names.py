"""How the categories are called where people read: on pages, in findings and in the weekly review."""

from __future__ import annotations

CATEGORY_NAMES = {
    "timing": "Timing",
    "budget": "Budget",
    "competitor": "Competitor",
    "authority": "Authority",
    "need": "Need",
    "value_perception": "Value",
    "unresponsive": "Silent or undecided",
    "no_decision": "No decision",
    "not_a_rejection": "Not a rejection",
    "unknown": "Unknown",
}
"""The categories, and `no_decision`, which is charted apart: then the rest of its category goes by another name."""
CHARTED_NAMES = {**CATEGORY_NAMES, "unresponsive": "Went silent"}
"""How what is charted is called: `unresponsive` without those who did not decide."""


def name_of_charted(name: str) -> str:
    """As `name_of_category`, where `no_decision` stands apart."""
    return CHARTED_NAMES.get(name) or name_of_category(name)


def name_of_category(name: str) -> str:
    """The name at the beginning of a sentence; inside one it is written small."""
    return CATEGORY_NAMES.get(name) or name.replace("_", " ").capitalize()
