"""Which region a deployment goes to, seen from the calls of commands that run as a user runs them."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from scripts.base.paths import ROOT
from scripts.base.ports import LOOPBACK
from scripts.deployments.aws.account import chosen_region

REAL = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI"}


class Refusing(BaseHTTPRequestHandler):
    """A proxy that records the hosts that its clients ask for, and refuses every connection."""

    hosts: list[str]

    def do_CONNECT(self) -> None:
        self.hosts.append(self.path)
        self.send_error(403)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def proxy() -> Iterator[Any]:
    """The proxy: `.hosts` are the hosts and ports that were asked for."""
    handler = type("Handler", (Refusing,), {"hosts": []})
    server = ThreadingHTTPServer((LOOPBACK, 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    handler.url = f"http://{LOOPBACK}:{server.server_port}"  # type: ignore[attr-defined]
    yield handler
    server.shutdown()
    server.server_close()


@pytest.fixture
def profile(tmp_path: Path) -> dict[str, str]:
    """The variables of a user whose profile has a region of its own."""
    (tmp_path / "config").write_text("[profile work]\nregion = us-west-2\n")
    return {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_PROFILE": "work"}


def deployed_to(proxy: Any, module: list[str], **variables: str) -> tuple[set[str], str]:
    """The AWS hosts that a command calls, and the error that it ends with."""
    surroundings = {"HTTPS_PROXY": proxy.url, "PATH": "/usr/bin:/bin", "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run(
        [sys.executable, "-m", *module],
        cwd=ROOT,
        env={"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
        | REAL
        | surroundings
        | variables,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    return set(proxy.hosts), done.stderr


PLAN = ["scripts", "plan", "--env=dev"]
STATUS = ["scripts", "status", "--env=dev"]


@pytest.mark.parametrize("module", [PLAN, STATUS], ids=["plan", "status"])
@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_one_variable_alone_names_the_region(proxy: Any, module: list[str], name: str) -> None:
    hosts, error = deployed_to(proxy, module, **{name: "eu-central-1"})
    assert hosts == {"sts.eu-central-1.amazonaws.com:443"}
    assert error.startswith("error: no AWS account can be reached in eu-central-1")


@pytest.mark.parametrize("module", [PLAN, STATUS], ids=["plan", "status"])
def test_the_variable_overrides_the_profile(proxy: Any, profile: dict[str, str], module: list[str]) -> None:
    hosts, _ = deployed_to(proxy, module, AWS_REGION="eu-central-1", **profile)
    assert hosts == {"sts.eu-central-1.amazonaws.com:443"}


def test_aws_region_overrides_aws_default_region(proxy: Any) -> None:
    hosts, _ = deployed_to(proxy, PLAN, AWS_REGION="eu-central-1", AWS_DEFAULT_REGION="us-east-1")
    assert hosts == {"sts.eu-central-1.amazonaws.com:443"}


def test_the_profile_names_the_region_without_a_variable(proxy: Any, profile: dict[str, str]) -> None:
    hosts, _ = deployed_to(proxy, PLAN, **profile)
    assert hosts == {"sts.us-west-2.amazonaws.com:443"}


def test_a_missing_region_is_refused_before_any_call(proxy: Any) -> None:
    hosts, error = deployed_to(proxy, PLAN)
    assert hosts == set()
    assert error == "error: no region is set: set AWS_REGION, for example to eu-central-1\n"


def test_an_empty_variable_counts_as_unset() -> None:
    assert chosen_region({"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-1"}) == "eu-west-1"
    assert chosen_region({"AWS_REGION": ""}) is None
