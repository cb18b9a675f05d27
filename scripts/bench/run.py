"""`make bench`: measure ours and the reference, print the table, and fail when a goal is missed."""

import json
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import botocore
from rich.console import Console

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.base.progress import Steps
from scripts.bench.canned_aws import CannedAws, canned_aws
from scripts.bench.measure import (
    OUR_ENVIRONMENT,
    REFERENCE_ENVIRONMENT,
    Subject,
    measure,
    rehearse,
    require_valgrind,
)
from scripts.bench.report import Report, Runs
from scripts.build.authorities import FILE
from scripts.build.bytecode import find_interpreter, full_version
from scripts.build.package import Manifest, build
from scripts.build.platforms import AWS_PYTHON, Platform

OUT = ROOT / "build/bench"
LIBRARIES = Path(botocore.__file__).parent.parent


def bench(repeats: int = 3, calls: int = 10, jobs: int | None = None) -> int:
    """`make bench`: measure and report; 1 if a goal is missed.

    `repeats` fresh processes of each package make so many warm calls, and twice that, `jobs` at a time.
    """
    jobs = jobs or os.cpu_count() or 1
    require_valgrind()
    steps = Steps()
    interpreter, platform = _platform()
    with steps.step("Package of the functions") as update:
        manifest = build(platform, OUT / "package", update)
    with tempfile.TemporaryDirectory() as name, canned_aws(Path(name)) as aws:
        subjects = _subjects(interpreter, manifest, Path(name))
        with steps.step("Rehearsal"):
            modules = {subject.name: rehearse(subject, aws)["modules"] for subject in subjects}
        with steps.step(f"{repeats} processes of each package, {jobs} at a time"):
            runs = _measure(subjects, aws, repeats, calls, jobs)
    report = Report.of(runs["ours"], runs["reference"], manifest.bytes)
    _write(report, full_version(interpreter), modules, repeats)
    Console().print(report.table())
    steps.say(f"Python {full_version(interpreter)}; also in {(OUT / 'bench.json').relative_to(ROOT)}")
    for missed in report.missed():
        steps.say(f"missed: {missed}")
    return 1 if report.missed() else 0


def _platform() -> tuple[str, Platform]:
    """The Python that functions have on AWS where this machine has it, else the one that runs this."""
    for platform in (Platform.local(python=AWS_PYTHON), Platform.local()):
        if interpreter := find_interpreter(platform.python):
            return shutil.which(interpreter) or interpreter, platform
    raise Failure("no Python was found to measure with: install python3.13")


def _subjects(interpreter: str, manifest: Manifest, folder: Path) -> tuple[Subject, Subject]:
    package = folder / "package"
    shutil.unpack_archive(OUT / "package" / manifest.file, package)
    default = LIBRARIES / "botocore/cacert.pem"
    ours = Subject("ours", interpreter, (package,), OUR_ENVIRONMENT, package / FILE)
    reference = Subject("reference", interpreter, (ROOT, LIBRARIES), REFERENCE_ENVIRONMENT, default)
    return ours, reference


def _measure(
    subjects: tuple[Subject, ...], aws: CannedAws, repeats: int, calls: int, jobs: int
) -> dict[str, Runs]:
    with ThreadPoolExecutor(jobs) as pool:
        lives = {
            subject.name: [pool.submit(measure, subject, aws, calls) for _ in range(repeats)]
            for subject in subjects
        }
        return {name: [life.result() for life in of_one] for name, of_one in lives.items()}


def _write(report: Report, python: str | None, modules: dict[str, int], repeats: int) -> None:
    document = {"python": python, "repeats": repeats, "modules": modules, **report.as_document()}
    (OUT / "bench.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
