"""Mutations that the tests did not notice: which there are, which have a reason, and the score."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.base.failure import Failure

LEAST = 0.9
"""The share of mutations that the tests must notice."""
NOTICED = frozenset({"killed", "timeout", "segfault"})
"""Statuses of mutmut: a mutant that hangs or crashes is noticed, as a test run would be."""
UNDECIDED = frozenset({"not checked", "suspicious", "check was interrupted by user"})
_CLASS_MARK = "ǁ"  # mutmut's own, between a class and its method


@dataclass(frozen=True, order=True)
class Survivor:
    """A mutation that no test noticed: the function, and its text before and after.

    mutmut numbers the mutations of a function: a change of it gives the same mutation another number.
    """

    function: str
    was: str
    now: str

    def __str__(self) -> str:
        return f"{self.function}: {self.was} → {self.now}"


@dataclass(frozen=True)
class Score:
    """How many mutations of a module there were, and how many of them the tests noticed."""

    noticed: int
    all: int

    @property
    def share(self) -> float:
        """From 0 to 1; where there was nothing to notice, nothing was missed."""
        return self.noticed / self.all if self.all else 1.0


def statuses(results: str) -> dict[str, str]:
    """The status of each mutant, as `mutmut results --all true` prints them."""
    lines = [line.strip().rpartition(": ") for line in results.splitlines() if "__mutmut_" in line]
    return {mutant: status for mutant, _, status in lines}


def scores(found: Mapping[str, str]) -> dict[str, Score]:
    """The score of each module, by its name."""
    every = Counter(module_of(mutant) for mutant in found)
    noticed = Counter(module_of(mutant) for mutant, status in found.items() if status in NOTICED)
    return {module: Score(noticed[module], every[module]) for module in sorted(every)}


def total(of: Iterable[Score]) -> Score:
    """The score of several modules together."""
    each = list(of)
    return Score(sum(score.noticed for score in each), sum(score.all for score in each))


def module_of(mutant: str) -> str:
    """The module of a mutant, such as `services.core.task`."""
    return mutant.rpartition(".")[0]


def function_of(mutant: str) -> str:
    """The mutated function: `services.core.task.next_version`, or `….Task.as_document` for a method."""
    module, _, name = mutant.partition("__mutmut_")[0].rpartition(".")
    plain = name.removeprefix("x").removeprefix("_" if _CLASS_MARK not in name else _CLASS_MARK)
    return f"{module}.{plain.replace(_CLASS_MARK, '.')}"


def survivor_of(mutant: str, diff: str) -> Survivor:
    """The survivor, from the diff that mutmut shows: lines that changed, without their indentation."""
    changed = [line for line in diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    was, now = (" ".join(line[1:].strip() for line in changed if line[0] == sign) for sign in "-+")
    return Survivor(function_of(mutant), was, now)


def modules(file: Path) -> list[str]:
    """The files and folders whose survivors are held to the score and the reasons, by their paths."""
    return [str(path) for path in _read(file).get("modules", [])]


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise Failure(f"{file.name} is not TOML: {error}") from error


def accepted(file: Path) -> dict[Survivor, str]:
    """The accepted survivors with their reasons. A Failure names the entry that cannot be read."""
    groups = _read(file).get("accepted", [])
    found: dict[Survivor, str] = {}
    for number, group in enumerate(groups, 1):
        reason = str(group.get("reason", "")).strip()
        if not reason:
            raise Failure(f"{file.name}: group {number} of [[accepted]] gives no reason")
        for line in group.get("survivors", []):
            found[_parsed(line, f"{file.name}: group {number}")] = reason
    return found


def _parsed(line: str, place: str) -> Survivor:
    function, colon, change = line.partition(": ")
    was, arrow, now = change.partition(" → ")
    if not (colon and arrow and function.startswith("services.")):
        raise Failure(f"{place}: {line!r} is not “function: before → after”")
    return Survivor(function, was, now)


@dataclass(frozen=True)
class Verdict:
    """What a run of mutations says: `problems` fail it; `gone` are accepted and no longer survive."""

    total: Score
    unexplained: Sequence[Survivor]
    gone: Sequence[Survivor]

    @property
    def problems(self) -> list[str]:
        """What makes the command fail, each with what to do."""
        found = []
        if self.total.share < LEAST:
            found.append(f"{self.total.share:.1%} noticed: at least {LEAST:.0%} are wanted")
        if self.unexplained:
            found.append(
                f"{len(self.unexplained)} survivors without a reason: write a test that notices them, "
                "or give the reason in tests/survivors.toml"
            )
        return found


def judged(
    by_module: Mapping[str, Score], survivors: Iterable[Survivor], reasons: Mapping[Survivor, str]
) -> Verdict:
    """Compare survivors with those accepted, of the modules that were mutated."""
    here = set(survivors)
    gone = [one for one in reasons if one not in here and _is_of(one, by_module)]
    return Verdict(total(by_module.values()), sorted(here - reasons.keys()), sorted(gone))


def _is_of(survivor: Survivor, modules: Iterable[str]) -> bool:
    return any(survivor.function.startswith(f"{module}.") for module in modules)
