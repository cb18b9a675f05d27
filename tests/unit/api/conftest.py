"""Fixtures of the API's unit tests."""

from collections.abc import Iterator

import pytest

from scripts.build import console
from services.api import show_console


@pytest.fixture(scope="session", autouse=True)
def built_console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Build the page from the sources for this run: the source tree holds none that could be stale."""
    page = tmp_path_factory.mktemp("console") / "page.json"
    page.write_text(console.page(), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(show_console, "BUILT", page)
        yield
    show_console.console.cache_clear()
