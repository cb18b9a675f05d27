"""An emulator that runs already, by TEST_ENDPOINT: what tests skip there is what the probes did not find."""

import os
from functools import cache

import pytest

from scripts.base.failure import Failure
from scripts.base.paths import WORK_FOLDER
from scripts.clouds.endpoint import EndpointCloud, checked_endpoint
from scripts.deployments.leftovers import holds_tasks

# What no probe tells, whatever the emulator.
NOT_OURS = {
    "functions_as_processes": "where an emulator's functions run is not known here",
    "states": "the tests neither save nor start an emulator at an endpoint",
}
# Capabilities that tests require, by the name of their probe.
PROBED = ("http_api", "jwt", "iam_enforcement")


@cache
def endpoint_for_tests() -> EndpointCloud:
    """The emulator at TEST_ENDPOINT, probed; a usage error if it is unfit, or in use."""
    try:
        url = os.environ.get("TEST_ENDPOINT", "")
        cloud = EndpointCloud(checked_endpoint(url), WORK_FOLDER / "endpoint-for-tests")
        findings = cloud.probe()
    except Failure as failure:
        raise pytest.UsageError(str(failure)) from failure
    if holds_tasks(cloud.endpoint):
        raise pytest.UsageError(f"{cloud.endpoint} holds tasks: the tests need an emulator of their own")
    for line in findings.lines():
        print(line)
    return cloud


def lacks() -> dict[str, str]:
    """By capability that tests require, why the emulator does not have it."""
    found = endpoint_for_tests().findings.lacks
    return NOT_OURS | {name: f"the probe says: {found[name]}" for name in PROBED if name in found}
