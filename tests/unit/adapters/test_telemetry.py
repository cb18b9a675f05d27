"""Tracing costs functions nothing: none imports X-Ray's SDK, whether tracing is switched on or off."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.environment import ROOT

IMPORT_ALL = """
import importlib, json, sys
functions = json.load(open("services/functions.json"))
for function in functions.values():
    importlib.import_module(function["handler"].rpartition(".")[0])
print(json.dumps([name for name in sys.modules if name.startswith("aws_xray_sdk")]))
"""


@pytest.mark.parametrize("disabled", ["true", "false"])
def test_no_function_imports_the_sdk(disabled: str, tmp_path: Path) -> None:
    # One that could be imported, as it would be if it came with a library.
    (tmp_path / "aws_xray_sdk/core").mkdir(parents=True)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS", "POWERTOOLS"))},
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]),
        "AWS_DEFAULT_REGION": "eu-central-1",
        "POWERTOOLS_TRACE_DISABLED": disabled,
    }
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
