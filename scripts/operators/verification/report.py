"""The report of `make verify`: a short table for the terminal, JSON and Markdown for keeping."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.core.moments import timestamp

EXIT_FAILED = 1
EXIT_NOT_VERIFIED = 2
# If there are more failures, they usually share a cause, which the first ones show.
MAX_SHOWN = 15


class Outcome(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_VERIFIED = "not verified"


STYLES = {Outcome.PASSED: "green", Outcome.FAILED: "bold red", Outcome.NOT_VERIFIED: "yellow"}


@dataclass(frozen=True)
class Check:
    """One check. `expected` and `came` say why it failed; `came` alone why it could not be verified."""

    section: str
    name: str
    outcome: Outcome
    seconds: float = 0.0
    expected: str = ""
    came: str = ""
    where: str = ""


@dataclass
class Report:
    """All checks of a run against one deployment."""

    environment: str
    api_url: str
    auth_mode: str
    started_at: str = field(default_factory=lambda: timestamp(datetime.now(UTC)))
    seconds: float = 0.0
    made: str = ""
    """What was created, and removed again."""
    checks: list[Check] = field(default_factory=list)
    not_applicable: dict[str, str] = field(default_factory=dict)
    """Section → why there is nothing to check on this deployment."""

    def add(self, check: Check) -> None:
        """Add a check that is done."""
        self.checks.append(check)

    def of(self, outcome: Outcome) -> list[Check]:
        """The checks with this outcome."""
        return [check for check in self.checks if check.outcome is outcome]

    @property
    def exit_code(self) -> int:
        """0 only if there were checks and all of them passed."""
        if self.of(Outcome.FAILED) or not self.checks:
            return EXIT_FAILED
        return EXIT_NOT_VERIFIED if self.of(Outcome.NOT_VERIFIED) else 0

    @property
    def verdict(self) -> str:
        """The result in a line."""
        counted = Counter(check.outcome for check in self.checks)
        numbers = ", ".join(f"{counted[outcome]} {outcome}" for outcome in Outcome if counted[outcome])
        return f"{self.environment}: {numbers or 'nothing was checked'} in {self.seconds:.0f} s"

    def write(self, folder: Path) -> None:
        """Write report.json and report.md."""
        folder.mkdir(parents=True, exist_ok=True)
        content = asdict(self) | {"verdict": self.verdict, "exitCode": self.exit_code}
        (folder / "report.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        (folder / "report.md").write_text("\n".join(self._markdown()) + "\n", encoding="utf-8")

    def show(self, console: Console) -> None:
        """Show the table, then each check that did not pass."""
        table = Table(box=None, padding=(0, 3, 0, 0), header_style="bold")
        table.add_column("")
        for name in (*Outcome, "seconds"):
            table.add_column(name, justify="right")
        for section, counted, seconds in self._sections():
            cells = [Text(str(counted[outcome] or ""), style=STYLES[outcome]) for outcome in Outcome]
            table.add_row(section, *cells, f"{seconds:.1f}")
        console.print(table)
        for section, reason in self.not_applicable.items():
            console.print(f"{section}: not applicable: {reason}", style="dim", soft_wrap=True)
        for outcome in (Outcome.NOT_VERIFIED, Outcome.FAILED):
            for check in self.of(outcome)[:MAX_SHOWN]:
                console.print(_shown(check), soft_wrap=True)
            if (more := len(self.of(outcome)) - MAX_SHOWN) > 0:
                console.print(f"\n… {more} more {outcome}: see the report", style="dim")
        style = "green" if self.exit_code == 0 else "yellow" if self.exit_code == EXIT_NOT_VERIFIED else "red"
        console.print(f"\n{self.verdict}", style=style, markup=False, soft_wrap=True)

    def _sections(self) -> Iterator[tuple[str, Counter[Outcome], float]]:
        for section in dict.fromkeys(check.section for check in self.checks):
            checks = [check for check in self.checks if check.section == section]
            seconds = sum(check.seconds for check in checks)
            yield section, Counter(check.outcome for check in checks), seconds

    def _markdown(self) -> Iterator[str]:
        yield f"# {self.verdict}"
        yield ""
        yield f"`{self.api_url}`, authentication {self.auth_mode}, {self.started_at}. Created: {self.made}."
        yield ""
        yield "| | " + " | ".join(Outcome) + " | seconds |"
        yield "|---|" + "---:|" * (len(Outcome) + 1)
        for section, counted, seconds in self._sections():
            numbers = " | ".join(str(counted[outcome] or "") for outcome in Outcome)
            yield f"| {section} | {numbers} | {seconds:.1f} |"
        for section, reason in self.not_applicable.items():
            yield f"\n{section}: not applicable: {reason}"
        for check in [*self.of(Outcome.FAILED), *self.of(Outcome.NOT_VERIFIED)]:
            yield f"\n## {check.outcome}: {check.section}: {check.name}\n"
            if check.expected:
                yield f"- expected: {check.expected}"
            yield f"- {'actual' if check.expected else 'reason'}: {check.came}"
            if check.where:
                yield f"- `{check.where}`"
        yield "\n## Every check\n"
        for check in self.checks:
            yield f"- {check.outcome}: {check.section}: {check.name} ({check.seconds:.2f} s)"


def _shown(check: Check) -> Text:
    text = Text()
    text.append(f"\n{check.outcome} ", style=STYLES[check.outcome])
    text.append(f"{check.section}: {check.name}", style="bold")
    if check.outcome is Outcome.NOT_VERIFIED:
        return text.append(f": {check.came}")
    text.append(f"\n  expected: {check.expected}\n  actual:   {check.came}")
    return text.append(f"\n  {check.where}", style="dim")
