"""Insertions into Python source, at positions that its syntax tree gives.

Layout and the order of imports are left to ruff, which runs over every touched file afterwards.
"""

import ast
from collections.abc import Sequence
from typing import TypeVar

from scripts.base.failure import Failure

Node = TypeVar("Node")


def with_element(source: str, name: str, element: str) -> str:
    """Source with one more element, or `key: value`, at the end of the collection that a module calls `name`.

    `name.keyword` is the argument of a call. Of a comprehension over a tuple, the tuple is extended, and of a
    `Literal`, its values. Raises Failure where there is no such collection.
    """
    variable, _, keyword = name.partition(".")
    node = _assigned(source, variable)
    if keyword and isinstance(node, ast.Call):
        node = _first([each.value for each in node.keywords if each.arg == keyword], name)
    if isinstance(node, ast.DictComp):
        node = node.generators[0].iter
    if isinstance(node, ast.Subscript):
        node = node.slice
    if isinstance(node, ast.Dict):
        elements: list[ast.expr] = list(node.values)
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        elements = node.elts
    elif isinstance(node, ast.Constant):  # a Literal of one value
        elements = [node]
    else:
        raise Failure(f"{name} is no collection any more: scripts/scaffolding expects one there")
    if elements:
        return _inserted(source, _end(source, elements[-1]), f", {element}")
    # Within the brackets; a tuple of one needs its comma.
    return _inserted(source, _end(source, node) - 1, f"{element},")


def with_import(source: str, line: str) -> str:
    """Source with one more import, after the last one of the module, unless it is there."""
    if line in source.splitlines():
        return source
    imports = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    if not imports:
        raise Failure(f"there is no import after which {line!r} could stand")
    return _inserted(source, _end(source, imports[-1]), f"\n{line}")


def with_typing_import(source: str, line: str) -> str:
    """Source with one more import under `if TYPE_CHECKING`, unless it is there."""
    blocks = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
    ]
    block = _first(blocks, "if TYPE_CHECKING")
    if f"    {line}" in source.splitlines():
        return source
    return _inserted(source, _end(source, block.body[-1]), f"\n    {line}")


def with_statement_before(source: str, name: str, statement: str) -> str:
    """Source with a class or function above the line that assigns `name`, and above its comment."""
    found = _first([node for node in ast.parse(source).body if name in _targets(node)], name)
    lines = source.splitlines(keepends=True)
    line = found.lineno - 1
    while lines[line - 1].startswith("#"):
        line -= 1
    return "".join([*lines[:line], f"{statement.strip()}\n\n\n", *lines[line:]])


def with_member(source: str, class_name: str, member: str) -> str:
    """Source with one more method or attribute at the end of a class; `member` is not indented."""
    classes = [
        node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == class_name
    ]
    found = _first(classes, class_name)
    indented = "".join(f"    {line}\n" if line else "\n" for line in member.strip().splitlines())
    return _inserted(source, _end(source, found.body[-1]), f"\n\n{indented.rstrip()}")


def _assigned(source: str, name: str) -> ast.expr:
    values = [
        node.value
        for node in ast.parse(source).body
        if name in _targets(node) and isinstance(node, ast.Assign | ast.AnnAssign) and node.value
    ]
    return _first(values, name)


def _first(found: Sequence[Node], name: str) -> Node:
    if not found:
        raise Failure(f"nothing is called {name} any more: scripts/scaffolding expects it there")
    return found[0]


def _targets(node: ast.stmt) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _end(source: str, node: ast.expr | ast.stmt) -> int:
    """Where a node ends, in characters; syntax trees count lines from one and columns in bytes."""
    lines = source.splitlines(keepends=True)
    assert node.end_lineno is not None  # noqa: S101 - every parsed node has its position
    assert node.end_col_offset is not None  # noqa: S101
    column = len(lines[node.end_lineno - 1].encode()[: node.end_col_offset].decode())
    return sum(map(len, lines[: node.end_lineno - 1])) + column


def _inserted(text: str, place: int, more: str) -> str:
    return text[:place] + more + text[place:]
