"""How commands end: one line where the user or a service is at fault, a trace where the program is."""

import subprocess
import sys

import pytest

from scripts.base.paths import ROOT
from tests.unit.scripts.test_delivery import REAL

SCRIPT = """
from scripts.base.failure import run_command
{setting}
def main():
    {main}
run_command(main)
"""


def ended(main: str, setting: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", SCRIPT.format(main=main, setting=setting)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


REFUSED = "raise ClientError({'Error': {'Code': 'AccessDenied', 'Message': 'no'}}, 'PutRule')"


@pytest.mark.parametrize(
    ("main", "setting", "told"),
    [
        (
            REFUSED,
            "from botocore.exceptions import ClientError",
            "ClientError: An error occurred (AccessDenied)",
        ),
        (
            "raise EndpointConnectionError(endpoint_url='https://a')",
            "from botocore.exceptions import EndpointConnectionError",
            "EndpointConnectionError: Could not connect to the endpoint URL",
        ),
        (
            "http_client('http://127.0.0.1:1').get('/')",
            "from scripts.base.loopback import http_client",
            "ConnectError: ",
        ),
    ],
)
def test_refusal_or_silence_of_a_service_is_one_line(main: str, setting: str, told: str) -> None:
    done = ended(main, setting)

    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {told}")
    assert done.stderr.count("\n") == 1


def test_fault_of_the_program_keeps_its_trace() -> None:
    done = ended("[][0]")

    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "IndexError" in done.stderr


def test_ending_a_command_imports_no_library() -> None:
    done = ended("import sys; print(sorted({'botocore', 'httpx'} & set(sys.modules)))")
    assert (done.returncode, done.stdout) == (0, "[]\n")


# A shell's background jobs ignore SIGINT, and so would the programs that they start.
SIGNALS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
TWICE = """
    try:
        signal.raise_signal(signal.{first})
    finally:
        {between}
        signal.raise_signal(signal.SIGINT)
        print("cleaned up")"""


@pytest.mark.parametrize("first", ["SIGINT", "SIGTERM"])
def test_echo_of_a_stop_does_not_keep_a_command_from_cleaning_up(first: str) -> None:
    done = ended(TWICE.format(first=first, between="pass"), SIGNALS)
    assert (done.returncode, done.stdout, done.stderr) == (130, "cleaned up\n", "interrupted\n")


def test_later_second_interrupt_ends_the_cleanup() -> None:
    later = "from scripts.base import failure; failure.ECHO_SECONDS = 0.0"
    done = ended(TWICE.format(first="SIGINT", between=later), SIGNALS)
    assert (done.returncode, done.stdout) == (130, "")


def test_deploy_with_a_local_endpoint_fails_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts", "deploy", "--env=dev"],
        cwd=ROOT,
        env={**REAL, "AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: AWS_ENDPOINT_URL is set, which is for local clouds only:")
