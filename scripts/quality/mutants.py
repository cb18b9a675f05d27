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
from scripts.base.files import digest_of
from scripts.base.paths import REQUIREMENTS, ROOT, WORK_FOLDER
from scripts.base.progress import Steps, Update
from scripts.quality import survivors
from scripts.quality.survivors import Mutant, Report

FOLDER = WORK_FOLDER / "mutants"
TREE = FOLDER / "tree"
BEGUN = FOLDER / "begun.txt"  # the digest of the files in the tree, once mutations are being run
ENVIRONMENT = FOLDER / "environment"
PYTHON = ENVIRONMENT / "bin/python"
LOG = FOLDER / "log.txt"
ACCEPTED = ROOT / "tests/survivors.toml"
# mutmut's own command shows one diff a start, which takes half a second.
_RESULTS = """
import json
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
found = []
for path in walk_mutatable_files():
    data = SourceFileMutationData(path=path)
    data.load()
    for name, code in data.exit_code_by_key.items():
        status = status_by_exit_code[code]
        found.append((name, status, "" if status == "killed" else get_diff_for_mutant(name, path=path)))
print(json.dumps(found))
"""


def mutants(module: str = "", jobs: int | None = None) -> int:
    """Mutate all of services/, or a file or folder of it, and report; a run that was ended is gone on with.

    The exit code is 1 where too little is noticed, or a survivor has no reason.
    """
    prefix = prefix_of(module or "services")
    accepted = survivors.read(ACCEPTED)
    ensure_environment(ENVIRONMENT, REQUIREMENTS / "mutants.txt")
    steps = Steps()
    with steps.step("Copy the tree"):
        digest = _copy_tree()
    with steps.step(f"Mutate {module or 'services'}") as update:
        _run([f"{prefix}*"] if module else [], jobs or os.cpu_count() or 1, digest, update)
    with steps.step("Read the survivors"):
        found = [mutant for mutant in _results() if mutant.name.startswith(prefix)]
    if not found:
        raise Failure(f"MODULE: {module} has no functions to mutate")
    return show(survivors.report(found, accepted))


def prefix_of(module: str) -> str:
    """What mutmut's names for the mutants of a file or folder begin with. A Failure if it has no code."""
    path = (ROOT / module).resolve()
    services = (ROOT / "services").resolve()
    is_code = path.suffix == ".py" if path.is_file() else path.is_dir()
    if not is_code or (path != services and services not in path.parents):
        wanted = "a Python file or a folder in services/, such as services/core/task.py or services/reactions"
        raise Failure(f"MODULE is {module!r}: give {wanted}")
    return ".".join(path.relative_to(ROOT.resolve()).with_suffix("").parts) + "."


def show(report: Report) -> int:
    """Print the scores and what is wrong; the exit code."""
    console = Console(highlight=False)
    table = Table("module", "mutations", "noticed", "share", box=None, pad_edge=False)
    for name, score in report.scores.items():
        table.add_row(name, str(score.all), str(score.noticed), f"{score.share:.0%}")
    whole = report.total
    table.add_row("all", str(whole.all), str(whole.noticed), f"{whole.share:.1%}", style="bold")
    console.print(table)
    if report.gone:
        console.print(
            f"\n{len(report.gone)} accepted survivors are gone: take them out of tests/survivors.toml"
        )
        _print_each(console, report.gone)
    if report.open:
        console.print("\nNot noticed, in modules that were not looked through yet:")
        _print_each(console, report.open)
    if report.unexplained:
        console.print("\nNot noticed, and without a reason:")
        _print_each(console, report.unexplained)
    for problem in report.problems:
        console.print(f"[red]✗[/] {problem}")
    return 1 if report.problems else 0


def _print_each(console: Console, listed: Iterable[str]) -> None:
    for change in listed:
        console.print(f"  {change}", markup=False, soft_wrap=True)


def _copy_tree() -> str:
    """Copy the files that git knows or would add, as mutmut writes beside them; the digest of all.

    A tree in which mutations of the same files were being run stays: mutmut goes on with the rest.
    """
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Failure("git cannot list the files: run this in a clone of the repository")
    names = [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]
    digest = digest_of(ROOT / name for name in names)
    if BEGUN.exists() and BEGUN.read_text() == digest:
        return digest
    BEGUN.unlink(missing_ok=True)
    shutil.rmtree(TREE, ignore_errors=True)
    for name in names:
        (TREE / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, TREE / name)
    return digest


def _run(patterns: list[str], jobs: int, digest: str, update: Update) -> None:
    """Run the mutations that match; without patterns, those that have no result yet."""
    command = [str(PYTHON), "-m", "mutmut", "run", "--max-children", str(jobs), *patterns]
    with (
        LOG.open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command, cwd=TREE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process,
    ):
        for line in process.stdout or ():  # text mode ends lines at \r, too
            log.write(line)
            progress = progress_in(line)
            update(progress or "run the tests that the mutants will meet")
            if progress and not BEGUN.exists():
                BEGUN.write_text(digest)
    if process.returncode:
        raise Failure(f"mutmut failed: {LOG.relative_to(ROOT)} says why; `make unit` should pass first")


def progress_in(line: str) -> str | None:
    """How far mutmut's line of progress says it is: `12 of 240, 3 not noticed`; None in any other line."""
    found = re.search(r"(\d+)/(\d+)  .*🙁 (\d+)", line)
    return f"{found[1]} of {found[2]}, {found[3]} not noticed" if found else None


def _results() -> list[Mutant]:
    done = subprocess.run([str(PYTHON), "-c", _RESULTS], cwd=TREE, capture_output=True, text=True)
    if done.returncode:
        raise Failure(
            f"mutmut's results cannot be read: {(done.stderr.strip() or 'no output').splitlines()[-1]}"
        )
    return [Mutant(*each) for each in json.loads(done.stdout)]
