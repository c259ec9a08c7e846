"""A line as a person types it, as one of our commands: found, and held against what the command takes."""

from __future__ import annotations

import re
import shlex

import click

from service.cli.main import cli


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
