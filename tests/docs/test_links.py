"""No link of a page leads nowhere, and the guides can be read in a sitting."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import GUIDES, ROOT, anchors, links, name_of, pages

READERS = {"admin", "developer", "manager", "operator", "rep"}
WORDS_A_MINUTE = 200


@pytest.mark.parametrize("path", pages(), ids=name_of)
def test_every_link_leads_to_a_page_and_a_heading_that_are_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    dead = []
    for link in links(text):
        file, _, anchor = link.partition("#")
        target = (path.parent / file) if file else path
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            dead.append(link)

    assert dead == []


def test_each_reader_has_a_guide_that_the_readme_leads_to() -> None:
    led = links((ROOT / "README.md").read_text(encoding="utf-8"))

    assert {path.stem for path in GUIDES} == READERS
    assert {f"docs/guides/{reader}.md" for reader in READERS} <= set(led)


def test_the_files_that_a_new_crm_is_said_to_need_are_those_of_the_two_that_there_are() -> None:
    table = (ROOT / "docs/guides/developer.md").read_text(encoding="utf-8").partition("\n## Adding a CRM\n")[2]
    steps = re.findall(r"^\| \d+ \| ([^|]+) \|", table, re.MULTILINE)
    named = re.findall(r"`([\w.]+)`", " ".join(steps))

    assert len(steps) == 10
    for crm in ("salesforce", "hubspot"):
        assert [name for name in named if not (ROOT / "connectors" / crm / name).exists()] == []


@pytest.mark.parametrize("path", GUIDES, ids=name_of)
def test_a_guide_is_read_in_ten_minutes_and_begins_with_what_it_gives(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert len(text.split()) < 10 * WORDS_A_MINUTE
    assert "**What you get.**" in text.partition("\n## ")[0]
