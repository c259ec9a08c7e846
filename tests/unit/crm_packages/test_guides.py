"""The two guides: every command of ours in them is one, with options it takes, and every file they name is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from service.cli.main import cli
from tests.unit.crm_packages.salesforce_project import ROOT

GUIDES = {folder: (ROOT.parent / folder / "README.md") for folder in ("salesforce", "hubspot")}


def commands() -> Iterator[tuple[str, str]]:
    """What a reader is told to type, by guide: lines of blocks, and commands within sentences."""
    for folder, path in GUIDES.items():
        text = path.read_text(encoding="utf-8")
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
            yield from ((folder, line) for line in block.splitlines() if line.startswith("rekindle "))
        for found in re.findall(r"`(rekindle [^`]+)`", text):
            yield folder, " ".join(found.split())


@pytest.mark.parametrize(("folder", "line"), [pytest.param(*one, id=one[1]) for one in commands()])
def test_a_command_of_a_guide_is_one_that_there_is(folder: str, line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    command: click.Command = cli
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None, (folder, line)
        command = found

    command.make_context(line, words)  # raises UsageError for what it does not take


def test_the_guides_name_commands() -> None:
    assert {folder for folder, _ in commands()} == set(GUIDES)


@pytest.mark.parametrize("folder", GUIDES)
def test_a_file_that_a_guide_names_is_there(folder: str) -> None:
    path = GUIDES[folder]
    text = path.read_text(encoding="utf-8")
    named = re.findall(r"\]\(([^)#]+)\)", text) + re.findall(r"`((?:src|properties|force-app)/[\w./-]+)`", text)

    assert [one for one in named if not (path.parent / one).exists()] == []


@pytest.mark.parametrize("folder", GUIDES)
def test_a_guide_is_read_in_ten_minutes(folder: str) -> None:
    """Two hundred words a minute, with the commands; the last sections are for those who want to know."""
    steps = GUIDES[folder].read_text(encoding="utf-8").partition("\n## The fields\n")[0].partition("\n## Leaving\n")[0]

    assert len(steps.split()) < 2000


def test_both_packages_are_in_what_the_folder_says_of_itself() -> None:
    text = Path(ROOT.parent / "README.md").read_text(encoding="utf-8")

    assert all(f"]({folder}/README.md)" in text for folder in GUIDES)
