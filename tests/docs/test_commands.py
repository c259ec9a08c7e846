"""Every command that a page names is one, with options it takes; what no test can run is told by its name."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from service.cli.main import cli
from tests.docs.pages import ROOT, WALKED, Line, name_of, pages, shell_lines, spans

NOT_RUN = frozenset({
    "cd", "cp", "curl", "docker", "export", "for", "hs", "install", "kubectl", "make", "npm", "pip", "python3", "read",
    "sf", "systemctl", "useradd", ".venv/bin/pip",
})  # fmt: skip
"""Programs that need an account, root, a container engine or a cluster, and the shell's own."""
PAGES = [path for path in pages() if path.name != "CHANGELOG.md" and path.parent.name != "cli"]
"""The changelog tells what was; the command line's own page is compared with it word by word, by a test of its own."""


def find(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that these words reach, and what is left for it. Raises UsageError where there is none."""
    command: click.Command = cli
    left = list(words)
    while isinstance(command, click.Group) and left and not left[0].startswith("-"):
        command = command.resolve_command(click.Context(command), left[:1])[1] or command
        left = left[1:]
    return command, left


def parse(line: str) -> None:
    """Fail where the words are no command, or one that takes no such options."""
    words = re.sub(r"\s(\.\.\.|\[.*)$", "", re.sub(r"\$\([^)]*\)", "X", line))
    words = re.sub(r"\bIDS?\b(\.\.\.)?", "1", words)
    command, left = find(shlex.split(re.split(r" [|<>]", words)[0], comments=True)[1:])
    if left or words.split() == line.split():
        _make(command, line, left)


def _make(command: click.Command, line: str, left: list[str]) -> None:
    try:
        command.make_context(line, list(left)).close()
    except click.MissingParameter:
        if left:  # a command that is only named stands alone: `rekindle connect salesforce`
            raise
    except click.exceptions.NoArgsIsHelpError:
        pass
    except click.BadParameter as error:
        if "does not exist" not in error.message:  # the reader's own file
            raise


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
