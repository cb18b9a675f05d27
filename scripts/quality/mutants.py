"""`make mutants`: changes the functions' code in small ways, and reports which changes no test notices.

The work is mutmut's (https://mutmut.readthedocs.io): for each mutation it runs the tests that reach the
mutated function, in a fork that has everything imported. It mutates functions and methods; not what stands
outside of them, nor functions with decorators. Settings: `[tool.mutmut]` in pyproject.toml.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from scripts.base.environment import ensure_environment
from scripts.base.failure import Failure
from scripts.base.paths import REQUIREMENTS, ROOT, WORK_FOLDER
from scripts.base.progress import Steps, Update
from scripts.quality import survivors
from scripts.quality.survivors import Score, Survivor, Verdict

FOLDER = WORK_FOLDER / "mutants"
TREE = FOLDER / "tree"
ENVIRONMENT = FOLDER / "environment"
PYTHON = ENVIRONMENT / "bin/python"
LOG = FOLDER / "log.txt"
ACCEPTED = ROOT / "tests/survivors.toml"
# mutmut's command shows one diff a start, which takes half a second.
_DIFFS = """
import json, sys
from mutmut.mutation.diff_apply import get_diff_for_mutant
print(json.dumps({name: get_diff_for_mutant(name) for name in json.load(sys.stdin)}))
"""


def mutants(module: str = "", jobs: int | None = None) -> int:
    """Mutate a file or folder of services/, or those that tests/survivors.toml names.

    The exit code is 1 where too little is noticed, or a survivor has no reason.
    """
    chosen = [module] if module else survivors.modules(ACCEPTED)
    patterns = [pattern_of(each) for each in chosen]
    reasons = survivors.accepted(ACCEPTED)
    ensure_environment(ENVIRONMENT, REQUIREMENTS / "mutants.txt")
    steps = Steps()
    with steps.step("Copy the tree"):
        _copy_tree()
    with steps.step(f"Mutate {module or 'what tests/survivors.toml names'}") as update:
        _run(patterns, jobs or os.cpu_count() or 1, update)
    found = {name: status for name, status in _statuses().items() if status not in survivors.UNDECIDED}
    if not found:
        raise Failure(f"MODULE: {module} has no functions to mutate")
    with steps.step("Read the survivors"):
        unnoticed = _described(name for name, status in found.items() if status not in survivors.NOTICED)
    by_module = survivors.scores(found)
    return report(by_module, survivors.judged(by_module, unnoticed, reasons))


def pattern_of(module: str) -> str:
    """mutmut's pattern for the mutants of a file or folder, by its path. A Failure if it has no code."""
    path = (ROOT / module).resolve()
    services = (ROOT / "services").resolve()
    is_code = path.suffix == ".py" if path.is_file() else path.is_dir()
    if not is_code or (path != services and services not in path.parents):
        wanted = "a Python file or a folder in services/, such as services/core/task.py or services/reactions"
        raise Failure(f"MODULE is {module!r}: give {wanted}")
    return ".".join(path.relative_to(ROOT.resolve()).with_suffix("").parts) + ".*"


def report(by_module: dict[str, Score], verdict: Verdict) -> int:
    """Print the scores and what is wrong; the exit code."""
    console = Console(highlight=False)
    table = Table("module", "mutations", "noticed", "share", box=None, pad_edge=False)
    for name, score in by_module.items():
        table.add_row(name, str(score.all), str(score.noticed), f"{score.share:.0%}")
    whole = verdict.total
    table.add_row("all", str(whole.all), str(whole.noticed), f"{whole.share:.1%}", style="bold")
    console.print(table)
    if verdict.gone:
        console.print(
            f"\n{len(verdict.gone)} accepted survivors are gone: take them out of tests/survivors.toml"
        )
        _print_each(console, verdict.gone)
    if verdict.unexplained:
        console.print("\nNot noticed, and without a reason:")
        _print_each(console, verdict.unexplained)
    for problem in verdict.problems:
        console.print(f"[red]✗[/] {problem}")
    return 1 if verdict.problems else 0


def _print_each(console: Console, listed: Iterable[Survivor]) -> None:
    for survivor in listed:
        console.print(f"  {survivor}", markup=False, soft_wrap=True)


def _copy_tree() -> None:
    """A fresh copy of the files that git knows or would add: mutmut writes beside them."""
    shutil.rmtree(TREE, ignore_errors=True)
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Failure("git cannot list the files: run this in a clone of the repository")
    for name in filter(None, done.stdout.split("\0")):
        if (ROOT / name).is_file():
            (TREE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, TREE / name)


def _run(patterns: list[str], jobs: int, update: Update) -> None:
    command = [str(PYTHON), "-m", "mutmut", "run", "--max-children", str(jobs), *patterns]
    with (
        LOG.open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command, cwd=TREE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process,
    ):
        for line in process.stdout or ():  # text mode ends lines at \r, too
            log.write(line)
            update(progress_in(line) or "run the tests that the mutants will meet")
    if process.returncode:
        raise Failure(f"mutmut failed: {LOG.relative_to(ROOT)} says why; `make unit` should pass first")


def progress_in(line: str) -> str | None:
    """How far mutmut's line of progress says it is: `12 of 240, 3 not noticed`; None in any other line."""
    found = re.search(r"(\d+)/(\d+)  .*🙁 (\d+)", line)
    return f"{found[1]} of {found[2]}, {found[3]} not noticed" if found else None


def _statuses() -> dict[str, str]:
    return survivors.statuses(_asked(["-m", "mutmut", "results", "--all", "true"]))


def _described(names: Iterable[str]) -> list[Survivor]:
    diffs = json.loads(_asked(["-c", _DIFFS], json.dumps(list(names))))
    return [survivors.survivor_of(name, diff) for name, diff in diffs.items()]


def _asked(words: list[str], given: str = "") -> str:
    done = subprocess.run([str(PYTHON), *words], cwd=TREE, input=given, capture_output=True, text=True)
    if done.returncode:
        raise Failure(
            f"mutmut's results cannot be read: {(done.stderr.strip() or 'no output').splitlines()[-1]}"
        )
    return done.stdout
