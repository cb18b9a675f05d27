"""docs/emulators.md: how the integration tests end on each emulator, from pytest's own JUnit reports.

What the page needs of the reports is kept in docs/emulators/results.json: the page follows from that alone.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

from scripts.base.failure import Failure
from scripts.base.paths import ROOT, shown
from scripts.documents.figures import around

PAGE = ROOT / "docs/emulators.md"
INTEGRATION = "tests.integration."
CASES = ROOT / "docs/emulators"
RESULTS = "results.json"
REPORTS = ROOT / "build/emulators"
# The clouds whose tests `make emulators` runs itself, with the arguments of pytest.
RUNS = {"embedded": ("--dist=loadfile", "--no-loadscope-reorder", "-n=auto"), "localstack": ()}
PASSED, SKIPPED, FAILED = "passed", "skipped", "failed"
PROPERTIES = ("emulator", "emulator_version")
BEGIN, END = "<!-- begin: make emulators -->", "<!-- end -->"


@dataclass(frozen=True)
class Outcome:
    """How one test ended, and why it did not pass."""

    group: str
    test: str
    result: str
    reason: str = ""


@dataclass
class Run:
    """How the tests ended on one version of an emulator."""

    emulator: str
    version: str
    day: str
    counts: dict[str, dict[str, int]] = field(default_factory=dict)  # group → result → tests
    skips: dict[str, int] = field(default_factory=dict)  # reason → tests
    failures: list[Outcome] = field(default_factory=list)

    @classmethod
    def of(cls, emulator: str, version: str, day: str, outcomes: Sequence[Outcome]) -> "Run":
        """The sum of outcomes."""
        run = cls(emulator, version, day)
        for one in sorted(outcomes, key=lambda one: (one.group, one.test)):
            counts = run.counts.setdefault(one.group, {})
            counts[one.result] = counts.get(one.result, 0) + 1
            if one.result == FAILED:
                run.failures.append(one)
        run.skips = dict(sorted(Counter(one.reason for one in outcomes if one.result == SKIPPED).items()))
        return run


def read_reports(files: Iterable[Path]) -> list[Run]:
    """The runs in JUnit files; of a test that is in several, the newest outcome. Oldest files first."""
    days: dict[tuple[str, str], str] = {}
    outcomes: dict[tuple[str, str], dict[tuple[str, str], Outcome]] = {}
    for file in files:
        for suite in _root(file).iter("testsuite"):
            for case in suite.iter("testcase"):
                named = {one.get("name"): one.get("value", "") for one in case.iter("property")}
                place = case.get("classname", ""), case.get("name", "")
                # A report of all tests has some that no emulator is in.
                if not all(named.get(name) for name in PROPERTIES) or not place[0].startswith(INTEGRATION):
                    continue
                key = (str(named[PROPERTIES[0]]), str(named[PROPERTIES[1]]))
                days[key] = max(days.get(key, ""), _day(file, suite))
                outcomes.setdefault(key, {})[place] = _outcome(case)
    if not outcomes:
        raise Failure(
            "no report names an emulator: make them with `pytest tests/integration --junitxml=FILE`, "
            "and with TEST_EMULATOR='name version' for TEST_CLOUD=endpoint"
        )
    return _in_order(Run.of(*key, days[key], list(found.values())) for key, found in outcomes.items())


def _in_order(runs: Iterable[Run]) -> list[Run]:
    return sorted(runs, key=lambda run: (run.emulator.lower(), run.version))


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
    """The first line, without what differs from one run to another: ports, ids, this machine's folder."""
    line = (text.strip().splitlines() or ["no reason"])[0].replace(f"{ROOT}/", "")
    line = re.sub(r"\b(127\.0\.0\.1|localhost):\d+", r"\1:PORT", line)
    return re.sub(r"\b[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\b", "ID", line)[:200]


def stored(folder: Path = CASES) -> list[Run]:
    """The runs whose results are kept."""
    try:
        kept = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [Run(**{**run, "failures": [Outcome(**one) for one in run["failures"]]}) for run in kept]


def render(runs: Sequence[Run], cases: Sequence[Path]) -> str:
    """The generated part of the page."""
    groups = sorted({group for run in runs for group in run.counts})
    names = [f"{run.emulator} {run.version}" for run in runs]
    lines = ["| tests | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    lines += [
        f"| {group} | " + " | ".join(_cell(run.counts.get(group, {})) for run in runs) + " |"
        for group in groups
    ]
    lines.append("| **all** | " + " | ".join(_cell(_sum(run)) for run in runs) + " |")
    lines.append("| run on | " + " | ".join(run.day for run in runs) + " |")
    for run, name in zip(runs, names, strict=True):
        lines += ["", f"### {name}", *_skips(run), *_failures(run, cases)]
    return "\n".join(lines) + "\n"


def _sum(run: Run) -> Counter[str]:
    return sum((Counter(counts) for counts in run.counts.values()), Counter())


def _cell(counts: dict[str, int]) -> str:
    return (
        ", ".join(f"{counts[one]} {one}" for one in (PASSED, SKIPPED, FAILED) if counts.get(one)) or "not run"
    )


def _skips(run: Run) -> list[str]:
    if not run.skips:
        return ["", "No test was skipped."]
    rows = [f"| {_escaped(reason)} | {count} |" for reason, count in run.skips.items()]
    return ["", "| skipped because | tests |", "|---|---|", *rows]


def _failures(run: Run, cases: Sequence[Path]) -> list[str]:
    if not run.failures:
        return ["", "No test failed."]
    rows = [
        f"| {one.group}: `{one.test}` | {_escaped(one.reason)} | {_case_for(run, one, cases)} |"
        for one in run.failures
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


def emulators(reports: Sequence[Path] = (), page: Path = PAGE, folder: Path = CASES) -> None:
    """`make emulators`: write the compared results into docs/emulators.md.

    Without reports, the tests are run first, on each cloud of RUNS. What was known of another version of
    the same emulator is replaced; what was known of other emulators stays.
    """
    _around(page.read_text(encoding="utf-8"), page)  # the tests take many minutes
    new = read_reports(reports or _run_all())
    named = {run.emulator for run in new}
    runs = _in_order([*new, *(run for run in stored(folder) if run.emulator not in named)])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RESULTS).write_text(
        json.dumps([asdict(run) for run in runs], indent=1) + "\n", encoding="utf-8"
    )
    text = with_results(page.read_text(encoding="utf-8"), runs, folder, page)
    page.write_text(text, encoding="utf-8")


def with_results(text: str, runs: Sequence[Run], folder: Path = CASES, page: Path = PAGE) -> str:
    """The page's text with these results in place of those that it has."""
    before, after = _around(text, page)
    return f"{before}{BEGIN}\n{render(runs, sorted(folder.glob('*.md')))}{END}{after}"


def _around(text: str, page: Path) -> tuple[str, str]:
    """The page's text before and after the results. Raises Failure if it has no place for them."""
    found = around(text, BEGIN, END)
    if found is None:
        raise Failure(
            f"{shown(page)} lacks the lines {BEGIN} and {END}, between which the results stand: "
            "put them back, and run the command again"
        )
    return found


def _run_all() -> list[Path]:
    """Run the integration tests on each cloud, one after the other; failures of tests are results, too."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    files = []
    for cloud, arguments in RUNS.items():
        report = REPORTS / f"{cloud}.xml"
        report.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", *arguments, "tests/integration", f"--junitxml={report}"]
        subprocess.run(command, cwd=ROOT, env={**os.environ, "TEST_CLOUD": cloud}, check=False)
        if not report.exists():
            raise Failure(f"the tests on {cloud} wrote no report: see above")
        files.append(report)
    return files
