"""Running a Typer application: exit codes, and errors in two lines."""

import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

import typer
from pydantic import ValidationError

from scripts.base.failure import run_command
from scripts.base.paths import ROOT

MISUSED, INTERRUPTED = 2, 130


def run_words(app: Callable[..., Any], name: str, words: Sequence[str]) -> int:
    """Run an application; its exit code. Misuse is answered in two lines, the second of which names the help.

    Raises Failure and KeyboardInterrupt as the command does.
    """
    try:
        code = int(app(words, prog_name=name, standalone_mode=False) or 0)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        print(f"error: {describe(error)}", file=sys.stderr)
        print(f"  See `{context.command_path if context else name} --help`.", file=sys.stderr)
        return MISUSED
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    return code


def run_application(app: typer.Typer, name: str, without_words: Sequence[str] = ()) -> None:
    """Run what the command line says, or `without_words` if it says nothing, and exit."""
    run_command(lambda: run_words(app, name, sys.argv[1:] or without_words))


def describe(error: typer.TyperException) -> str:
    """What is wrong in a line: the option, its name as an argument of make, and what was expected."""
    message = error.format_message()
    option = getattr(error, "param", None)
    if option is None:
        return message
    if isinstance(error.__cause__, ValidationError):
        message = message.replace(error.message, _expected(error.__cause__, option))
    argument = option.opts[-1].removeprefix("--").upper()
    if not _is_passed_by_make(argument):
        return message
    hint = option.get_error_hint()
    return message.replace(hint, f"{hint} ({argument}=)", 1)


def _expected(refusal: ValidationError, option: typer.CallbackParam) -> str:
    first = refusal.errors()[0]
    least, most = getattr(option, "min", None), getattr(option, "max", None)
    if least is None:
        return first["msg"].removeprefix("Value error, ")
    number = "whole number" if first["type"].startswith("int_") else "number"
    limits = f"of at least {least:g}" if most is None else f"from {least:g} to {most:.12g}"
    return f"{first['input']!r} is not a {number} {limits}"


def _is_passed_by_make(argument: str) -> bool:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return re.search(rf"\(call (given|flags),[A-Z ]*\b{argument}\b", makefile) is not None
