"""A browser without a window leaves nothing behind."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from scripts.quality.browser import browser, trouble_with_browser
from tests.harness.waiting import eventually

pytestmark = pytest.mark.skipif(trouble_with_browser() is not None, reason=f"{trouble_with_browser()}")


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files: a short one, for there are sockets among them."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


def test_it_leaves_no_process_and_no_file(temporary: Path) -> None:
    others = children()
    with browser() as driver:
        driver.get("data:text/html,<title>A page</title>")
        title, started = driver.title, children() - others

    assert title == "A page"
    assert started
    eventually(lambda: not [process for process in started if is_there(process)], "the end of all processes")
    assert list(temporary.iterdir()) == []


def children() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


def is_there(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
