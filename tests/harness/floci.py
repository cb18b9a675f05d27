"""Runs the integration tests on floci: `python -m tests.harness.floci [ARGUMENT OF PYTEST…]`, in GitHub's CI.

The container is that of testcontainers' module for floci, which names the image. It needs the packages of
requirements/floci.txt, and a registry to pull the image from.
"""

import os
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version

from scripts.base.loopback import http_client
from scripts.base.paths import ROOT

MODULE = "testcontainers-floci"


def main() -> int:
    """Start floci, have the tests find out what it can do, and remove it."""
    with import_module("floci").FlociContainer() as container:
        endpoint = container.get_endpoint().replace("//localhost:", "//127.0.0.1:")
        told = {
            "TEST_CLOUD": "endpoint",
            "TEST_ENDPOINT": endpoint,
            "TEST_EMULATOR": f"floci {_version_of(endpoint)}",
        }
        command = [sys.executable, "-m", "pytest", *sys.argv[1:], "tests/integration"]
        return subprocess.run(command, cwd=ROOT, env={**os.environ, **told}, check=False).returncode


def _version_of(endpoint: str) -> str:
    """As its health page says; else that of the module, which names the newest image."""
    with http_client(endpoint, timeout=10) as http:
        health = http.get("/_floci/health").json()
    return str(health.get("version") or f"of-{MODULE}-{version(MODULE)}").replace(" ", "-")


if __name__ == "__main__":
    sys.exit(main())
