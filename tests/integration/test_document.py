"""The running API behaves as its OpenAPI document says, on any input: every check of Schemathesis."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.base.paths import ROOT
from tests.harness.stack import DeployedStack

SETTINGS = Path(__file__).with_name("openapi") / "schemathesis.toml"
HOOKS = "tests.integration.openapi.hooks"
EXAMPLES = 20  # for each operation, at most
SEED = 1

# A REST API's gateway answers TRACE with a 403 of its own, which no setting changes. So of the methods that
# the document does not name, TRACE is tried with HTTP APIs only.
REST_METHODS = """
[phases.coverage]
unexpected-methods = ["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"]
"""

Report = dict[str, Any]


@pytest.fixture(scope="module")
def report(
    stack: DeployedStack, tell: Callable[[str], None], tmp_path_factory: pytest.TempPathFactory
) -> Report:
    """Schemathesis's report on the deployed API, and its output; a summary is shown at the end."""
    folder = tmp_path_factory.mktemp("schemathesis")
    settings_file = folder / "settings.toml"
    more = REST_METHODS if stack.cloud.api_type == "rest" else ""
    settings_file.write_text(SETTINGS.read_text(encoding="utf-8") + more, encoding="utf-8")
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file",
        str(settings_file),
        "--no-color",
    ]
    command += ["run", f"{stack.api_url}/openapi.json", "--url", stack.api_url, "--checks", "all"]
    command += ["--max-examples", str(EXAMPLES), "--seed", str(SEED), "--continue-on-failure"]
    command += ["--report", "json", "--report-json-path", "report.json"]
    settings = {"SCHEMATHESIS_HOOKS": HOOKS, "PYTHONPATH": str(ROOT), "NO_PROXY": "*", "no_proxy": "*"}
    done = subprocess.run(command, cwd=folder, env={**os.environ, **settings}, capture_output=True, text=True)
    found = json.loads((folder / "report.json").read_text(encoding="utf-8")) | {"printed": done.stdout}
    cases = found["test_cases"]
    tried = f"{cases['generated']} cases on {found['operations']['tested']} operations"
    tell(f"Schemathesis, all checks: {tried}, {cases['with_failures']} failures")
    return dict(found)


def test_every_schemathesis_check_passes(report: Report) -> None:
    assert report["exit_code"] == 0, report["printed"]
    assert report["complete"]
    assert report["test_cases"]["with_failures"] == report["test_cases"]["errored"] == 0
    assert report["test_cases"]["generated"] > 100


def test_every_operation_was_tried(report: Report) -> None:
    operations = report["operations"]
    phases = {name: phase["status"] for name, phase in report["phases"].items() if name != "examples"}

    assert operations["total"] == operations["tested"] > 0
    assert set(phases.values()) == {"success"}, phases
