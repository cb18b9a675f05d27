"""`make verify [ENV=local|dev|prod] [ONLY=api,events] [WAIT=300]`: does a deployment do what it promises?"""

import contextlib
import os
import sys
import time

import httpx
import pytest
from rich.console import Console

from scripts.base.failure import Failure
from scripts.base.paths import ROOT, WORK_FOLDER
from scripts.base.progress import Steps
from scripts.deployments.aws.bearer import claims_of, scopes_of
from scripts.deployments.target import LOCAL, Target, chosen_target
from scripts.deployments.tokens import api_client, token_for
from scripts.operators.verification.made import journal
from scripts.operators.verification.removal import Removal
from scripts.operators.verification.report import Check, Outcome, Report
from scripts.operators.verification.run import SECTIONS, Checks, Run
from services.core.callers import Scope

CHECKS = ROOT / "tests/verify"
REPORT = ROOT / "build/verify"
# Replaces the options in pyproject.toml: the checks are no tests of the code and have a report of their own.
ARGUMENTS = (
    *("-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT)),
    *("-o", "addopts=", "-o", "python_files=check_*.py", "--import-mode=importlib", "--strict-markers"),
    *("--capture=sys", "-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:schemathesis"),
    *("--session-timeout", "3600"),
)
FIRST_EVENT_SECONDS = 300.0
# Enough retries for an account that is throttled because others use it, too.
RETRIES = {"AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": "10"}

# How pytest may end without having run every check.
WHY_NOT_ALL: dict[int, str] = {
    pytest.ExitCode.INTERRUPTED: "interrupted",
    pytest.ExitCode.INTERNAL_ERROR: "pytest failed",
    pytest.ExitCode.USAGE_ERROR: "pytest could not start",
    pytest.ExitCode.NO_TESTS_COLLECTED: "no check was found",
}

DOES = """\
Checks a deployment as its clients and operators use it. For that it
  - creates some 150 tasks, a quarter of them with an approval: subscribers are notified
  - puts a message into a queue and one into a dead-letter queue: the alarm on dead letters may go off
  - adds a rule to the event bus, a subscription to the notifications, and a queue for each
and removes all of it at the end, also when interrupted. Archived events and log lines stay."""


def verify_deployment(environment: str = "", only: str = "", wait: float = FIRST_EVENT_SECONDS) -> int:
    """`make verify`: 0 if everything was verified and passed, 1 if a check failed, else 2.

    `wait` is how many seconds the first event may take.
    """
    environment, sections = environment or LOCAL, chosen_sections(only)
    for name, value in RETRIES.items():
        os.environ.setdefault(name, value)
    steps = Steps()
    steps.say(DOES)
    target = chosen_target(environment, change="Creates and removes these tasks and messages")
    require_every_scope(target)
    steps.say(f"\n{environment}: {target.outputs['api_url']}")
    with journal(WORK_FOLDER / "verify", f"{environment}-{target.outputs['api_id']}") as made:
        return verify(Run(target, made, environment, wait), sections, steps)


def verify(run: Run, sections: tuple[str, ...], steps: Steps) -> int:
    """Run the checks, remove what they made, and report."""
    started = time.monotonic()
    # Pytest replaces sys.stdout while checks run.
    console = Console(file=sys.stdout, highlight=False)
    outputs = run.target.outputs
    report = Report(run.environment, outputs["api_url"], outputs["auth"]["mode"])
    if run.made:
        remove(run, steps, "Cleaning up after a run that was killed")
    checks = Checks(run, report, console, sections)
    ended: int = pytest.ExitCode.INTERRUPTED
    try:
        ended = pytest.main([*ARGUMENTS, str(CHECKS)], plugins=[checks])
    finally:
        if why := WHY_NOT_ALL.get(ended, "out of time" if checks.not_run else ""):
            outcome = Outcome.NOT_VERIFIED if checks.not_run else Outcome.FAILED
            report.add(Check("make verify", f"{checks.not_run} more checks", outcome, came=why))
        report.made = f"{len(run.made.tasks)} tasks of {len(run.made.users)} users"
        left = remove(run, steps, f"Cleaning up: {report.made}")
        outcome = Outcome.FAILED if left else Outcome.PASSED
        report.add(Check("cleanup", "nothing is left", outcome, expected="nothing", came="; ".join(left)))
        report.seconds = time.monotonic() - started
        report.write(REPORT)
    report.show(console)
    console.print(os.path.relpath(REPORT / "report.md"), style="dim", soft_wrap=True)
    if ended == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    return report.exit_code


def remove(run: Run, steps: Steps, title: str) -> list[str]:
    """Remove what was made; gives what is left."""
    with steps.step(title) as update, contextlib.ExitStack() as stack:
        try:
            api: httpx.Client | None = stack.enter_context(api_client(run.target, "verify"))
        except (Failure, httpx.HTTPError):
            api = None  # no token: delete from the tables instead
        return Removal(run.target, run.made, api, run.patience).run(update)


def chosen_sections(only: str) -> tuple[str, ...]:
    """The sections that ONLY names; all by default."""
    wanted = only.replace(",", " ").split()
    if unknown := set(wanted) - set(SECTIONS):
        raise Failure(
            f"there is no section {', '.join(sorted(unknown))}: ONLY has some of {', '.join(SECTIONS)}"
        )
    return tuple(wanted) or SECTIONS


def require_every_scope(target: Target) -> None:
    """Raise a Failure before anything is created if the token lacks a scope: checks act for random users."""
    token = token_for(target, "verify", tuple(Scope))
    claims = claims_of(token) if token else {}
    if not claims:  # then the API decides
        return
    given = scopes_of(claims) or []
    if missing := [scope for scope in Scope if scope not in given]:
        raise Failure(f"the token lacks {', '.join(missing)}: set API_TOKEN to one with every scope")
