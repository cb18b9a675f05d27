"""How `make scan` reads the scanners' reports: a finding is no pass, nor is a scanner that did not run."""

import json
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from scripts.base.failure import Failure
from scripts.quality import scan
from scripts.quality.scan import Report

SUMMARY = {"passed": 9, "failed": 1, "skipped": 2, "parsing_errors": 0}
FAILED = {"check_id": "CKV_AWS_1", "resource": "aws_s3_bucket.this", "check_name": "Ensure something"}


def checked(**summary: int) -> dict[str, object]:
    return {"summary": SUMMARY | summary, "results": {"failed_checks": [FAILED]}}


def test_checkov_reports_its_summary_and_failures() -> None:
    report = scan.checkov_report(checked())

    assert report.line == "Passed checks: 9, Failed checks: 1, Skipped checks: 2"
    assert report.findings == ["CKV_AWS_1 aws_s3_bucket.this: Ensure something"]
    assert scan.checkov_report([checked()]) == report


def test_checkov_gets_addresses_without_dots_in_their_keys() -> None:
    plan = {"address": 'module.api[0].route.this["GET /a.json"]', "value": "a.json"}
    read = json.loads(scan.readable_plan(plan))
    assert read == plan | {"address": 'module.api[0].route.this["GET /a_json"]'}


@pytest.mark.parametrize("trouble", [{"parsing_errors": 1}, {"passed": 0}])
def test_an_unread_plan_is_no_pass(trouble: dict[str, int]) -> None:
    with pytest.raises(Failure, match="could not read the plan"):
        scan.checkov_report(checked(**trouble))


def test_a_file_that_bandit_could_not_read_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    unread = {"filename": "scripts/new.py", "reason": "syntax error while parsing AST from file"}
    found = {"metrics": {"_totals": {"loc": 9}}, "results": [], "errors": [unread]}
    monkeypatch.setattr(scan, "_json", lambda _: found)

    assert scan.bandit().findings == ["scripts/new.py: syntax error while parsing AST from file"]


def test_packages_unknown_to_the_database_do_not_count_as_safe() -> None:
    unknown = {"name": "urllib3", "skip_reason": "Dependency not found on PyPI"}
    sound = {"name": "pydantic", "version": "2.14.0", "vulns": []}
    flawed = {"name": "old", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2", "3"]}]}

    assert not scan.pip_audit_report([unknown]).ran
    assert scan.pip_audit_report([unknown, sound]).line == "0 known vulnerabilities in 1 of 2 packages"
    assert scan.pip_audit_report([sound, flawed]).findings == ["old 1: PYSEC-1, fixed in 2, 3"]


class PipAudit:
    """pip-audit with PyPI's database: `old 1` has a flaw. Files that pin it differently are refused."""

    def __init__(self, pins: dict[str, str]) -> None:
        self.pins = pins
        self.refused = "broken.txt"

    def __call__(self, command: Sequence[str], _: object = None) -> CompletedProcess[str]:
        files = [Path(word).name for word in command if word.endswith(".txt")]
        if self.refused in files or len({self.pins[file] for file in files}) > 1:
            return CompletedProcess(command, 1, "", "ERROR: package old has duplicate requirements")
        version = self.pins[files[0]]
        flaws = [{"id": "PYSEC-1", "fix_versions": ["2"]}] if version == "1" else []
        packages = [{"name": "old", "version": version, "vulns": flaws}]
        return CompletedProcess(command, 0, json.dumps({"dependencies": packages}), "")


def with_locks(monkeypatch: pytest.MonkeyPatch, folder: Path, pins: dict[str, str]) -> None:
    for name in pins:
        (folder / name).touch()
    monkeypatch.setattr(scan, "REQUIREMENTS", folder)
    monkeypatch.setattr(scan, "_run", PipAudit(pins))


def test_lock_files_that_pin_a_package_differently_are_all_audited(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pins = {"client.txt": "2", "dev.txt": "1", "functions.txt": "2", "load.txt": "1"}
    with_locks(monkeypatch, tmp_path, pins)

    report = scan.pip_audit()

    assert report.line == "1 known vulnerabilities in 2 of 2 packages"
    assert report.findings == ["old 1: PYSEC-1, fixed in 2"]


def test_a_lock_file_that_is_not_audited_is_no_pass(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_locks(monkeypatch, tmp_path, {"broken.txt": "1", "functions.txt": "2"})

    with pytest.raises(Failure, match=r"did not audit broken.txt: ERROR: package old has duplicate"):
        scan.pip_audit()


def test_only_unreviewed_secrets_are_new() -> None:
    known = {"type": "Secret Keyword", "hashed_secret": "1"}
    other = {"type": "Secret Keyword", "hashed_secret": "2"}

    assert scan.new_secrets({"a.py": [known]}, {"a.py": [known]}) == []
    assert scan.new_secrets({"a.py": [known, other]}, {"a.py": [known]}) == ["a.py: Secret Keyword"]
    assert scan.new_secrets({"b.py": [known]}, {"a.py": [known]}) == ["b.py: Secret Keyword"]


def test_trivy_reports_vulnerabilities_and_secrets() -> None:
    flaw = {"VulnerabilityID": "CVE-1", "Title": "bad"}
    found = {"Results": [{"Target": "lock", "Vulnerabilities": [flaw], "Secrets": None}, {"Target": "x"}]}

    assert scan.trivy_report(found).findings == ["lock: CVE-1 bad"]
    assert scan.trivy_report({}).findings == []


def test_missing_trivy_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert scan.trivy() == Report("not run: it is not installed", ran=False)


def scanners_of(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All scanners, which find nothing."""
    monkeypatch.setattr(scan, "ensure_environment", lambda *_: None)
    names = ["checkov", "bandit", "pip_audit", "detect_secrets", "trivy"]
    for name in names:
        monkeypatch.setattr(scan, name, lambda: Report("fine"))
    return names


@pytest.mark.parametrize(
    "failure",
    [
        Failure("checkov could not read the plan:\nno state"),
        FileNotFoundError(2, "No such file or directory", "git"),
        json.JSONDecodeError("Expecting value", "", 0),
    ],
)
@pytest.mark.parametrize("failing", ["checkov", "trivy"])
def test_a_scanner_that_fails_is_named_and_ends_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], failing: str, failure: Exception
) -> None:
    def fails() -> Report:
        raise failure

    names = scanners_of(monkeypatch)
    monkeypatch.setattr(scan, failing, fails)

    assert scan.scan() == 1

    lines = capsys.readouterr().out.splitlines()
    told = [line for line in lines if not line.startswith(" ")]
    assert len(told) == len(names)
    assert f"✗ {failing}: failed" in told
    assert [line.strip() for line in lines if line.startswith(" ")] == str(failure).splitlines()


@pytest.mark.parametrize(("finding", "code"), [([], 0), (["bad"], 1)])
def test_every_scanner_runs_and_any_finding_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], finding: list[str], code: int
) -> None:
    for name in scanners_of(monkeypatch):
        report = Report("fine", finding if name == "checkov" else [], ran=name != "trivy")
        monkeypatch.setattr(scan, name, lambda report=report: report)

    assert scan.scan() == code
    lines = capsys.readouterr().out.splitlines()
    marks = [line[0] for line in lines if not line.startswith(" ")]
    assert marks == ["✗" if finding else "✓", "✓", "✓", "✓", "–"]  # noqa: RUF001 - a dash is meant
