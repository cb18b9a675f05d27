"""docs/emulators.md: how the integration tests end on each emulator, from pytest's own JUnit reports."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

from scripts.base.failure import Failure
from scripts.base.paths import ROOT

PAGE = ROOT / "docs/emulators.md"
CASES = ROOT / "docs/emulators"
PASSED, SKIPPED, FAILED = "passed", "skipped", "failed"
PROPERTIES = ("emulator", "emulator_version")
BEGIN, END = "<!-- begin: python -m scripts emulators -->", "<!-- end -->"


@dataclass(frozen=True)
class Outcome:
    """How one test ended, and why it did not pass."""

    group: str
    test: str
    result: str
    reason: str = ""


@dataclass
class Run:
    """All outcomes of one version of an emulator."""

    emulator: str
    version: str
    day: str = ""
    outcomes: dict[tuple[str, str], Outcome] = field(default_factory=dict)

    def counts(self, group: str) -> Counter[str]:
        """How many tests of a group ended which way."""
        return Counter(one.result for one in self.outcomes.values() if one.group == group)


def read_reports(files: Iterable[Path]) -> list[Run]:
    """The runs in JUnit files; of a test that is in several, the newest outcome. Oldest files first."""
    runs: dict[tuple[str, str], Run] = {}
    for file in files:
        for suite in _root(file).iter("testsuite"):
            for case in suite.iter("testcase"):
                named = {one.get("name"): one.get("value", "") for one in case.iter("property")}
                if not all(named.get(name) for name in PROPERTIES):
                    continue
                name, version = (str(named[one]) for one in PROPERTIES)
                run = runs.setdefault((name, version), Run(name, version))
                run.day = max(run.day, _day(file, suite))
                outcome = _outcome(case)
                run.outcomes[outcome.group, outcome.test] = outcome
    if not runs:
        raise Failure(
            "no report names an emulator: make them with `pytest tests/integration --junitxml=FILE`"
        )
    return sorted(runs.values(), key=lambda run: (run.emulator.lower(), run.version))


def _root(file: Path) -> ElementTree.Element:
    try:
        return ElementTree.parse(file).getroot()  # noqa: S314 - a file of the user's own test run
    except (OSError, ElementTree.ParseError) as error:
        raise Failure(f"{file} is no JUnit report: {error}") from error


def _day(file: Path, suite: ElementTree.Element) -> str:
    written = suite.get("timestamp", "")
    try:
        return datetime.fromisoformat(written).date().isoformat()
    except ValueError as error:
        raise Failure(f"{file}: the suite's timestamp {written!r} is no time") from error


def _outcome(case: ElementTree.Element) -> Outcome:
    # tests.integration.test_api.TestLists → test_api
    module = next(
        (part for part in case.get("classname", "").split(".") if part.startswith("test_")), "other"
    )
    group = module.removeprefix("test_").replace("_", " ")
    test = case.get("name", "")
    for tag, result in (("failure", FAILED), ("error", FAILED), ("skipped", SKIPPED)):
        if (found := case.find(tag)) is not None:
            return Outcome(group, test, result, _reason(found.get("message") or found.text or ""))
    return Outcome(group, test, PASSED)


def _reason(text: str) -> str:
    return (text.strip().splitlines() or ["no reason"])[0][:200]


def render(runs: Sequence[Run], cases: Sequence[Path]) -> str:
    """The generated part of the page."""
    groups = sorted({outcome.group for run in runs for outcome in run.outcomes.values()})
    names = [f"{run.emulator} {run.version}" for run in runs]
    lines = ["| tests | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    lines += [
        f"| {group} | " + " | ".join(_cell(run.counts(group)) for run in runs) + " |" for group in groups
    ]
    lines.append("| run on | " + " | ".join(run.day for run in runs) + " |")
    for run, name in zip(runs, names, strict=True):
        lines += ["", f"## {name}", *_skips(run), *_failures(run, cases)]
    return "\n".join(lines) + "\n"


def _cell(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[one]} {one}" for one in (PASSED, SKIPPED, FAILED) if counts[one]) or "not run"


def _skips(run: Run) -> list[str]:
    reasons = Counter(one.reason for one in run.outcomes.values() if one.result == SKIPPED)
    if not reasons:
        return ["", "No test was skipped."]
    rows = [f"| {_escaped(reason)} | {count} |" for reason, count in sorted(reasons.items())]
    return ["", "| skipped because | tests |", "|---|---|", *rows]


def _failures(run: Run, cases: Sequence[Path]) -> list[str]:
    failed = sorted(
        (one for one in run.outcomes.values() if one.result == FAILED), key=lambda one: (one.group, one.test)
    )
    if not failed:
        return ["", "No test failed."]
    rows = [
        f"| {one.group}: `{one.test}` | {_escaped(one.reason)} | {_case_for(run, one, cases)} |"
        for one in failed
    ]
    return ["", "| failed | with | minimal case |", "|---|---|---|", *rows]


def _case_for(run: Run, outcome: Outcome, cases: Sequence[Path]) -> str:
    """The page in docs/emulators that names both the emulator and the test."""
    test = outcome.test.split("[")[0]
    for case in cases:
        text = case.read_text(encoding="utf-8")
        if run.emulator.lower() in text.lower() and re.search(rf"\b{re.escape(test)}\b", text):
            return f"[{case.stem}](emulators/{case.name})"
    return "none yet"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def emulators(reports: Sequence[Path], page: Path = PAGE, cases: Path = CASES) -> None:
    """`python -m scripts emulators REPORT.xml…`: write the compared results into docs/emulators.md."""
    if not reports:
        raise Failure("name the reports: pytest tests/integration --junitxml=FILE makes one")
    written = render(read_reports(reports), sorted(cases.glob("*.md")))
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise Failure(f"{page.name} lacks the lines {BEGIN} and {END}, between which the results stand")
    page.write_text(f"{before}{BEGIN}\n{written}{END}{after}", encoding="utf-8")
