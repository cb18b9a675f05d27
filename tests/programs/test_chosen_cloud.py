"""The tests on the cloud that TEST_CLOUD names: an unknown name runs nothing, on no other cloud either."""

import os
import subprocess
import sys

import pytest

from scripts.base.paths import ROOT


@pytest.mark.parametrize("workers", ["0", "auto"])
def test_unknown_cloud_is_a_usage_error_that_names_those_there_are(workers: str) -> None:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider", "-n", workers]
    surroundings = {**os.environ, "TEST_CLOUD": "moon"}

    done = subprocess.run(
        [*command, "tests/unit/load"], cwd=ROOT, env=surroundings, capture_output=True, text=True
    )

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "TEST_CLOUD=moon is not one of embedded, localstack, endpoint" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
