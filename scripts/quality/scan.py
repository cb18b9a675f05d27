"""`make scan`: looks for weaknesses with other people's eyes. One line a scanner, and what it found below.

Exit code 1 if there are findings, or if a scanner fails, after which the others go on. One that this machine
cannot run says why.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.base.environment import ensure_environment
from scripts.base.failure import Failure
from scripts.base.paths import INFRA, REQUIREMENTS, ROOT, WORK_FOLDER
from scripts.terraform.flavours import FLAVOURS
from scripts.terraform.offline import offline_project

ENVIRONMENT = WORK_FOLDER / "scan/environment"
BASELINE = ROOT / ".secrets.baseline"
CODE = ("services", "scripts")


@dataclass(frozen=True)
class Report:
    """What a scanner says in a line, and what it found; `ran` is False where it could not."""

    line: str
    findings: Sequence[str] = ()
    ran: bool = True

    @property
    def mark(self) -> str:
        """Passed, failed or not run, at a glance."""
        return "–" if not self.ran else "✗" if self.findings else "✓"  # noqa: RUF001 - a dash is meant


def scan(*, accept_secrets: bool = False) -> int:
    """`make scan`: run every scanner; 1 if any finds something, or fails.

    With `accept_secrets`, what the secrets scan finds goes into its baseline as reviewed.
    """
    ensure_environment(ENVIRONMENT, REQUIREMENTS / "scan.txt")
    if accept_secrets:
        BASELINE.write_text(json.dumps(_secrets_in_files(), indent=2) + "\n", encoding="utf-8")
    scanners: dict[str, Callable[[], Report]] = {
        "checkov": checkov,
        "bandit": bandit,
        "pip-audit": pip_audit,
        "detect-secrets": detect_secrets,
        "trivy": trivy,
    }
    reports = [_told(name, _report_of(scanner)) for name, scanner in scanners.items()]
    return 1 if any(report.findings for report in reports) else 0


def _report_of(scanner: Callable[[], Report]) -> Report:
    """The scanner's report; a failure of it is a finding, and ends no other scanner."""
    try:
        return scanner()
    except (Failure, OSError, json.JSONDecodeError) as failure:
        return Report("failed", str(failure).splitlines())


def _told(name: str, report: Report) -> Report:
    print(f"{report.mark} {name}: {report.line}", flush=True)
    for finding in report.findings:
        print(f"    {finding}")
    return report


def checkov() -> Report:
    """The plans of all flavours on AWS. Skips stand beside the resources, with their reasons."""
    with tempfile.TemporaryDirectory(dir=ENVIRONMENT.parent) as folder:
        plans = list(write_plans(Path(folder)))
        command = ["checkov", "--framework", "terraform_plan", "--compact", "--quiet"]
        command += [word for plan in plans for word in ("--file", str(plan))]
        # Maps the plan back to the files that hold the skips.
        command += ["--repo-root-for-plan-enrichment", str(INFRA), "--skip-download", "--output", "json"]
        # Otherwise values that are unknown in a plan, such as the key's ARN, count as missing.
        found = _json(command, {"EVAL_TF_PLAN_AFTER_UNKNOWN": "1"})
    return checkov_report(found)


def write_plans(folder: Path) -> Iterator[Path]:
    """A plan of each flavour, in a file that is named after it."""
    with offline_project(folder / "project") as project:
        for name, flavour in FLAVOURS.items():
            plan = folder / f"{name}.json"
            plan.write_text(
                readable_plan(project.planned(flavour.environment, *flavour.arguments)), encoding="utf-8"
            )
            yield plan


def readable_plan(plan: Mapping[str, Any]) -> str:
    """A plan as checkov finds its way back to the files from it: in lines, and without dots in keys.

    In `this["a.json"]` it would take all before the last dot for the name of the resource.
    """
    return re.sub(r'\[\\"[^"\\]*\\"\]', lambda key: key[0].replace(".", "_"), json.dumps(plan, indent=1))


def checkov_report(found: Any) -> Report:
    """What checkov's JSON says; a list when more than one kind of file was checked."""
    (result,) = found if isinstance(found, list) else [found]
    summary = result["summary"]
    if summary["parsing_errors"] or not summary["passed"]:
        raise Failure(f"checkov could not read the plan: {summary}")
    line = (
        f"Passed checks: {summary['passed']}, Failed checks: {summary['failed']}, "
        f"Skipped checks: {summary['skipped']}"
    )
    failed = result["results"]["failed_checks"]
    return Report(line, [f"{one['check_id']} {one['resource']}: {one['check_name']}" for one in failed])


def bandit() -> Report:
    """The code that runs on AWS and on the machines of developers."""
    found = _json(["bandit", "--quiet", "--recursive", "-c", "pyproject.toml", "--format", "json", *CODE])
    lines = found["metrics"]["_totals"]["loc"]
    findings = [
        f"{one['test_id']} {one['filename']}:{one['line_number']}: {one['issue_text']}"
        for one in found["results"]
    ]
    findings += [f"{one['filename']}: {one['reason']}" for one in found["errors"]]
    return Report(f"{len(findings)} findings in {lines} lines", findings)


def pip_audit() -> Report:
    """The locked packages, against the advisories of PyPI: first those that run on AWS."""
    first = REQUIREMENTS / "functions.txt"
    try:
        packages = _audited(first)
    except Failure:
        packages = []  # PyPI does not answer
    if any(map(_was_found, packages)):
        for lock in sorted({*REQUIREMENTS.glob("*.txt")} - {first}):
            packages += _audited(lock)
    return pip_audit_report(_each_once(packages))


def pip_audit_report(packages: Sequence[Mapping[str, Any]]) -> Report:
    """What pip-audit's JSON says."""
    known = [package for package in packages if _was_found(package)]
    if not known:
        return Report("not run: its database, on pypi.org, cannot be reached", ran=False)
    findings = [
        f"{package['name']} {package['version']}: {flaw['id']}, fixed in {', '.join(flaw['fix_versions'])}"
        for package in known
        for flaw in package["vulns"]
    ]
    vulnerable = f"{len(findings)} known vulnerabilities"
    return Report(f"{vulnerable} in {len(known)} of {len(packages)} packages", findings)


def _audited(lock: Path) -> list[dict[str, Any]]:
    """The packages of a lock file, with what is known against them. A Failure if there is no answer.

    One file a call: pip-audit refuses files that pin a package to different versions.
    """
    command = ["pip-audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    done = _run([*command, "--requirement", str(lock), "--format", "json"])
    try:
        return list(json.loads(done.stdout)["dependencies"])
    except ValueError as error:
        raise Failure(f"pip-audit did not audit {lock.name}: {_last_line(done.stderr)}") from error


def _each_once(packages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The packages without those that several files pin to the same version."""
    # Of one that was not found, only the reason names the version.
    return list({(one["name"], one.get("version", one.get("skip_reason"))): one for one in packages}.values())


def _was_found(package: Mapping[str, Any]) -> bool:
    return "skip_reason" not in package


def detect_secrets() -> Report:
    """Whatever looks like a secret, and was not looked at before."""
    found, known = _secrets_in_files(), json.loads(BASELINE.read_text(encoding="utf-8"))
    new = new_secrets(found, known)
    remedy = ["If they are no secrets, accept them: make scan ARGS=--accept-secrets"] if new else []
    looked_at = sum(map(len, known.values()))
    return Report(f"{len(new)} new; {looked_at} accepted by the baseline", new + remedy)


def new_secrets(
    found: Mapping[str, Sequence[Mapping[str, str]]], known: Mapping[str, Sequence[Mapping[str, str]]]
) -> list[str]:
    """Where there is something that the baseline does not have; lines may move."""
    return [
        f"{file}: {secret['type']}"
        for file, secrets in found.items()
        for secret in secrets
        if secret not in known.get(file, ())
    ]


def _secrets_in_files() -> dict[str, list[dict[str, str]]]:
    """File → what looks like a secret in it, as type and hash."""
    listed = _capture(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]).split("\0")
    # Lock files are full of hashes, which look like secrets.
    files = [name for name in listed if name and not name.startswith("requirements/") and Path(name).exists()]
    found = _json(["detect-secrets", "scan", *(name for name in files if name != BASELINE.name)])["results"]
    return {
        file: [{"type": secret["type"], "hashed_secret": secret["hashed_secret"]} for secret in secrets]
        for file, secrets in sorted(found.items())
    }


def trivy() -> Report:
    """Packages, configuration and secrets once more, where Trivy is installed."""
    program = shutil.which("trivy")
    if program is None:
        return Report("not run: it is not installed", ran=False)
    command = [program, "fs", "--quiet", "--format", "json", "--scanners", "vuln,secret"]
    command += [word for folder in (".git", ".local", ".venv", "build") for word in ("--skip-dirs", folder)]
    done = _run([*command, "."])
    if done.returncode:
        return Report(f"not run: {_last_line(done.stderr)}", ran=False)
    return trivy_report(json.loads(done.stdout))


def trivy_report(found: Mapping[str, Any]) -> Report:
    """What Trivy's JSON says."""
    findings = [
        f"{result['Target']}: {flaw.get('VulnerabilityID') or flaw.get('RuleID')} {flaw.get('Title', '')}"
        for result in found.get("Results") or ()
        for flaw in [*(result.get("Vulnerabilities") or ()), *(result.get("Secrets") or ())]
    ]
    return Report(f"{len(findings)} findings", findings)


def _json(command: Sequence[str], settings: Mapping[str, str] | None = None) -> Any:
    done = _run(command, settings)
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        raise Failure(f"{command[0]} failed: {_last_line(done.stderr)}") from error


def _run(
    command: Sequence[str], settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    program = ENVIRONMENT / "bin" / command[0]
    return subprocess.run(
        [str(program) if program.exists() else command[0], *command[1:]],
        cwd=ROOT,
        env={**os.environ, **(settings or {})},
        capture_output=True,
        text=True,
    )


def _capture(command: Sequence[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Failure(f"{command[0]} failed: {_last_line(done.stderr)}")
    return done.stdout


def _last_line(output: str) -> str:
    return (output.strip().splitlines() or ["no output"])[-1]
