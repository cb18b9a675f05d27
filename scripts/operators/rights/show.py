"""`make rights [FN=] [WRITE=1]`: what each function used, is granted, and was denied."""

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from scripts.base.failure import Failure
from scripts.base.functions import Function, Right, function_map
from scripts.base.paths import FUNCTIONS, ROOT, WORK_FOLDER
from scripts.clouds import decisions
from scripts.deployments.record import StackRecord
from scripts.operators.rights.entries import Pair, as_text, exact, pairs, rewritten
from scripts.operators.rights.uses import OF_TESTS, RECORD, Use, load, uses

NEVER_USED, NOT_GRANTED, BROKEN, NAMELESS = (
    "granted, never used",
    "used, not granted",
    "denied by `make break`, or not deployed yet",
    "no name in local.resources of infra/functions.tf",
)


@dataclass(frozen=True)
class Row:
    """One action on one resource, as a function's role has it and as its calls had it."""

    action: str
    on: str
    used: bool
    granted: bool
    denied: bool
    note: str = ""


def rights(name: str = "", *, write: bool = False) -> None:
    """`make rights`: print the table and the entries that would be exact; with `write`, write those."""
    console = Console(highlight=False, soft_wrap=True)
    seen = [*local_uses(), *load(OF_TESTS)]
    if not seen:
        raise Failure("no call of a function is on record: use the API after `make up`, or run the tests")
    console.print(sources(), style="dim")
    for function in chosen(name):
        entry, of_it = function_map()[function], [use for use in seen if use.function == function]
        verdict = verdict_on(entry, of_it)
        console.print(f"\n[bold]{function}[/]" + (f": {verdict}" if verdict else ""))
        for row in table(entry, of_it):
            console.print(as_line(row))
        if not verdict:
            wanted = wanted_rights(entry, of_it)
            console.print(as_text(wanted), style="yellow", markup=False)
            if write:
                FUNCTIONS.write_text(rewritten(FUNCTIONS.read_text("utf-8"), function, wanted), "utf-8")
                console.print(f"  written to {os.path.relpath(FUNCTIONS, ROOT)}: make up deploys it")


def verdict_on(function: Function, seen: Collection[Use]) -> str:
    """What is to be said of a function's entry; empty if its rights should change."""
    if wanted_rights(function, seen) != function.rights:
        return ""
    return "exact" if seen or not function.rights else "not called yet"


def local_uses() -> list[Use]:
    """What functions did on the local cloud; it need not run any more."""
    stack = StackRecord.load(WORK_FOLDER)
    return list(uses(decisions.read(RECORD), stack.outputs)) if stack else []


def sources() -> str:
    """Which records there are, and how old they are."""
    of = {"the local cloud": RECORD, "the integration tests": OF_TESTS}
    return "Seen: " + "; ".join(f"by {name}, {_age(path)}" for name, path in of.items() if path.exists())


def _age(path: Path) -> str:
    return f"{datetime.fromtimestamp(path.stat().st_mtime, UTC):%Y-%m-%d %H:%M} UTC"


def chosen(name: str) -> list[str]:
    """The functions with this (part of a) name."""
    wanted = name.replace("-", "_")
    exactly = [function for function in function_map() if function == wanted]
    if found := exactly or [function for function in function_map() if wanted in function]:
        return found
    raise Failure(f"there is no function {name}: FN is one of {', '.join(function_map())}")


def table(function: Function, seen: Iterable[Use]) -> Iterator[Row]:
    """A row for each right that the function has or that its calls needed."""
    granted, reasons = set(pairs(function.rights)), _reasons(function.rights)
    allowed = {(use.action, use.on) for use in seen if use.allowed}
    denied = {(use.action, use.on) for use in seen if not use.allowed}
    nameless = {use.on for use in seen if not use.named}
    for action, on in sorted(granted | allowed | denied, key=lambda pair: (pair[1], pair[0])):
        pair = (action, on)
        note = reasons.get(pair, "")
        if pair not in granted:
            note = NAMELESS if on in nameless else NOT_GRANTED
        elif pair in denied and pair not in allowed:
            note = BROKEN
        elif pair not in allowed:
            note = note or NEVER_USED
        yield Row(action, on, pair in allowed, pair in granted, pair in denied, note)


def _reasons(granted: Iterable[Right]) -> dict[Pair, str]:
    return {pair: right.reason for right in granted if right.reason for pair in pairs([right])}


def as_line(row: Row) -> str:
    """A row of the table, for a terminal."""
    marks = [("used", row.used), ("granted", row.granted), ("denied", row.denied)]
    shown = " ".join(name if is_so else "·".ljust(len(name)) for name, is_so in marks)
    line = f"  {row.action:25} {row.on:25} {shown}"
    return f"{line}  [red]{row.note}[/]" if row.note else line.rstrip(" ·")


def wanted_rights(function: Function, seen: Collection[Use]) -> tuple[Right, ...]:
    """The rights that the function's calls needed, denied ones included; unchanged if it was not called."""
    needed = {(use.action, use.on) for use in seen if use.named}
    return exact(function.rights, needed) if seen else function.rights


def unused(seen: Iterable[Use]) -> Iterator[tuple[str, str, str]]:
    """Function, action, resource of each right that is granted without a reason and was never used."""
    by_function: dict[str, list[Use]] = {}
    for use in seen:
        by_function.setdefault(use.function, []).append(use)
    for name, function in function_map().items():
        for row in table(function, by_function.get(name, ())):
            if row.note == NEVER_USED:
                yield name, row.action, row.on
