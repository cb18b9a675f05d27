"""Compile a folder of modules to bytecode that does not depend on this machine; a program of its own.

It runs with the Python that will run the code, which need not be the one that runs the other scripts, and
in a process of its own: what `marshal` writes depends a little on what else the process holds.
"""

import ast
import importlib.util
import marshal
import sys
from pathlib import Path

# Where Lambda unpacks the code: file names in tracebacks of modules that come without their source.
CODE_ROOT = "/var/task"

# Times in the zip are fixed and the code never changes in place, so Python need not compare the two:
# PEP 552, hash-based and unchecked.
UNCHECKED_HASH = (0b01).to_bytes(4, "little")


def main(tree: Path, mode: str) -> None:
    """Compile every module below tree; mode says whether the bytecode goes beside it or instead of it."""
    for source in sorted(tree.rglob("*.py")):
        content = source.read_bytes()
        parsed = ast.parse(content)
        if mode == "instead":
            drop_docstrings(parsed)
            target = source.with_suffix(".pyc")
            source.unlink()
        else:
            target = Path(importlib.util.cache_from_source(str(source)))
            target.parent.mkdir(exist_ok=True)
        name = f"{CODE_ROOT}/{source.relative_to(tree).as_posix()}"
        code = compile(parsed, name, "exec", dont_inherit=True, optimize=0)
        head = importlib.util.MAGIC_NUMBER + UNCHECKED_HASH + importlib.util.source_hash(content)
        target.write_bytes(head + marshal.dumps(code))


def drop_docstrings(module: ast.Module) -> None:
    """Take the documentation out: a tenth of the package. Unlike `-OO` this leaves assertions in."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(module):
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            docstring = node.body.pop(0)
            if not node.body and not isinstance(node, ast.Module):
                node.body.append(ast.copy_location(ast.Pass(), docstring))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
