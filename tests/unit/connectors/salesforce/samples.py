"""The vendor's documented answers, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).parents[3] / "samples" / "salesforce"


def sample_bytes(name: str) -> bytes:
    """One sample as it comes over the wire."""
    return (FOLDER / name).read_bytes()


def sample(name: str) -> Any:
    """One sample's content."""
    return orjson.loads(sample_bytes(name))
