"""Pages and buttons that a guide names *like this* are called so in the web app, on the card or in the CRM."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.docs.pages import GUIDES, ROOT, name_of, prose

SHOWN = (
    ("service/web", "*.html"),
    ("service/web", "*.py"),
    ("service/messages", "*.py"),
    ("deploy/hubspot/src", "*.tsx"),
    ("deploy/salesforce/force-app", "*.field-meta.xml"),
)
EXPLAINED = {"like this", "finding"}
"""What is in italics for another reason."""


@cache
def shown() -> str:
    """All that people can read there, in small letters."""
    texts = [path.read_text(encoding="utf-8") for folder, kind in SHOWN for path in (ROOT / folder).rglob(kind)]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", " ".join(texts))).lower()


@pytest.mark.parametrize("path", GUIDES, ids=name_of)
def test_a_page_or_button_that_a_guide_names_is_called_so(path: Path) -> None:
    text = prose(path.read_text(encoding="utf-8"))
    named = set(re.findall(r"(?<![*\w])\*([^*\n]+)\*(?!\*)", text)) - EXPLAINED

    assert [name for name in named if name.lower() not in shown()] == []
