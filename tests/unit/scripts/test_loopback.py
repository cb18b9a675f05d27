"""Services on this machine are reached without a proxy, and everything else through the user's proxy."""

import json
import os
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scripts.base.failure import Failure
from scripts.base.loopback import answers, http_client, is_loopback, is_proxied, no_proxy_here, without_proxy
from scripts.base.paths import ROOT
from scripts.clouds.clients import client
from scripts.clouds.embedded import EmbeddedCloud
from scripts.clouds.localstack import LocalStackCloud
from scripts.deployments import show
from scripts.deployments.record import StackRecord
from scripts.terraform.runner import surroundings
from tests.harness.command_line import task_manager

DEAD = "http://127.0.0.1:9"
# Variables of the user's shell or profile, each meant for AWS or for the internet.
MEANT_FOR_ELSEWHERE = {
    **dict.fromkeys(
        ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"), DEAD
    ),
    "AWS_PROFILE": "production",
    "AWS_ENDPOINT_URL": DEAD,
    "AWS_ENDPOINT_URL_DYNAMODB": DEAD,
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_DEFAULTS_MODE": "auto",
    "AWS_RETRY_MODE": "adaptive",
    "AWS_SESSION_TOKEN": "elsewhere",
    "AWS_CA_BUNDLE": "/nowhere.pem",
}


class Service(BaseHTTPRequestHandler):
    """Answers every request as DynamoDB answers ListTables."""

    def do_GET(self) -> None:
        body = json.dumps({"TableNames": ["here"]}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a service on this machine, while the user has all of these variables set."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in MEANT_FOR_ELSEWHERE.items():
        monkeypatch.setenv(name, value)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_healthy_cloud_is_found_despite_a_dead_proxy(here: str, tmp_path: Path) -> None:
    port = int(here.rpartition(":")[2])

    assert answers(here, 5)
    assert EmbeddedCloud(port, tmp_path).healthy()
    assert LocalStackCloud(port, tmp_path).healthy()


def test_a_closed_port_or_a_missing_certificate_is_no_answer(here: str, tmp_path: Path) -> None:
    assert not answers(DEAD, 1)
    assert not answers(here.replace("http:", "https:"), 1, tmp_path / "not-made.crt")


def test_a_cloud_without_its_certificate_does_not_answer(here: str, tmp_path: Path) -> None:
    assert not answers(here, 1, tmp_path / "server.crt")


def test_the_api_is_called_despite_a_dead_proxy(here: str) -> None:
    with http_client(here) as http:
        assert http.get("/tasks").json() == {"TableNames": ["here"]}


def test_a_local_clouds_services_are_called_despite_settings_for_aws(here: str) -> None:
    assert client("dynamodb", here).list_tables()["TableNames"] == ["here"]


@pytest.mark.parametrize("local", [True, False])
def test_terraform_finds_a_local_cloud_and_fetches_through_the_proxy(
    here: str, tmp_path: Path, local: bool
) -> None:
    seen = surroundings(tmp_path, tmp_path, local=local)

    assert seen["https_proxy"] == DEAD
    assert seen["NO_PROXY"].split(",") == seen["no_proxy"].split(",") == ["127.0.0.1", "localhost", "::1"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "127.0.0.1,localhost,::1"),
        ({"no_proxy": "intranet,localhost"}, "intranet,localhost,127.0.0.1,::1"),
        ({"NO_PROXY": "*"}, "*"),
    ],
)
def test_the_users_own_exceptions_from_the_proxy_stay(given: dict[str, str], told: str) -> None:
    assert without_proxy(given) == {"NO_PROXY": told, "no_proxy": told}


@pytest.mark.parametrize(
    ("given", "proxied"),
    [
        ({}, False),
        ({"https_proxy": DEAD}, False),
        ({"http_proxy": DEAD}, True),
        ({"ALL_PROXY": DEAD, "no_proxy": "intranet"}, True),
        ({"http_proxy": DEAD, "no_proxy": "intranet,127.0.0.1"}, False),
        ({"http_proxy": DEAD, "NO_PROXY": "*"}, False),
    ],
)
def test_lines_to_paste_avoid_the_proxy_where_curl_would_use_it(given: dict[str, str], proxied: bool) -> None:
    assert is_proxied(given) is proxied


def test_make_env_excepts_the_local_cloud_from_the_users_proxy(
    here: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment = StackRecord("embedded", here, "one", "local", "digest", {})
    monkeypatch.setattr(show, "running_stack", lambda: deployment)

    task_manager("env")

    printed = capsys.readouterr().out.splitlines()
    assert f"export AWS_ENDPOINT_URL={here}" in printed
    assert "export no_proxy=127.0.0.1,localhost,::1" in printed


def test_the_exception_from_the_proxy_ends_with_its_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "intranet")
    monkeypatch.delenv("NO_PROXY", raising=False)

    with no_proxy_here():
        assert "127.0.0.1" in os.environ["NO_PROXY"]
    assert (os.environ["no_proxy"], os.environ.get("NO_PROXY")) == ("intranet", None)


@pytest.mark.parametrize(
    ("url", "is_here"),
    [
        ("http://127.0.0.1:4566/x", True),
        ("http://localhost", True),
        ("http://[::1]:80/", True),
        ("https://abc.execute-api.eu-west-1.amazonaws.com", False),
        ("http://127.0.0.1.example.com", False),
        ("no url", False),
    ],
)
def test_only_this_machine_is_reached_without_the_proxy(url: str, is_here: bool) -> None:
    assert is_loopback(url) is is_here


def test_all_clients_are_made_in_one_place() -> None:
    """Except clients with a `transport`, which use no network, and boto3's clients."""
    made = re.compile(
        r"urlopen\(|\bhttpx\.(Client|AsyncClient|get|post|put|delete|request|stream)\((?!.*transport=)"
    )
    folders = [ROOT / name for name in ("scripts", "load", "tests")]
    files = [file for folder in folders for file in folder.rglob("*.py")]

    found = [file.relative_to(ROOT).as_posix() for file in files if made.search(file.read_text())]

    assert found == ["scripts/base/loopback.py"]


@pytest.mark.parametrize("url", ["https://127.0.0.1:1", "https://tasks.example.com"])
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_named_by_their_variable(
    url: str, content: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "authority.pem"
    if content:
        file.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))

    with pytest.raises(Failure, match=f"SSL_CERT_FILE={file} is no file of certificates: "):
        http_client(url)
