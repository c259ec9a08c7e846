"""The command line's README names every command, option and setting, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

import service.cli
from service.cli.main import cli
from service.config import FILE_VARIABLE, PREFIX, Settings

README = (Path(service.cli.__file__).parent / "README.md").read_text(encoding="utf-8")


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below `command`, with what is typed to reach it."""
    if not isinstance(command, click.Group):
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield f"{path} {name}", found
        yield from commands(found, f"{path} {name}")


COMMANDS = dict(commands(cli, "rekindle"))


def documented() -> dict[str, set[str]]:
    """The options of each command as the README has them."""
    found: dict[str, set[str]] = {}
    for section in README.split("\n### `")[1:]:
        heading, _, body = section.partition("`")
        name = re.split(r" (?=[A-Z\[])", heading)[0]
        table = body.partition("\n## ")[0]
        found[name] = {
            option for row in re.findall(r"^\| `(--[^` ]+)", table, re.MULTILINE) for option in row.split("/")
        }
    return found


def test_every_command_stands_in_the_readme_with_its_options() -> None:
    options = {
        path: {
            name for one in command.params if isinstance(one, click.Option) for name in (*one.opts, *one.secondary_opts)
        }
        for path, command in COMMANDS.items()
    }

    assert documented() == options


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_every_command_and_option_says_what_it_does(path: str) -> None:
    command = COMMANDS[path]

    assert command.help
    assert all(one.help for one in command.params if isinstance(one, click.Option))


def test_every_setting_stands_in_the_readme_with_its_default() -> None:
    told = dict(re.findall(rf"^\| `({PREFIX}\w+)` \|(?: `([^`]*)` )?", README, re.MULTILINE))
    defaults = {PREFIX + field.name.upper(): _spelt(field.default) for field in fields(Settings)}

    assert told == {FILE_VARIABLE: "", **defaults}


def _spelt(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default == () else str(default)
