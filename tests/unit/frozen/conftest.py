"""A deployment whose tables hold what earlier releases wrote."""

from typing import Any

import pytest

from scripts.documents.frozen_forms import forms
from services.adapters.dynamodb.approvals import DynamoDBApprovalStore
from services.adapters.dynamodb.feed import DynamoDBFeedStore
from services.adapters.dynamodb.statistics import DynamoDBStatisticsStore
from services.adapters.dynamodb.tasks import DynamoDBTaskStore
from tests.harness.fakes import FakeServices, Ticking
from tests.unit.adapters.small_dynamodb import SmallDynamoDB

Item = dict[str, Any]


@pytest.fixture
def tables() -> SmallDynamoDB:
    return SmallDynamoDB()


@pytest.fixture
def services(tables: SmallDynamoDB) -> FakeServices:
    """Today's adapters on these tables; everything else is a fake."""
    client = tables.client()
    services = FakeServices(clock=Ticking(), tasks=DynamoDBTaskStore(client, "tasks", "idempotency"))
    services.approvals = DynamoDBApprovalStore(client, "approvals", services.clock)  # type: ignore[assignment]
    services.feed = DynamoDBFeedStore(client, "feed", 1, services.clock)  # type: ignore[assignment]
    services.statistics = DynamoDBStatisticsStore(  # type: ignore[assignment]
        client, "statistics", services.retention_period, services.clock
    )
    return services


def frozen(kind: str, name: str) -> Item:
    """A frozen form."""
    return forms(kind)[name]
