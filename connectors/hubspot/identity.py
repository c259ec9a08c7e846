"""By what a portal is known that does not tell its id. Pure.

A mark has to be the same for every token of the portal, and for no other portal: the oldest owner's id, which HubSpot
gives out once and never again; else the pipelines that people made. Only where there is neither, the token itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from connectors.hubspot.answers import Json
from connectors.hubspot.values import text_of

OWNERS, PIPELINES, TOKEN = "portal-o", "portal-p", "token-"
_DEFAULT = "default"


def is_mark(account_id: str | None) -> bool:
    """Whether that is a mark of ours and no id of HubSpot's."""
    return (account_id or "").startswith((OWNERS, PIPELINES, TOKEN))


def marks_of(owner_ids: Iterable[str], pipelines: Sequence[Json], *, token: str) -> tuple[str, ...]:
    """Every mark the portal can be known by, the best first."""
    numbers = sorted(int(one) for one in owner_ids if one.isascii() and one.isdigit())
    own = sorted(text_of(one.get("id")) for one in pipelines if text_of(one.get("id")) not in {"", _DEFAULT})
    found = [OWNERS + _short(str(numbers[0]))] if numbers else []
    found += [PIPELINES + _short(own[0])] if own else []
    return (*found, TOKEN + _short(token))


def is_same(known: str, marks: Sequence[str]) -> bool:
    """Whether a portal with these marks can be the one known as that; it is not where a mark of that kind differs."""
    kind = next((kind for kind in (OWNERS, PIPELINES) if known.startswith(kind)), None)
    same_kind = [one for one in marks if kind and one.startswith(kind)]
    return known in same_kind or not same_kind


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
