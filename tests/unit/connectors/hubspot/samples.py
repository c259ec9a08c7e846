"""Answers as HubSpot documents them, from `tests/samples/hubspot/<case>/`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).parents[3] / "samples" / "hubspot"


def sample_bytes(case: str, name: str) -> bytes:
    """One answer's body."""
    return (FOLDER / case / f"{name}.json").read_bytes()


def sample(case: str, name: str) -> dict[str, Any]:
    """One answer's body, parsed."""
    told: dict[str, Any] = orjson.loads(sample_bytes(case, name))
    return told
