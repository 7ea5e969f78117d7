"""The README's table of commands is what the command offers."""

from __future__ import annotations

import re
from pathlib import Path

import click

from local.cli import main

README = Path(__file__).parents[2] / "README.md"


def rows() -> list[str]:
    """The table's rows, from its header to the next blank line."""
    table = README.read_text().split("| command | does |\n", 1)[1].split("\n\n", 1)[0]
    return table.splitlines()[1:]


def test_every_command_is_in_the_readme() -> None:
    told = [re.findall(r"`([a-z]+)[^`]*`", row.split("|")[1]) for row in rows()]
    assert sorted(name for names in told for name in names) == sorted(main.commands)


def test_every_option_the_readme_names_exists() -> None:
    for row in rows():
        _, commands, does, _ = row.split("|")
        [name, *_] = re.findall(r"`([a-z]+)", commands)
        command = main.commands[name]
        assert isinstance(command, click.Command)
        options = {text for each in command.params for text in each.opts}
        assert set(re.findall(r"`(--?[a-z-]+)", does)) <= options, name
