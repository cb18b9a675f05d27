"""A pytest plugin: collects which rights the functions used in the integration tests.

Each process notes what was used on its stack; the one that reports writes all of it down for `make rights`.
After a run of the whole suite, a right that was never used and has no reason fails the run.
"""

from collections.abc import Iterable
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest

from scripts.clouds import decisions
from scripts.operators.rights.show import unused
from scripts.operators.rights.uses import OF_TESTS, Use, save, uses

USES = pytest.StashKey[set[Use]]()
WATCHED = pytest.StashKey[tuple[Path, dict[str, Any]]]()
# Arguments of pytest that stand for all of the integration tests.
WHOLE = {"tests", "tests/integration"}


def watch_uses(config: pytest.Config, folder: Path, outputs: dict[str, Any]) -> None:
    """From now on, what the functions of a deployment did is noted from the record of its cloud."""
    config.stash[WATCHED] = (folder / decisions.FILE, outputs)


def note_uses(config: pytest.Config) -> None:
    """Take what the functions of the watched deployment did so far; nothing where none is watched."""
    if WATCHED in config.stash:
        record, outputs = config.stash[WATCHED]
        _noted(config).update(uses(decisions.read(record), outputs))


def _noted(config: pytest.Config) -> set[Use]:
    return config.stash.setdefault(USES, set())


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what was noted in a worker."""
    _noted(node.config).update(Use(*one) for one in getattr(node, "workeroutput", {}).get("uses", ()))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Hand what was noted to the process that reports; there, write it down and judge it."""
    noted = _noted(session.config)
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["uses"] = [astuple(use) for use in noted]
    elif noted:
        save(noted, OF_TESTS)
        if exitstatus == pytest.ExitCode.OK and ran_whole(session.config) and list(unused(noted)):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show how many rights were used and which were not, after a run of the whole suite."""
    if (noted := _noted(config)) and ran_whole(config):
        for line in summary(noted):
            terminalreporter.write_line(line)


def ran_whole(config: pytest.Config) -> bool:
    """Whether no integration test was left out."""
    chosen = {Path(argument).as_posix().rstrip("/") for argument in config.args}
    return bool(chosen & WHOLE) and not (config.option.keyword or config.option.markexpr)


def summary(noted: Iterable[Use]) -> list[str]:
    """The report: how many rights were used, and the others by name."""
    seen = list(noted)
    idle = [f"  {function}: {action} on {on}" for function, action, on in unused(seen)]
    used = {(use.function, use.action, use.on) for use in seen if use.allowed}
    return [
        f"Rights of the functions: {len(used)} used, {len(idle)} granted and never used (make rights)",
        *idle,
    ]
