"""The cost of a function's start, in instructions: the same on any machine, however busy it is."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.bench.measure import LAMBDA_ENVIRONMENT, OUR_ENVIRONMENT, counted_in, counting
from tests.harness.function_map import FUNCTIONS

# One of each kind; tests/programs/test_import_budgets.py counts the modules of all.
STARTS = ("create_task", "relay", "on_created", "request_approval")

# Millions of instructions above a bare interpreter's: the import with the clients that are made at the start.
# On Python 3.11 they are 980 to 1,170. Bytecode compiled anew would be 3,500, botocore's whole data 250 more,
# a boto3 session and its resources 160.
BUDGET = 1_250

pytestmark = pytest.mark.skipif(
    shutil.which("valgrind") is None, reason="valgrind, which counts instructions, is not installed"
)


def instructions(folder: Path, program: str, environment: dict[str, str]) -> float:
    """Millions of instructions of a process that runs the program and ends at once."""
    counted = folder / "counted"
    command = [sys.executable, "-I", "-S", "-X", "utf8", "-c", f"{program}; import os; os._exit(0)"]
    done = subprocess.run(
        [*counting(str(counted)), *command],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return counted_in(counted)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> float:
    """Millions of instructions of an interpreter that imports nothing of ours."""
    return instructions(tmp_path_factory.mktemp("bare"), "import sys", OUR_ENVIRONMENT | LAMBDA_ENVIRONMENT)


@pytest.mark.parametrize("function", STARTS)
def test_a_start_stays_within_its_budget(function: str, bare: float, unpacked: Path, tmp_path: Path) -> None:
    module = FUNCTIONS[function]["handler"].rpartition(".")[0]
    # A number, for settings that are one; any text does for the others.
    settings = dict.fromkeys(FUNCTIONS[function]["environment"], "1")
    name = {"POWERTOOLS_SERVICE_NAME": function.replace("_", "-")}
    environment = settings | OUR_ENVIRONMENT | LAMBDA_ENVIRONMENT | name
    start = f"import sys; sys.path.insert(0, {str(unpacked)!r}); import {module}"

    cost = instructions(tmp_path, start, environment)

    assert cost - bare <= BUDGET
    # A start that did nothing would be cheap, too.
    assert cost - bare > BUDGET / 4
