"""Every command that a page names is one, with options it takes; what no test can run is told by its name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, WALKED, Line, name_of, pages, shell_lines, spans
from tests.docs.typed import parse

NOT_RUN = frozenset({
    "cd", "cp", "curl", "docker", "export", "for", "hs", "install", "kubectl", "make", "npm", "pip", "python3", "read",
    "sf", "systemctl", "useradd", ".venv/bin/pip",
})  # fmt: skip
"""Programs that need an account, root, a container engine or a cluster, and the shell's own."""
PAGES = [path for path in pages() if path.name != "CHANGELOG.md" and path.parent.name != "cli"]
"""The changelog tells what was; the command line's own page is compared with it word by word, by a test of its own."""


@pytest.mark.parametrize("path", WALKED, ids=name_of)
def test_every_line_of_a_shell_block_is_ours_or_told_as_not_run(path: Path) -> None:
    strange = [line.text for line in shell_lines(path) if line.words[0] not in NOT_RUN | {"rekindle"}]

    assert strange == []


@pytest.mark.parametrize(
    "line",
    [one for path in pages() for one in shell_lines(path) if one.words[:1] == ["rekindle"]],
    ids=lambda line: f"{name_of(line.page)}:{line.number}",
)
def test_a_command_in_a_block_is_one_that_there_is(line: Line) -> None:
    parse(line.text)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_command_in_a_sentence_is_one_that_there_is(path: Path) -> None:
    for span in spans(path.read_text(encoding="utf-8")):
        parse(span)


@pytest.mark.parametrize("path", pages(), ids=name_of)
def test_what_a_page_asks_make_for_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    asked = set(re.findall(r"(?:`|^)make ([a-z][a-z-]*)", text, re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    assert asked <= targets
