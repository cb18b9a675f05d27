"""Tracing costs functions nothing: none imports X-Ray's SDK, whether tracing is switched on or off."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.base.paths import ROOT
from tests.harness.function_map import FUNCTIONS

IMPORT_ALL = """
import importlib, json, sys
for module in sys.argv[1:]:
    importlib.import_module(module)
print(json.dumps([name for name in sys.modules if name.startswith("aws_xray_sdk")]))
"""


@pytest.mark.parametrize("disabled", ["true", "false"])
def test_no_function_imports_the_sdk(disabled: str, tmp_path: Path) -> None:
    # An importable SDK, as if a library had installed it.
    (tmp_path / "aws_xray_sdk/core").mkdir(parents=True)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS", "POWERTOOLS"))},
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]),
        "AWS_DEFAULT_REGION": "eu-central-1",
        "POWERTOOLS_TRACE_DISABLED": disabled,
    }
    modules = [function["handler"].rpartition(".")[0] for function in FUNCTIONS.values()]

    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *modules],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


LEVELS_UNDER_LAMBDA = """
import logging
logging.getLogger().setLevel("DEBUG")  # as Lambda's runtime does where logs are JSON
from services.composition import start
start(start, ())
from services.adapters.telemetry import logger
print(logging.getLogger("botocore.endpoint").getEffectiveLevel(), logging.getLogger(logger.name).level)
"""


@pytest.mark.parametrize(
    ("level", "delivered"), [("DEBUG", "DEBUG"), ("INFO", "INFO"), ("WARNING", "INFO"), ("ERROR", "INFO")]
)
def test_libraries_log_warnings_only_and_our_own_lines_follow_the_level(level: str, delivered: str) -> None:
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "AWS_LAMBDA_FUNCTION_NAME": "a-function",
        "POWERTOOLS_LOG_LEVEL": level,
        "AWS_LAMBDA_LOG_LEVEL": delivered,
    }

    done = subprocess.run(
        [sys.executable, "-c", LEVELS_UNDER_LAMBDA],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == [str(logging.WARNING), str(logging.getLevelName(level))]
    assert done.stderr == ""
