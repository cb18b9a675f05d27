"""The calls of AWS that a command of scripts/deployments can make, read from its code.

What a function mentions by name it may call, and what it calls may be any function or method of that name:
so a call on a path that no test takes is found, too. Operations are found by their names in boto3, as
methods or as strings (`getattr`, paginators and waiters).
"""

import ast
import contextlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore.session
from botocore import xform_name
from botocore.exceptions import UnknownServiceError

from scripts.base.paths import ROOT

FOLDER = ROOT / "scripts/deployments"
# Modules for local clouds, where no role of CI is in force.
LOCAL = {"code", "down", "issuer", "leftovers", "record", "show", "stack", "states", "up", "warming"}


def calls_of(module: str, command: str) -> set[tuple[str, str]]:
    """Service, by its name in AWS's SDK, and operation: `("Lambda", "GetAlias")`."""
    reached = list(_reached(FOLDER / f"{module}.py", command))
    named = {name for code in reached for name in _mentioned(code) | _strings(code)}
    used = {service for code in reached for service in _services(code)}
    return {call for service in used for name, call in _operations(service).items() if name in named}


def _reached(file: Path, command: str) -> Iterator[ast.AST]:
    """The command, and all that it may call, once each."""
    start = [code for name, code in _named(file) if name == command]
    assert start, f"{file} has no {command}"
    everything: dict[str, list[ast.AST]] = {}
    for other in sorted(FOLDER.rglob("*.py")):
        if other.stem not in LOCAL:
            for name, code in _named(other):
                everything.setdefault(name, []).append(code)
    waiting, seen = start.copy(), set(start)
    while waiting:
        code = waiting.pop()
        yield code
        for name in _mentioned(code):
            more = [one for one in everything.get(name, []) if one not in seen]
            seen.update(more)
            waiting.extend(more)


@cache
def _named(file: Path) -> list[tuple[str, ast.AST]]:
    """Functions, methods and constants of a module, by the name under which code mentions them."""
    found: list[tuple[str, ast.AST]] = []
    for part in ast.parse(file.read_text(encoding="utf-8")).body:
        match part:
            case (
                ast.FunctionDef(name=name)
                | ast.Assign(targets=[ast.Name(id=name)])
                | ast.AnnAssign(target=ast.Name(id=name))
            ):
                found.append((name, part))
            case ast.ClassDef(name=name, body=body):
                methods = [one for one in body if isinstance(one, ast.FunctionDef)]
                # Python calls special methods wherever the class is used.
                found += [(name if one.name.startswith("__") else one.name, one) for one in methods]
    return found


def _mentioned(code: ast.AST) -> set[str]:
    names = {part.id for part in ast.walk(code) if isinstance(part, ast.Name)}
    return names | {part.attr for part in ast.walk(code) if isinstance(part, ast.Attribute)}


def _strings(code: ast.AST) -> set[str]:
    constants = (part.value for part in ast.walk(code) if isinstance(part, ast.Constant))
    return {value for value in constants if isinstance(value, str)}


def _services(code: ast.AST) -> Iterator[str]:
    """Names of services in the likes of `client("lambda")` and `account.client("lambda")`."""
    for part in ast.walk(code):
        match part:
            case ast.Call(
                func=ast.Name(id="client") | ast.Attribute(attr="client" | "_client"),
                args=[ast.Constant(value=str(service)), *_],
            ):
                yield service


@cache
def _operations(service: str) -> dict[str, tuple[str, str]]:
    """The calls of a service, by the names of operations and waiters in boto3."""
    session = botocore.session.get_session()
    model = session.get_service_model(service)
    found: dict[str, tuple[str, str]] = {
        xform_name(name): (model.service_id, name) for name in model.operation_names
    }
    with contextlib.suppress(UnknownServiceError):  # it has no waiters
        waiters = session.get_waiter_model(service)
        for name in waiters.waiter_names:
            found.setdefault(xform_name(name), (model.service_id, waiters.get_waiter(name).operation))
    return found
