"""What another name changes beside itself: the order of imports and documents, line lengths, columns.

The template's own commands put it right, in the renamed copy. They need the packages of requirements/dev.txt;
where copier runs without them, the project's `make fmt openapi clients docs` does it later. Standard library
only.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LINE_LENGTH = 110
CODE = ("services", "scripts", "load", "tests")
LATER = "run `make fmt openapi clients docs` in the project"
# Folders of tools, each with the file that says what is in it: ours serve where that is the same.
TOOLS = {
    ".local/terraform": "requirements/terraform.txt",
    ".local/node": "requirements/node.txt",
    ".local/javascript": "services/console/package-lock.json",
    ".local/clients/environment": "requirements/client-generator.txt",
    ".local/clients/typescript": "scripts/documents/clients/package-lock.json",
}
_PYTHON = re.compile(r"(?<=^```python\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
LEFT_BY_TOOLS = frozenset({"__pycache__", ".ruff_cache", ".mypy_cache", ".pytest_cache"})


def finish(stage: Path) -> Iterator[str]:
    """Format the copy and generate its documents anew; gives what could not be done, with the remedy."""
    home = Path(sys.prefix).resolve()  # of a link to another tree's environment, that tree
    if not (home / "bin/ruff").exists() or not (home / "bin/lint-imports").exists():
        yield f"formatting and documents need the packages of requirements/dev.txt: {LATER}"
        return
    (stage / ".venv").symlink_to(home)
    _borrow_tools(home.parent, stage)
    _run(stage, "-m", "scripts", "lint", "--fix")
    wrap_long_lines(stage)
    _run(stage, "-m", "ruff", "format", "--no-cache", "--quiet", *CODE)
    sort_imports_of_pages(stage)
    for document in ("openapi", "clients", "docs", "roles"):
        if trouble := _run(stage, "-m", "scripts", document):
            yield f"`scripts {document}` failed: {trouble}; {LATER}"


def files_of(stage: Path) -> list[Path]:
    """The copy's files, without what the tools have left there."""
    found = []
    for folder, folders, files in os.walk(stage):
        here = Path(folder)
        outside = LEFT_BY_TOOLS | ({".git", ".local", ".venv", "build"} if here == stage else set())
        folders[:] = [name for name in folders if name not in outside]
        found += [here / name for name in files if name not in outside]
    return sorted(found)


def sort_imports_of_pages(stage: Path) -> None:
    """Put the imports of Python in docs in order: the tutorial's blocks become files."""
    sort = ["-m", "ruff", "check", "--no-cache", "--quiet", "--fix", "--exit-zero", "--select", "I001"]

    def in_order(block: re.Match[str]) -> str:
        done = subprocess.run(
            [sys.executable, *sort, "--stdin-filename", "services/core/block.py", "-"],
            cwd=stage, input=block[0], capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    for page in sorted((stage / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        page.write_text(_PYTHON.sub(in_order, text), encoding="utf-8")


def wrap_long_lines(stage: Path) -> None:
    """Break comments and docstrings that a longer name has made too long; mark lines of code."""
    report = ["-m", "ruff", "check", "--no-cache", "--select", "E501", "--output-format", "json", *CODE]
    done = subprocess.run([sys.executable, *report], cwd=stage, capture_output=True, text=True)
    long: dict[str, list[int]] = {}
    for finding in json.loads(done.stdout or "[]"):
        long.setdefault(finding["filename"], []).append(finding["location"]["row"])
    for name, rows in long.items():
        file = Path(name)
        lines = file.read_text(encoding="utf-8").split("\n")
        for row in sorted(rows, reverse=True):
            lines[row - 1 : row] = broken(lines[row - 1], in_text=_is_in_text(lines, row))
        file.write_text("\n".join(lines), encoding="utf-8")


def broken(line: str, *, in_text: bool) -> list[str]:
    """A long line as two, or with a mark where it is code."""
    if literal := re.fullmatch(r'(\s*)"([^"\\{]*)"', line):  # one of several that follow each other
        at = literal[2].rfind(" ", 0, LINE_LENGTH - len(literal[1]) - 2) + 1
        if at:
            return [f'{literal[1]}"{literal[2][:at]}"', f'{literal[1]}"{literal[2][at:]}"']
    found = re.match(r"\s*(# )?", line)
    lead = found[0] if found else ""
    at = line.rfind(" ", 0, LINE_LENGTH + 1)
    if at <= len(lead) or not (in_text or "# " in lead):
        return [f"{line}  # noqa: E501"]
    return [line[:at], lead + line[at + 1 :]]


def _is_in_text(lines: list[str], row: int) -> bool:
    """Whether a row, counted from 1, is in a docstring: between triple quotes, or on their line."""
    before = sum(line.count('"""') for line in lines[: row - 1])
    return before % 2 == 1 or lines[row - 1].lstrip().startswith('"""')


def _borrow_tools(home: Path, stage: Path) -> None:
    for folder, list_of_them in TOOLS.items():
        theirs, ours = home / list_of_them, stage / list_of_them
        if (home / folder).is_dir() and theirs.is_file() and theirs.read_bytes() == ours.read_bytes():
            (stage / folder).parent.mkdir(parents=True, exist_ok=True)
            (stage / folder).symlink_to(home / folder)


def _run(stage: Path, *arguments: str) -> str:
    """Run Python in the copy; the last line of its errors, or nothing."""
    command = [shutil.which(sys.executable) or sys.executable, *arguments]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    surroundings = {**kept, "PYTHONUTF8": "1"}
    done = subprocess.run(command, cwd=stage, env=surroundings, capture_output=True, text=True)
    if not done.returncode:
        return ""
    return ((done.stdout + done.stderr).strip().splitlines() or ["no reason given"])[-1]
