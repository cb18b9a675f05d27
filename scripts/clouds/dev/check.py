"""Imports all handlers of the working tree whenever it is asked to, and reports the first error.

`python -I check.py ROOT TREE SPARE`: each line on standard input asks; the answer is a line of JSON: an error
with its file and line, or null. A tree that could be imported is copied to SPARE. This is a process of its
own because commands work with modules of the tree themselves; it ends with its standard input.
"""

import json
import shutil
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.append(sys.argv[1])

from scripts.clouds.dev.live_code import PACKAGE, LiveCode, describe

MAP = "services/functions.json"


def main(tree: Path, spare: Path) -> None:
    """Answer until standard input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr
    code = LiveCode()
    for _ in sys.stdin:
        print(json.dumps(check(code, tree, spare)), file=answers, flush=True)


def check(code: LiveCode, tree: Path, spare: Path) -> str | None:
    """Import all handlers; the error in a line, or None if there is none."""
    try:
        handlers = [entry["handler"] for entry in _entries(tree)]
        modules = code.load(tree, [handler.rpartition(".")[0] for handler in handlers])
        for handler, module in zip(handlers, modules, strict=True):
            getattr(module, handler.rpartition(".")[2])
    except Exception as error:
        return describe(error, tree)
    _copy(tree / PACKAGE, spare / PACKAGE)
    return None


def _entries(tree: Path) -> list[dict[str, str]]:
    content = json.loads((tree / MAP).read_text(encoding="utf-8"))
    return [entry for name, entry in content.items() if name != "$schema"]


def _copy(source: Path, target: Path) -> None:
    """Copy what differs by time or size, and remove what is not in the source."""
    wanted = {path.relative_to(source) for path in source.rglob("*.py")}
    for path in target.rglob("*.py"):
        if path.relative_to(target) not in wanted:
            path.unlink()
    for name in wanted:
        original, copy = source / name, target / name
        if not copy.exists() or original.stat()[6:9:2] != copy.stat()[6:9:2]:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(original, copy)


if __name__ == "__main__":
    main(Path(sys.argv[2]), Path(sys.argv[3]))
