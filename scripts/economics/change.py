"""`python -m scripts cost-change REVISION`: what a month costs, and what it cost at another revision.

That revision computes its own figures, with its own prices and counts: both its code and its settings
may have changed since.
"""

import io
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.economics.cost import at_traffic
from scripts.economics.month import Measured, bill, total
from scripts.economics.prices import Prices
from scripts.economics.workload import Options

# Requests a month → how the line names them.
SHOWN = {0.0: "without any request", 1e6: "at a million requests"}
# What the figures of a revision are computed from.
SOURCES = ("scripts", "services", "infra")

Figures = Mapping[str, float]
"""Dollars a month, by SHOWN's names."""


def change(revision: str, monitoring: str = "full") -> str:
    """One line: the figures of today, each with its difference from the revision's.

    A Failure if there is no such revision.
    """
    today = figures(monitoring)
    before = _at(revision, monitoring)
    if before is None:
        shown = ", ".join(f"${amount:,.2f} {name}" for name, amount in today.items())
        return f"A month costs {shown}. {revision} computes no such figures."
    return f"A month costs {', '.join(_compared(today, before))}."


def figures(monitoring: str = "full") -> Figures:
    """What a month costs with the code and the settings of this tree."""
    options, prices, measured = Options(monitoring=monitoring), Prices.read(), Measured.read()
    return {
        name: round(total(bill(requests, at_traffic(options, requests), prices, measured)), 4)
        for requests, name in SHOWN.items()
    }


def _compared(today: Figures, before: Figures) -> list[str]:
    parts = []
    for name, amount in today.items():
        difference = round(amount - before.get(name, amount), 2)
        said = f"{'+' if difference > 0 else '-'}${abs(difference):,.2f}" if difference else "unchanged"
        parts.append(f"${amount:,.2f} {name} ({said})")
    return parts


def _at(revision: str, monitoring: str) -> Figures | None:
    """The figures of a revision; None if its code does not compute them."""
    packed = subprocess.run(["git", "archive", revision, *SOURCES], cwd=ROOT, capture_output=True)
    if packed.returncode != 0:
        raise Failure(f"{revision} cannot be read: {packed.stderr.decode().strip()}")
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as files:
            files.extractall(folder, filter="data")
        return _computed(Path(folder), monitoring)


def _computed(tree: Path, monitoring: str) -> Figures | None:
    command = [sys.executable, "-m", __name__, monitoring]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, encoding="utf-8")
    return dict(json.loads(done.stdout)) if done.returncode == 0 else None


if __name__ == "__main__":
    print(json.dumps(figures(*sys.argv[1:])))
