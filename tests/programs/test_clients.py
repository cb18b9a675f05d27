"""The typed clients: they are what docs/openapi.json gives today, and docs/api.md's examples of them work."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from clients.python.task_manager_client import AuthenticatedClient
from clients.python.task_manager_client.api.tasks import create_task
from clients.python.task_manager_client.models import GatewayRefusal, NewTask
from scripts.base.failure import Failure
from scripts.base.node import run_program
from scripts.base.paths import ROOT
from scripts.documents import contracts
from scripts.documents.clients import python, typescript
from scripts.documents.clients.files import CLIENTS, WRITERS, files_of
from tests.harness.fakes import FakeServices
from tests.harness.fetching import skipped_without
from tests.harness.gateway import InProcessGateway

TOOLS: dict[str, Callable[[], Path]] = {"python": python.generator, "typescript": typescript.tools}
TYPESCRIPT = {
    "strict": True, "noEmit": True, "skipLibCheck": True, "types": [], "lib": ["es2022", "dom"],
    "target": "es2022", "module": "es2022", "moduleResolution": "bundler",
}  # fmt: skip


def need(tools: Callable[[], Path]) -> Path:
    """The folder of a generator; skips if it cannot be fetched, which in CI is a failure."""
    with skipped_without("generator of clients"):
        return tools()


def example(language: str) -> str:
    """The code of docs/api.md in a language."""
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    (code,) = re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return str(code)


@pytest.mark.parametrize("name", WRITERS)
def test_the_committed_client_is_up_to_date(name: str, tmp_path: Path) -> None:
    need(TOOLS[name])

    WRITERS[name](contracts.OPENAPI, tmp_path / name)

    committed, written = files_of(CLIENTS / name), files_of(tmp_path / name)
    differing = [file for file in committed | written if committed.get(file) != written.get(file)]
    assert differing == [], f"clients/{name} is not that of docs/openapi.json: run make clients"


def test_a_document_that_is_none_names_the_client_that_cannot_be_written(tmp_path: Path) -> None:
    need(python.generator)
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps({"openapi": "3.1.0", "paths": {}}), encoding="utf-8")

    with pytest.raises(Failure, match="clients/python could not be written"):
        python.write_python(document, tmp_path / "client")


@pytest.fixture
def client_modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The client as another project imports it."""
    monkeypatch.syspath_prepend(CLIENTS / "python")
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "task_manager_client"]:
        del sys.modules[name]


def test_the_documented_python_works(
    client_modules: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = InProcessGateway(FakeServices(), api_type="http")
    monkeypatch.setattr(
        httpx.HTTPTransport, "handle_request", lambda _, request: gateway.handle_request(request)
    )
    monkeypatch.setenv("URL", "http://tasks.test")
    monkeypatch.delenv("TOKEN", raising=False)

    exec(compile(example("python"), "docs/api.md", "exec"), {})  # noqa: S102 - our own page

    begun, stale = capsys.readouterr().out.splitlines()
    assert begun == 'Water the plants in_progress "2"'
    assert stale.startswith("412 ")
    assert "version 2" in stale


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_a_refusal_of_the_gateway_itself_is_read_as_one(status: int) -> None:
    gateway = httpx.MockTransport(lambda _: httpx.Response(status, json={"message": "Not now"}))
    http = httpx.Client(base_url="http://tasks.test", transport=gateway)
    client = AuthenticatedClient("http://tasks.test", token="").set_httpx_client(http)

    answer = create_task.sync(client=client, body=NewTask("Water the plants"))

    assert answer == GatewayRefusal("Not now")


def test_the_documented_typescript_has_the_right_types(tmp_path: Path) -> None:
    packages = need(typescript.tools)
    (tmp_path / "clients").symlink_to(CLIENTS)
    (tmp_path / "node_modules").symlink_to(packages)
    (tmp_path / "right.ts").write_text(example("ts"), encoding="utf-8")
    (tmp_path / "wrong.ts").write_text(example("ts").replace('"pending"', '"waiting"'), encoding="utf-8")
    settings = {"compilerOptions": TYPESCRIPT, "files": ["right.ts", "wrong.ts"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings), encoding="utf-8")

    done = run_program(packages / "typescript/bin/tsc", "--project", ".", folder=tmp_path)

    (said,) = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert "wrong.ts" in said
    assert """'"waiting"' is not assignable""" in said
