"""Keeping secrets out of logs: by the name of what is logged, and by the look of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MASK = "***"
_NAMES = re.compile(r"token|secret|password|authorization|signature|cookie|credential|api_?key", re.IGNORECASE)
_LOOKS = (
    # What follows these words in an address, a header or a sentence is a secret.
    re.compile(r"(?i)(?<=bearer )\S+"),
    re.compile(r"whsec_[^\s\"']+"),
    re.compile(r"(?<=/webhooks/)(?P<crm>[^/\s?]+)/(?P<name>[^/\s?]+)/[^/\s?\"']+"),
    # Signed links and one-time addresses: a long part of a path says more than it should.
    re.compile(r"(?<=/)[A-Za-z0-9_.~=+-]{24,}(?=[/?\s\"']|$)"),
    re.compile(r"(?i)(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
)


def masked(text: str) -> str:
    """The text with everything masked that looks like a secret or a capability."""
    for look in _LOOKS:
        text = look.sub(_replaced, text)
    return text


def masked_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a log entry: those with a telling name are masked whole, texts by their look."""
    return {
        name: MASK if _NAMES.search(name) and value else masked(value) if isinstance(value, str) else value
        for name, value in values.items()
    }


def _replaced(found: re.Match[str]) -> str:
    parts = found.groupdict()
    return f"{parts['crm']}/{parts['name']}/{MASK}" if "crm" in parts else MASK
