"""How the feed's adapter handles DynamoDB's errors. Everything else: tests/contracts/feed_store.py."""

import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from services.adapters.dynamodb.feed import DynamoDBFeedStore
from services.adapters.dynamodb.wire import item_to_wire
from services.core.errors import ServiceUnavailable
from services.core.event import Write
from services.core.events import events_of
from services.core.feed import FeedEntry, entry_of
from services.core.moments import epoch_seconds
from tests.harness.builders import a_task
from tests.harness.fakes import NOON
from tests.unit.adapters.conftest import Stubbed


@pytest.fixture
def script(stubbed: Stubbed) -> Stubber:
    return stubbed("dynamodb")[1]


@pytest.fixture
def store(script: Stubber) -> DynamoDBFeedStore:
    return DynamoDBFeedStore(script.client, "feed", 1, lambda: NOON)


def an_entry() -> FeedEntry:
    task = a_task()
    return entry_of(events_of(Write(None, task, "cause", task.created_at))[0], NOON)


def test_an_entry_expires_an_hour_after_its_arrival(script: Stubber, store: DynamoDBFeedStore) -> None:
    entry = an_entry()
    item = entry.model_dump(mode="json", by_alias=True) | {
        "feed": "tasks",
        "position": f"{entry.occurred_at}#{entry.event_id}",
        "expiresAt": epoch_seconds(NOON) + 3600,
    }
    put = {"TableName": "feed", "Item": item_to_wire(item)}
    once = {"ConditionExpression": ANY, "ExpressionAttributeNames": ANY}
    script.add_response("put_item", {}, put | once)

    store.record(entry)


@pytest.mark.parametrize(
    ("code", "error"),
    [("ThrottlingException", ServiceUnavailable), ("AccessDeniedException", ClientError)],
)
def test_a_failing_request_raises(
    script: Stubber, store: DynamoDBFeedStore, code: str, error: type[Exception]
) -> None:
    script.add_client_error("put_item", code)
    with pytest.raises(error):
        store.record(an_entry())

    script.add_client_error("query", code)
    with pytest.raises(error):
        store.newest("ada", 10)
