"""The command line as its users meet it: help, errors, completion, and the installed `task-manager`."""

from typing import Any

import pytest
from typer.main import get_command

import load.__main__
from scripts.__main__ import application
from tests.harness.command_line import load_tests, task_manager

COMMANDS: dict[str, Any] = {**vars(get_command(application()))["commands"]}
EVERY_COMMAND = {**COMMANDS, "load": get_command(load.__main__.app)}

# Invalid command lines, and the first line of the answer.
MISUSES = {
    "up --port=80": "Invalid value for '--port' (PORT=): '80' is not a number from 1024 to 65535",
    "up --port=45.5": "Invalid value for '--port' (PORT=): '45.5' is not a whole number from 1024 to 65535",
    "up --cloud=moon": (
        "Invalid value for '--cloud' (CLOUD=): 'moon' is not one of 'embedded', 'localstack', 'endpoint'."
    ),
    "logs --since=x": (
        "Invalid value for '--since' (SINCE=): 'x' is not a period: "
        "set SINCE to a number with s, m, h or d, such as 15m"
    ),
    "replay --from=x": (
        "Invalid value for '--from' (FROM=): 'x' is not a time: write it as 2026-01-31T12:00:00Z"
    ),
    "approve": "Missing option '--task' (TASK=).",
    "approve --task=a --version=0": (
        "Invalid value for '--version' (VERSION=): '0' is not a number of at least 1"
    ),
    "logs --since=99999999d": (
        "Invalid value for '--since' (SINCE=): '99999999d' reaches back before the year 1: "
        "set SINCE to less, such as 15m"
    ),
    "replay --from=0001-01-01T00:00+14:00": (
        "Invalid value for '--from' (FROM=): '0001-01-01T00:00+14:00' is not a time: "
        "write it as 2026-01-31T12:00:00Z"
    ),
    "export": "Missing option '--file' (FILE=).",
    "export --file=": "Missing option '--file' (FILE=).",
    "export --file=~nobody-here/tasks.jsonl": (
        "Invalid value for '--file' (FILE=): ~nobody-here/tasks.jsonl has no home folder behind its ~: "
        "name it in full"
    ),
    "cost --ms=0": "Invalid value for '--milliseconds' / '--ms' (MS=): '0' is not a number from 1 to 900000",
    "bench --calls=0": "Invalid value for '--calls': '0' is not a number of at least 1",
    "compatibility": "Missing argument 'revision'.",
    "cost-change": "Missing argument 'revision'.",
    "url --loud": "No such option: --loud",
    "xyzzy": "No such command 'xyzzy'.",
}


@pytest.mark.parametrize(("words", "answer"), MISUSES.items(), ids=MISUSES)
def test_misuse_exits_with_2_and_names_the_option_and_its_make_argument(
    words: str, answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert task_manager(*words.split()) == 2

    first, second = capsys.readouterr().err.splitlines()
    assert first == f"error: {answer}"
    assert second.startswith("  See `task-manager")
    assert second.endswith(" --help`.")


def test_misuse_of_the_load_command_names_its_make_argument(capsys: pytest.CaptureFixture[str]) -> None:
    assert load_tests("--users=0") == 2

    assert capsys.readouterr().err.splitlines() == [
        "error: Invalid value for '--users' (USERS=): '0' is not a number from 1 to 200",
        "  See `python -m load --help`.",
    ]


@pytest.mark.parametrize("name", EVERY_COMMAND)
def test_every_command_and_option_is_described_in_its_help(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run, words = (load_tests, []) if name == "load" else (task_manager, [name])
    command = EVERY_COMMAND[name]

    assert run(*words, "--help") == 0

    shown = capsys.readouterr().out
    assert command.help
    assert " ".join(command.help.split()) in " ".join(shown.split())
    options = [one for one in command.params if any(word.startswith("--") for word in one.opts)]
    assert [one.name for one in options if not one.help] == []
    assert [one.opts for one in options if one.opts[0] not in shown] == []
