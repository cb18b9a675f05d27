"""The API's contract over HTTP, on the deployed stack."""

from tests.contracts.api import ApiContract


class TestApi(ApiContract):
    """Uses the fixture `api` of conftest.py: the client of the deployed API."""
