"""Clients of AWS services that follow a script and check the services' models."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest
from botocore.stub import Stubber

from tests.unit.adapters.small_dynamodb import session

Stubbed = Callable[[str], tuple[Any, Stubber]]

NONE, CONFLICT, CONDITION = "None", "TransactionConflict", "ConditionalCheckFailed"
"""Why a write of a transaction did not take place."""


@cache
def _client(service: str) -> Any:
    return session().create_client(
        service, region_name="eu-central-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    """Service → its client and script. Requests must match the script, in its order;
    requests and answers must fit the service's model.
    """
    with ExitStack() as stubs:

        def stubbed(service: str) -> tuple[Any, Stubber]:
            stubber = stubs.enter_context(Stubber(_client(service)))
            stubs.callback(stubber.assert_no_pending_responses)
            return _client(service), stubber

        yield stubbed


@pytest.fixture
def script(stubbed: Stubbed) -> Stubber:
    return stubbed("dynamodb")[1]


def cancelled(script: Stubber, *reasons: str) -> None:
    """Cancel the next transaction, with a reason for each of its writes."""
    script.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        modeled_fields={"CancellationReasons": [{"Code": reason} for reason in reasons]},
    )
