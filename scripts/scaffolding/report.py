"""Writing what was added, the documents that follow from it, and a short report."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from scripts.base.failure import Failure
from scripts.base.paths import PROJECT_ENVIRONMENT, ROOT
from scripts.documents.everything import require_places
from scripts.scaffolding.changes import Changes

# What is generated from the models and the function map.
GENERATED = (
    "docs/openapi.json, docs/asyncapi.json, docs/events",
    "README.md, docs/architecture.md, docs/costs.md",
    "clients, where the API's document has changed",
)

DOCUMENTS = ". The code is complete: once this is put right, `make openapi docs clients` writes the documents"


@dataclass(frozen=True)
class Added:
    """What was added, the file that waits for its rule, the test that fails until then, and what follows."""

    what: str
    rule: str
    test: str
    then: str


def add(changes: Changes, added: Added) -> None:
    """Write the files, have ruff lay them out, write the generated documents, and say what comes next.

    Raises Failure before anything is written if a document has no place for what is computed.
    """
    require_places()
    files = changes.write()
    code = [file for file in files if file.endswith(".py")]
    _run([str(PROJECT_ENVIRONMENT / "bin/ruff"), "check", "--quiet", "--fix", "--select", "I", *code])
    _run([str(PROJECT_ENVIRONMENT / "bin/ruff"), "format", "--quiet", *code])
    # A process of its own: this one has imported the code from before.
    _run([str(PROJECT_ENVIRONMENT / "bin/python"), "-m", "scripts.documents.everything"], DOCUMENTS)
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[green]✓[/] {added.what}")
    _print(console, "new", changes.created)
    _print(console, "edited", changes.edited)
    _print(console, "generated", GENERATED)
    console.print(f"\nThis fails until the rule is written: [bold]{added.rule}[/]")
    console.print(f"  .venv/bin/python -m pytest {added.test}", markup=False)
    console.print(f"Then: {added.then}", markup=False)


def _print(console: Console, title: str, files: Sequence[str]) -> None:
    for number, file in enumerate(files):
        console.print(f"  [dim]{title if number == 0 else '':<10}[/]{file}")


def _run(command: Sequence[str], remedy: str = "") -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        failed = " ".join(command[1:4])
        told = f"{done.stdout}{done.stderr}".rstrip()
        raise Failure(f"`{failed}` failed; `git diff` shows what was written{remedy}\n{told}")
