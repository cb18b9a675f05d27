"""Running `make verify` on a deployment of the tests: a process, its exit code, its report."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.base.paths import ROOT

SECONDS = 300


@dataclass(frozen=True)
class Verified:
    """The result of a run."""

    exit_code: int
    shown: str
    report: dict[str, Any]

    def names(self, outcome: str) -> list[str]:
        """The checks with this outcome, as `section: name`."""
        checks = self.report["checks"]
        return [f"{check['section']}: {check['name']}" for check in checks if check["outcome"] == outcome]

    def failures(self) -> str:
        """Everything that the report holds about failed checks."""
        failed = [check for check in self.report["checks"] if check["outcome"] == "failed"]
        return json.dumps(failed, indent=1, ensure_ascii=False)


@dataclass(frozen=True)
class Verification:
    """`make verify` on one deployment."""

    outputs: dict[str, Any]
    endpoint: str
    folder: Path
    certificate: Path | None = None
    variables: dict[str, str] = field(default_factory=dict)

    def start(self, **arguments: str) -> "subprocess.Popen[str]":
        """Start it with options such as `only`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        trusted = {"SSL_CERT_FILE": str(self.certificate)} if self.certificate else {}
        given = [f"--{name.lower()}={value}" for name, value in {"ENV": "dev", **arguments}.items()]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.harness.verify_as_aws", *given],
            cwd=ROOT,
            env={**os.environ, "AUTO_APPROVE": "1", **trusted, **self.variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        where = {"outputs": self.outputs, "endpoint": self.endpoint, "report": str(self.folder / "report")}
        assert process.stdin is not None
        process.stdin.write(json.dumps(where | {"certificate": self.certificate and str(self.certificate)}))
        process.stdin.close()
        process.stdin = None  # or else communicate() writes to it
        return process

    def finish(self, process: "subprocess.Popen[str]") -> Verified:
        """Wait for the end."""
        shown, _ = process.communicate(timeout=SECONDS)
        file = self.folder / "report/report.json"
        assert file.exists(), shown
        return Verified(process.returncode, shown, json.loads(file.read_text(encoding="utf-8")))

    def run(self, **arguments: str) -> Verified:
        """Start it, and wait for the end."""
        return self.finish(self.start(**arguments))
