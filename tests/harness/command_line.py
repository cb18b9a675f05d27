"""The commands as the command line runs them, in the tests' process."""

from functools import cache
from typing import Any

import typer

import load.__main__
from scripts.__main__ import NAME, application
from scripts.base.command import run_words
from scripts.base.paths import ROOT


def task_manager(*words: str) -> int:
    """Run a command of `task-manager`; its exit code. Raises Failure, which the entry point prints."""
    return run_words(_task_manager(), NAME, words)


@cache
def _task_manager() -> Any:
    """The command that Typer makes of the application: it takes as long as most of the commands."""
    return typer.main.get_command(application())


def load_tests(*words: str) -> int:
    """Run the load tests' command; its exit code. Raises Failure, which the entry point prints."""
    return run_words(load.__main__.app, load.__main__.NAME, words)


def command_names() -> set[str]:
    """The names of all commands of `task-manager`."""
    groups = [group.typer_instance for group in application().registered_groups]
    commands = [command for group in groups if group for command in group.registered_commands]
    return {command.name or command.callback.__name__ for command in commands if command.callback}


def makefile_targets() -> list[str]:
    """The targets that the Makefile declares."""
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    return [name for line in lines if line.startswith(".PHONY") for name in line.split()[1:]]
