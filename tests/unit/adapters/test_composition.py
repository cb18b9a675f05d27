"""What the functions work with is made when it is due."""

from collections.abc import Callable

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


STORES: dict[str, tuple[type[IndexedTable | FeedTable], Callable[[AwsServices], object]]] = {
    "STATUS_SHARDS": (IndexedTable, lambda it: it.tasks.newest(TaskFilter(Status.PENDING), 1, None)),
    "FEED_SHARDS": (FeedTable, lambda it: it.feed.newest(None, 1)),
}


@pytest.mark.parametrize("variable", STORES)
@pytest.mark.parametrize(("setting", "shards"), [("3", 3), (None, 1)])
def test_the_store_knows_its_shards(
    settings: pytest.MonkeyPatch, variable: str, setting: str | None, shards: int
) -> None:
    settings.setenv("FEED_TABLE", "feed")
    if setting:
        settings.setenv(variable, setting)
    else:
        settings.delenv(variable, raising=False)
    kind, read = STORES[variable]
    table, services = kind(), AwsServices()
    settings.setattr("services.composition.client", lambda _: table)
    read(services)
    assert len(table.asked) == shards


def test_elsewhere_it_is_made_when_it_is_used(settings: pytest.MonkeyPatch) -> None:
    settings.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    services = AwsServices()
    assert "tasks" not in vars(services)
    assert services.tasks is services.tasks
