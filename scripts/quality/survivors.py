"""Mutations that the tests did not notice: which there are, which have a reason, and the score."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.base.failure import Failure

LEAST = 0.9
"""The share of mutations that the tests must notice."""
_NOTICED = frozenset({"killed", "timeout", "segfault"})  # a mutant that hangs or crashes fails a test run
_UNDECIDED = frozenset({"not checked", "check was interrupted by user"})
_CLASS_MARK = "ǁ"  # mutmut's own, between a class and its method


@dataclass(frozen=True)
class Mutant:
    """A mutation as mutmut names it, its status there, and its diff if it was not killed."""

    name: str
    status: str
    diff: str = ""

    @property
    def is_noticed(self) -> bool:
        """Whether the tests fail with it."""
        return self.status in _NOTICED

    @property
    def module(self) -> str:
        """Its module, such as `services.core.task`."""
        return self.name.rpartition(".")[0]

    @property
    def function(self) -> str:
        """What is mutated: `services.core.task.next_version`, or `….Task.as_document` for a method."""
        name = self.name.partition("__mutmut_")[0].rpartition(".")[2].removeprefix("x")
        plain = name.removeprefix("_" if _CLASS_MARK not in name else _CLASS_MARK)
        return f"{self.module}.{plain.replace(_CLASS_MARK, '.')}"

    @property
    def change(self) -> str:
        """The mutation as `tests/survivors.toml` names it: `function: before → after`.

        mutmut numbers the mutations of a function: a change of it gives the same mutation another number.
        """
        changed = [
            line for line in self.diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")
        ]
        was, now = (" ".join(line[1:].strip() for line in changed if line[0] == sign) for sign in "-+")
        return f"{self.function}: {was} → {now}"


@dataclass(frozen=True)
class Accepted:
    """The modules whose survivors were looked through, and the reason of each that may stay."""

    modules: frozenset[str]
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class Score:
    """How many mutations there were, and how many of them the tests noticed."""

    noticed: int
    all: int

    @property
    def share(self) -> float:
        """From 0 to 1; where there was nothing to notice, nothing was missed."""
        return self.noticed / self.all if self.all else 1.0


@dataclass(frozen=True)
class Report:
    """What a run says: the score of each module, and where it differs from what is accepted.

    `unexplained` survive without a reason, `open` in modules that were not looked through yet; `gone` are
    accepted, and are noticed or are no more.
    """

    scores: Mapping[str, Score]
    unexplained: Sequence[str]
    open: Sequence[str]
    gone: Sequence[str]

    @property
    def total(self) -> Score:
        """The score of all modules together."""
        each = self.scores.values()
        return Score(sum(score.noticed for score in each), sum(score.all for score in each))

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


def report(found: Sequence[Mutant], accepted: Accepted) -> Report:
    """Compare the survivors with those accepted in the same modules. A Failure if mutations were not run."""
    undecided = sum(mutant.status in _UNDECIDED for mutant in found)
    if undecided:
        raise Failure(f"{undecided} mutations were not run: the same command goes on with them")
    every = Counter(mutant.module for mutant in found)
    noticed = Counter(mutant.module for mutant in found if mutant.is_noticed)
    survivors = {mutant.change: mutant.module for mutant in found if not mutant.is_noticed}
    new = sorted(survivors.keys() - accepted.reasons.keys())
    here = {change for change in accepted.reasons if _module_of(change) in every}
    return Report(
        {module: Score(noticed[module], every[module]) for module in sorted(every)},
        unexplained=[change for change in new if survivors[change] in accepted.modules],
        open=[change for change in new if survivors[change] not in accepted.modules],
        gone=sorted(here - survivors.keys()),
    )


def _module_of(change: str) -> str:
    """The module of an accepted mutation; classes alone begin with a capital."""
    module, _, last = change.partition(": ")[0].rpartition(".")[0].rpartition(".")
    return module if last.lstrip("_")[:1].isupper() else f"{module}.{last}"


def read(file: Path) -> Accepted:
    """What `tests/survivors.toml` accepts. A Failure names the entry that cannot be read."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise Failure(f"{file.name} is not TOML: {error}") from error
    reasons: dict[str, str] = {}
    for number, group in enumerate(content.get("accepted", []), 1):
        reason = str(group.get("reason", "")).strip()
        if not reason:
            raise Failure(f"{file.name}: group {number} of [[accepted]] gives no reason")
        for change in group.get("survivors", []):
            if not re.match(r"services\.[\w.]+: .* → ", change, re.DOTALL):
                raise Failure(f"{file.name}: group {number}: {change!r} is not “function: before → after”")
            reasons[change] = reason
    return Accepted(frozenset(map(str, content.get("modules", []))), reasons)
