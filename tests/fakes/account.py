"""What the account in memory is like: its name, its fields and its stages."""

from __future__ import annotations

from connectors.base import FieldInfo, Stage

ACCOUNT_ID = "org-1"
REASON = "Reason"
WRITTEN = frozenset({"Category", "Sub_Reason", "Next"})
"""The fields of deals that may be written."""
FIELDS = (
    FieldInfo(name=REASON, label="Loss reason", type="picklist"),
    *(FieldInfo(name=name, label=name, type="text", writable=True) for name in sorted(WRITTEN)),
)
STAGES = (
    Stage(id="open", label="Negotiation"),
    Stage(id="won", label="Won", is_won=True),
    Stage(id="lost", label="Lost", is_lost=True),
)
