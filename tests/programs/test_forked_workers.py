"""Processes of functions that are forked run as if Python had been started for each."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.clouds.fork_server import LIBRARIES
from scripts.clouds.forked_workers import FORKED, ForkServer, ForkServers, can_fork, fork_workers
from tests.harness.waiting import eventually

pytestmark = pytest.mark.skipif(not can_fork(), reason="functions are forked on Linux only")

ECHO = """
import json, os, sys
print(json.dumps({
    "environment": dict(os.environ), "arguments": sys.argv, "path": sys.path, "name": __name__,
    "folder": os.getcwd(), "modules": [*sys.modules], "files": os.listdir("/proc/self/fd"),
}), flush=True)
print("a line of the log", file=sys.stderr)
for line in sys.stdin:
    sys.stdout.write(line.upper())
    sys.stdout.flush()
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    return folder


@pytest.fixture
def servers() -> Iterator[ForkServers]:
    servers = ForkServers()
    yield servers
    servers.close()


def started(servers: ForkServers, package: Path, script: str, **environment: str) -> Any:
    place = package.parent / "worker/_worker.py"
    place.parent.mkdir(exist_ok=True)
    place.write_text(script)
    return servers.start([FORKED, str(place)], cwd=str(package), env=environment)


def test_a_process_has_its_own_script_folder_environment_and_streams(
    servers: ForkServers, package: Path
) -> None:
    process = started(servers, package, ECHO, NAME="value")

    about = json.loads(process.stdout.readline())
    process.stdin.write("a call\n")

    assert process.stdout.readline() == "A CALL\n"
    assert process.stderr.readline() == "a line of the log\n"
    assert (about["environment"], about["name"]) == ({"NAME": "value"}, "__main__")
    assert about["arguments"] == [str(package.parent / "worker/_worker.py")]
    assert about["folder"] == str(package)
    assert about["path"][0] == str(package.parent / "worker")
    assert [entry for entry in about["path"] if "scripts" in Path(entry).parts] == []


def test_a_process_keeps_nothing_open_that_is_another_ones(servers: ForkServers, package: Path) -> None:
    for _ in range(3):
        process = started(servers, package, ECHO)
        about = json.loads(process.stdout.readline())

    streams_and_the_listing = 4
    assert len(about["files"]) == streams_and_the_listing


def test_a_process_begins_with_the_librarys_modules_and_none_of_the_project(
    servers: ForkServers, package: Path
) -> None:
    for library in LIBRARIES:
        name, _, module = library.partition(".")
        (package / name).mkdir(exist_ok=True)
        (package / f"{name}/{module}.py").touch()

    about = json.loads(started(servers, package, ECHO).stdout.readline())

    assert set(LIBRARIES) <= set(about["modules"])
    assert [name for name in about["modules"] if name.split(".")[0] in ("services", "scripts")] == []


def test_its_end_is_seen_and_waited_for(servers: ForkServers, package: Path) -> None:
    process = started(servers, package, ECHO)
    process.stdout.readline()
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=0.01)

    process.stdin.close()

    assert process.wait(timeout=10) == process.poll() == 0
    process.terminate()  # of one that has ended


@pytest.mark.parametrize("end", ["terminate", "kill"])
def test_it_can_be_ended(end: str, servers: ForkServers, package: Path) -> None:
    process = started(servers, package, ECHO)

    getattr(process, end)()

    assert process.wait(timeout=10) == 0
    eventually(lambda: not Path(f"/proc/{process.pid}").exists(), "its being collected")


def test_an_error_of_the_script_is_in_its_log(servers: ForkServers, package: Path) -> None:
    process = started(servers, package, "raise ValueError('broken')")

    assert process.stderr.read().endswith("ValueError: broken\n")
    assert process.stdout.read() == ""


def test_one_that_forks_is_replaced_when_it_has_ended(servers: ForkServers, package: Path) -> None:
    first = started(servers, package, "import os; print(os.getppid()); input()")
    os.kill(int(first.stdout.readline()), signal.SIGKILL)

    def forks() -> bool:
        try:
            return bool(started(servers, package, ECHO).stdout.readline())
        except (OSError, RuntimeError):
            return False

    eventually(forks, "a new process that forks")


def test_a_start_by_one_that_has_just_ended_fails_and_leaves_nothing_open(package: Path) -> None:
    server = ForkServer(package)
    before = set(Path("/proc/self/fd").iterdir())
    server._process.kill()
    eventually(server.ended, "the end of what forks")

    with pytest.raises((RuntimeError, OSError)):
        server.fork("script.py", str(package), {})

    assert set(Path("/proc/self/fd").iterdir()) == before
    server.close()


def test_a_library_that_cannot_be_imported_stops_no_function(servers: ForkServers, package: Path) -> None:
    library = package / "pydantic"
    library.mkdir()
    (library / "__init__.py").write_text("raise ValueError('broken')")

    assert started(servers, package, ECHO).stdout.readline()


def test_where_the_ends_of_processes_cannot_be_seen_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: int) -> int:
        raise OSError(errno.ENOSYS, "no such system call")

    monkeypatch.setattr(os, "pidfd_open", refused)
    runtime = SimpleNamespace(subprocess=subprocess)

    fork_workers(runtime)

    assert runtime == SimpleNamespace(subprocess=subprocess)


def test_other_programs_are_started(servers: ForkServers) -> None:
    process = servers.start([sys.executable, "-c", "print(1)"], stdout=subprocess.PIPE, text=True)

    assert process.communicate()[0] == "1\n"
