"""What all kinds of tests share: order and processes, a folder for clouds, and what is told at the end."""

import contextlib
import gc
import importlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from scripts.base.paths import ROOT, WORK_FOLDER

# What these assert is explained as in the tests themselves.
pytest.register_assert_rewrite("tests.contracts", "tests.harness")

# What tests found out and people want to see, whether or not anything failed.
TOLD = pytest.StashKey[list[str]]()

# Workers a processor, and the memory of each, by the cloud that its stack is on. On the embedded cloud a
# function is a process. LocalStack has a container for each, and under a high load it is late for everything.
WORKERS = {"embedded": (2, 2_000_000_000), "localstack": (1, 4_000_000_000)}
CLOUDS = (*WORKERS, "endpoint")
# The files that take longest come first, or one worker would run alone in the end. Those that wait and
# those that compute take turns; some need no stack, while the first worker deploys that of all.
FIRST = (
    "delivery/test_delivery.py",
    "infra/test_configuration.py",
    "integration/test_event_faults.py",
    "infra/properties/test_schemas.py",
    "delivery/test_interrupted_apply.py",
    # template only
    "infra/test_new_project.py",
    # end of template only
    "integration/test_authentication.py",
    "infra/test_tutorial.py",
    "integration/test_developer_console.py",
    "infra/test_start.py",
    "integration/test_readme.py",
    "infra/rights/test_boundary.py",
    "integration/test_load.py",
    "integration/test_seed_and_reset.py",  # on LocalStack
    "infra/test_auth.py",
    "integration/test_dev.py",
    "infra/test_package.py",
    "integration/test_accessibility.py",
    "infra/properties/test_names.py",
    "integration/test_approval_faults.py",
    "delivery/test_lost_creates.py",
    "integration/test_api.py",  # on LocalStack
    "integration/test_console.py",
    "integration/test_document.py",
    "integration/test_stack.py",
    "integration/test_restore.py",
)


def pytest_configure(config: pytest.Config) -> None:
    if chosen_cloud() not in CLOUDS:
        raise pytest.UsageError(f"TEST_CLOUD={chosen_cloud()} is not one of {', '.join(CLOUDS)}")
    config.stash[TOLD] = []
    from tests.harness import budgets, used_rights  # only now, because asserts in there are explained, too

    config.pluginmanager.register(used_rights)
    config.pluginmanager.register(budgets.Budgets())


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """How many processes `-n auto` means; `-n logical` has one for each processor."""
    if config.option.numprocesses != "auto":
        return None
    if chosen_cloud() not in WORKERS:  # the one emulator at an endpoint takes one stack
        return 1
    a_processor, bytes_each = WORKERS[chosen_cloud()]
    room = psutil.virtual_memory().available // bytes_each
    return int(max(min(a_processor * (os.cpu_count() or 1), room), 1))


def chosen_cloud() -> str:
    """The cloud of the integration tests."""
    return os.environ.get("TEST_CLOUD") or "embedded"


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Have each process import the tests from another place on, before it collects them.

    In a new clone nothing is compiled yet, and all of them would compile every module, at the same time.
    """
    if worker := getattr(session.config, "workerinput", None):
        folders = [Path(argument.partition("::")[0]).resolve() for argument in session.config.args]
        files = sorted(file for folder in folders for file in folder.rglob("test_*.py"))
        number = int(worker["workerid"].removeprefix("gw"))
        for file in turned(files, number, worker["workercount"]):
            with contextlib.suppress(Exception):  # which the collection reports
                importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    return (yield)


def turned(files: list[Path], number: int, processes: int) -> list[Path]:
    """All files, from the first of this process's share on."""
    begin = number * len(files) // processes
    return files[begin:] + files[:begin]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Skip what takes many minutes, unless it was asked for."""
    if item.get_closest_marker("thorough") and "thorough" not in item.config.option.markexpr:
        item.add_marker(pytest.mark.skip(reason="takes many minutes: run with -m thorough"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files first, where several processes share the tests: each of them sorts its own list."""
    if hasattr(config, "workerinput"):
        ranks = {file: rank for rank, file in enumerate(FIRST)}
        items.sort(key=lambda item: ranks.get(place_of(item), len(FIRST)))


def pytest_collection_finish() -> None:
    """Garbage is then looked for in what tests make, and not among thousands of tests each time."""
    gc.collect()
    gc.freeze()


def place_of(item: pytest.Item) -> str:
    """The file of a test, within tests/."""
    return item.path.relative_to(Path(__file__).parent).as_posix()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what was told by `tell`."""
    for line in config.stash[TOLD]:
        terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what was told in a worker to the process that shows it."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["told"] = session.config.stash[TOLD]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what was told in a worker."""
    node.config.stash[TOLD] += getattr(node, "workeroutput", {}).get("told", [])


def made_by(pid: int, folder: Path) -> bool:
    """Whether the process with this number runs, and is old enough to have made the folder."""
    try:
        return psutil.Process(pid).create_time() <= folder.stat().st_ctime
    except (psutil.Error, OSError):
        return False


@pytest.fixture(scope="session")
def cloud_folder() -> Iterator[Path]:
    """A folder for this session's clouds; removes those of sessions that were killed."""
    for leftover in WORK_FOLDER.glob("test-*"):
        if not made_by(int(leftover.name.removeprefix("test-")), leftover):
            shutil.rmtree(leftover, ignore_errors=True)
    folder = WORK_FOLDER / f"test-{os.getpid()}"
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Has a line shown at the end of the run."""
    return request.config.stash[TOLD].append
