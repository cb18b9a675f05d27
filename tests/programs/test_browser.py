"""A browser without a window leaves nothing behind."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.quality.browser import browser, trouble_with_browser
from tests.harness.processes import processes_in
from tests.harness.waiting import eventually

pytestmark = pytest.mark.skipif(trouble_with_browser() is not None, reason=f"{trouble_with_browser()}")


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files: a short one, for there are sockets among them."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


def test_it_leaves_no_process_and_no_file(temporary: Path) -> None:
    with browser() as driver:
        driver.get("data:text/html,<title>A page</title>")
        title, started = driver.title, processes_in(temporary)

    assert title == "A page"
    assert started
    eventually(lambda: not processes_in(temporary), "the end of all processes")
    assert list(temporary.iterdir()) == []
