"""docs/tutorial.md as steps, and a shell that takes them on a copy of the tree.

A `sh` block is run. A `python` block is what the file becomes that the line above it names: a function of
it, where the block holds one alone, or the whole. A comment above a block says more: `<!-- fails -->`,
`<!-- slow -->`, or `<!-- cloud -->` for what needs a local cloud.
"""

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.base.paths import ROOT

PAGE = ROOT / "docs/tutorial.md"
SECONDS = 300
_BLOCK = re.compile(r"^(?P<above>[^\n]*)\n(?:\n)?```(?P<kind>sh|python)\n(?P<text>.*?)^```$", re.M | re.S)
_FILE = re.compile(r"`([\w/]+\.py)` becomes:$")
# The environment is that of the tests: a copy has nothing to install.
_PRELUDE = 'make() { command make --no-print-directory -o environment "$@"; }\n'


@dataclass(frozen=True)
class Step:
    """A block of the page; `file` is what a `python` block goes to."""

    text: str
    file: str = ""
    fails: bool = False
    slow: bool = False


@dataclass(frozen=True)
class Done:
    """What came of commands."""

    code: int
    printed: str


def steps(page: str) -> Iterator[Step]:
    """The blocks of the page, in order."""
    for block in _BLOCK.finditer(page):
        above = page[: block.start("text")].rstrip().removesuffix(f"```{block['kind']}").rstrip()
        marks = re.findall(r"<!-- (\w+) -->$", above)
        if block["kind"] == "sh":
            yield Step(block["text"], fails="fails" in marks, slow=bool({"slow", "cloud"} & set(marks)))
            continue
        named = _FILE.search(above.rpartition("\n")[2])
        assert named, f"no line above names the file of:\n{block['text']}"
        yield Step(block["text"], named[1])


def write(step: Step, root: Path) -> None:
    """Put the code of a block where the page says."""
    file = root / step.file
    (first, *others) = ast.parse(step.text).body
    if others or not isinstance(first, ast.FunctionDef):
        file.write_text(step.text, encoding="utf-8")
        return
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    functions = [node for node in ast.parse("".join(lines)).body if isinstance(node, ast.FunctionDef)]
    (old,) = [node for node in functions if node.name == first.name]
    # A comment may be the end of a function, which the syntax tree does not see.
    last = old.end_lineno or old.lineno
    while last < len(lines) and lines[last].startswith("    #"):
        last += 1
    file.write_text("".join([*lines[: old.lineno - 1], step.text, *lines[last:]]), encoding="utf-8")


def run(lines: str, root: Path, seconds: float = SECONDS) -> Done:
    """Run lines in bash, up to the first that fails, in this folder."""
    # Not what a test of pytest, or an outer make, has set.
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "MAKE", "COV_")) and name != "MFLAGS"
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e"],
        input=_PRELUDE + lines,
        cwd=root, env=kept, capture_output=True, text=True, timeout=seconds,
    )  # fmt: skip
    return Done(done.returncode, done.stdout + done.stderr)
