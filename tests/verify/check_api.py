"""The API's contract."""

import pytest

from tests.contracts.api import ApiContract


class TestApi(ApiContract):
    """Uses the fixture `api` of conftest.py."""

    @pytest.fixture
    def subject(self, caller: str | None) -> str | None:
        return caller
