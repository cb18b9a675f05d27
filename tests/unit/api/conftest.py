"""Fixtures of the API's unit tests."""

from collections.abc import Iterator

import pytest

from scripts.build import console, event_page
from services.api import describe_api, show_console
from services.api.built_page import built_page


@pytest.fixture(scope="session", autouse=True)
def built_pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Build the pages from the sources for this run: the source tree holds none that could be stale."""
    folder = tmp_path_factory.mktemp("pages")
    with pytest.MonkeyPatch.context() as patch:
        for module, name, page in (
            (show_console, "BUILT", console.page()),
            (describe_api, "EVENT_PAGE", event_page.page()),
        ):
            file = folder / f"{name}.json"
            file.write_text(page, encoding="utf-8")
            patch.setattr(module, name, file)
        yield
    built_page.cache_clear()
