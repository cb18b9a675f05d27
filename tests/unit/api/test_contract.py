"""The API's contract in-process, for both kinds of front door."""

from collections.abc import Iterator

import httpx
import pytest

from tests.contracts.api import ApiContract
from tests.fakes import FakeServices
from tests.gateway import gateway_client


class TestApi(ApiContract):
    @pytest.fixture(params=["http", "rest"])
    def api(self, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
        with gateway_client(FakeServices(), request.param) as client:
            yield client
