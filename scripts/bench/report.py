"""The figures side by side, and whether the goals are met."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from rich.table import Table

# Ours in parts of the plain sample's.
GOALS = {"cold": 0.80, "create_task": 0.45, "get_task": 0.72, "list_tasks": 0.40}
PACKAGE_GOAL_BYTES = 5_000_000

_WHAT = {
    "import": "import alone",
    "cold": "cold start: import and first create",
    "create_task": "create, warm",
    "get_task": "get, warm",
    "list_tasks": "list of 20, warm",
}

Runs = Sequence[Mapping[str, float]]


@dataclass(frozen=True)
class Figure:
    """Millions of instructions: the middle of the runs, and how far they lie apart in parts of it."""

    middle: float
    spread: float

    @classmethod
    def of(cls, runs: Runs, name: str) -> "Figure":
        """From all runs of a subject."""
        values = [run[name] for run in runs]
        return cls(median(values), (max(values) - min(values)) / median(values))


@dataclass(frozen=True)
class Report:
    """All figures of ours and of the reference."""

    ours: Mapping[str, Figure]
    reference: Mapping[str, Figure]
    package_bytes: int

    @classmethod
    def of(cls, ours: Runs, reference: Runs, package_bytes: int) -> "Report":
        """From the runs of both."""
        our_figures, reference_figures = (
            {name: Figure.of(runs, name) for name in _WHAT} for runs in (ours, reference)
        )
        return cls(our_figures, reference_figures, package_bytes)

    def ratio(self, name: str) -> float:
        """Ours in parts of the reference's."""
        return self.ours[name].middle / self.reference[name].middle

    def missed(self) -> list[str]:
        """The goals that are not met, as sentences."""
        late = [
            f"{_WHAT[name]}: {self.ratio(name):.3f} of the reference, the goal is {goal:.2f}"
            for name, goal in GOALS.items()
            if self.ratio(name) > goal
        ]
        if self.package_bytes > PACKAGE_GOAL_BYTES:
            late.append(f"package: {self.package_bytes:,} bytes, the goal is {PACKAGE_GOAL_BYTES:,}")
        return late

    def as_document(self) -> dict[str, Any]:
        """For programs."""
        figures = {
            name: {
                "ours": vars(self.ours[name]),
                "reference": vars(self.reference[name]),
                "ratio": self.ratio(name),
                "goal": GOALS.get(name),
            }
            for name in _WHAT
        }
        return {"unit": "million instructions", "figures": figures, "package_bytes": self.package_bytes}

    def table(self) -> Table:
        """For people."""
        table = Table("", "ours", "reference", "ratio", "goal", title="Millions of instructions (spread)")
        for column in table.columns[1:]:
            column.justify = "right"
        for name, what in _WHAT.items():
            goal = GOALS.get(name)
            met = goal is None or self.ratio(name) <= goal
            ratio = (
                f"[{'green' if met else 'red'}]{self.ratio(name):.2f}[/]"
                if goal
                else f"{self.ratio(name):.2f}"
            )
            sides = [f"{f.middle:,.2f} ({f.spread:.1%})" for f in (self.ours[name], self.reference[name])]
            table.add_row(what, *sides, ratio, f"≤ {goal:.2f}" if goal else "")
        size = f"{self.package_bytes / 1e6:.2f} MB"
        table.add_row("package, zipped", size, "", "", f"≤ {PACKAGE_GOAL_BYTES / 1e6:.0f} MB")
        return table
