"""The modules that a function may load at its start: each one slows every cold start."""

import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

import pytest

from scripts.base.paths import ROOT
from tests.harness.function_map import FUNCTIONS

# Modules beside those of the interpreter, the standard library's included, with some room for the next
# release of a library. Importing boto3 would add 60, Powertools' router 90, its parser 150.
BUDGET = 440

NEVER = (
    "asyncio",
    "aws_lambda_powertools.event_handler",
    "aws_lambda_powertools.utilities.batch",
    "aws_lambda_powertools.utilities.idempotency",
    "aws_lambda_powertools.utilities.parser",
    "aws_lambda_powertools.utilities.validation",
    "aws_xray_sdk",
    "boto3",
    "dataclasses_json",
    "jsonschema",
    "pydantic.v1",
    "s3transfer",
)

# It shows pages and documents about the API, for which a slower start is acceptable.
UNBOUND = {"describe_api"}
MEASURED = sorted(set(FUNCTIONS) - UNBOUND)


@cache
def loaded_modules() -> dict[str, Future[frozenset[str]]]:
    """The result of `modules_of` for each function, computed on all processors."""
    pool = ThreadPoolExecutor(os.cpu_count())
    return {function: pool.submit(modules_of, function) for function in MEASURED}


def modules_of(function: str) -> frozenset[str]:
    """The modules that a fresh process has loaded once it has imported the function."""
    module = FUNCTIONS[function]["handler"].rpartition(".")[0]
    program = f"import sys; before = set(sys.modules); import {module}; print(*set(sys.modules) - before)"
    settings = dict.fromkeys(FUNCTIONS[function]["environment"], "a-name")
    common = {"PYDANTIC_DISABLE_PLUGINS": "1", "AWS_REGION": "us-east-1", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", program], env=settings | common, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return frozenset(done.stdout.split())


@pytest.mark.parametrize("function", MEASURED)
class TestAStart:
    def test_stays_within_its_budget(self, function: str) -> None:
        assert len(loaded_modules()[function].result()) <= BUDGET

    def test_loads_no_forbidden_module(self, function: str) -> None:
        modules = loaded_modules()[function].result()
        assert not {name for name in NEVER if any(f"{module}.".startswith(f"{name}.") for module in modules)}
