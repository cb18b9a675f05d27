"""The API's contract over HTTP, on the deployed stack."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from tests.contracts.api import UNKNOWN, ApiContract


class TestApi(ApiContract):
    """Uses the fixture `api` of conftest.py: the client of the deployed API."""

    @pytest.mark.parametrize("path", ["/tasks", f"/tasks/{UNKNOWN}"])
    def test_the_gateway_dates_every_answer(self, api: httpx.Client, path: str) -> None:
        date = parsedate_to_datetime(api.get(path).headers["date"])
        assert abs(datetime.now(UTC) - date) < timedelta(minutes=5)
