"""Running a Typer application: exit codes, and errors in two lines."""

import sys
from collections.abc import Sequence

import typer

from scripts.base.failure import run_command

MISUSED, INTERRUPTED = 2, 130


def run_words(app: typer.Typer, name: str, words: Sequence[str]) -> int:
    """Run a command; its exit code. Misuse is answered in two lines, the second of which names the help.

    Raises Failure and KeyboardInterrupt as the command does.
    """
    try:
        code = int(app(words, prog_name=name, standalone_mode=False) or 0)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        print(f"error: {error.format_message()}", file=sys.stderr)
        print(f"  See `{context.command_path if context else name} --help`.", file=sys.stderr)
        return MISUSED
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    return code


def run_application(app: typer.Typer, name: str) -> None:
    """Run what the command line says, and exit."""
    run_command(lambda: run_words(app, name, sys.argv[1:]))
