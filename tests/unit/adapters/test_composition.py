"""What the functions work with is made when it is due."""

import pytest

from services.composition import AwsServices
from services.core.listing import TaskFilter
from services.core.status import Status
from tests.unit.adapters.indexed_table import IndexedTable
from tests.unit.adapters.test_feed_shards import FeedTable


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TASKS_TABLE", "tasks")
    monkeypatch.delenv("STATISTICS_TABLE", raising=False)
    return monkeypatch


def test_on_lambda_it_is_made_before_the_first_request(settings: pytest.MonkeyPatch) -> None:
    settings.setenv("AWS_LAMBDA_FUNCTION_NAME", "a-function")
    services = AwsServices()
    assert "tasks" in vars(services)
    assert "statistics" not in vars(services)  # the function was given no such table


@pytest.mark.parametrize(("setting", "shards"), [("3", 3), (None, 1)])
def test_the_store_knows_the_shards_of_a_status(
    settings: pytest.MonkeyPatch, setting: str | None, shards: int
) -> None:
    if setting:
        settings.setenv("STATUS_SHARDS", setting)
    else:
        settings.delenv("STATUS_SHARDS", raising=False)
    table, services = IndexedTable(), AwsServices()
    settings.setattr("services.composition.client", lambda _: table)
    services.tasks.newest(TaskFilter(Status.PENDING), 1, None)
    assert len(table.asked) == shards


@pytest.mark.parametrize(("setting", "shards"), [("3", 3), (None, 1)])
def test_the_feed_knows_its_shards(settings: pytest.MonkeyPatch, setting: str | None, shards: int) -> None:
    settings.setenv("FEED_TABLE", "feed")
    if setting:
        settings.setenv("FEED_SHARDS", setting)
    else:
        settings.delenv("FEED_SHARDS", raising=False)
    table, services = FeedTable(), AwsServices()
    settings.setattr("services.composition.client", lambda _: table)
    services.feed.newest(None, 1)
    assert len(table.asked) == shards


def test_elsewhere_it_is_made_when_it_is_used(settings: pytest.MonkeyPatch) -> None:
    settings.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    services = AwsServices()
    assert "tasks" not in vars(services)
    assert services.tasks is services.tasks
