"""The idempotency key of a step: what makes the second try of a write the same write."""

from __future__ import annotations

import hashlib


def step_key(account_id: str, deal_id: str, episode: int, purpose: str, ordinal: int) -> str:
    """A hash of what the step *is*, in [a-z0-9]; our own name for the connection is no part of it.

    Letters and digits only, so that no CRM's search splits it into several words.
    """
    identity = "\x1f".join((account_id, deal_id, str(episode), purpose, str(ordinal)))
    return "rk" + hashlib.sha256(identity.encode()).hexdigest()[:38]
