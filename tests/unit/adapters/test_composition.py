"""A function's start: on Lambda its services are made and the process is tuned, elsewhere neither."""

import gc
import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from services.api.entry_point import entry_point
from services.api.get_task import OPERATION, get_task
from services.api.get_user_statistics import get_user_statistics
from services.api.no_route import no_route
from services.approvals.step import step
from services.approvals.validate_task import validate_task
from services.composition import AwsServices, start
from services.core.listing import TaskFilter
from services.core.status import Status
from services.relay.relay import relay
from services.settings import MissingSetting, Settings
from services.streams import stream
from tests.harness.fakes import FakeServices
from tests.unit.adapters.indexed_table import IndexedTable
from tests.unit.adapters.test_feed_shards import FeedTable


@pytest.fixture
def on_lambda(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A process of Lambda's, with a table of tasks and none of statistics; it is restored afterwards."""
    threshold, root_level = gc.get_threshold(), logging.getLogger().level
    monkeypatch.setattr(logging, "_srcfile", logging._srcfile)
    for name in ("logThreads", "logProcesses", "logMultiprocessing"):
        monkeypatch.setattr(logging, name, getattr(logging, name))
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "task-manager-test-get-task")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "get-task")
    monkeypatch.setenv("TASKS_TABLE", "tasks")
    monkeypatch.delenv("STATISTICS_TABLE", raising=False)
    yield monkeypatch
    gc.set_threshold(*threshold)
    logging.getLogger().setLevel(root_level)


def test_on_lambda_exactly_the_used_services_are_made_at_the_start(
    on_lambda: pytest.MonkeyPatch,
) -> None:
    assert vars(start(get_task, ("tasks", "meter"))).keys() == {"settings", "tasks", "_task_table", "meter"}


def test_on_lambda_no_service_is_made_for_another_imported_function(
    on_lambda: pytest.MonkeyPatch,
) -> None:
    assert vars(start(get_user_statistics, ("statistics",))).keys() == {"settings"}


def test_on_lambda_a_missing_setting_ends_the_start(on_lambda: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingSetting, match="STATISTICS_TABLE"):
        start(get_task, ("statistics",))


def test_on_lambda_garbage_is_collected_seldom_and_libraries_log_warnings_only(
    on_lambda: pytest.MonkeyPatch,
) -> None:
    start(get_task, ())
    assert gc.get_threshold()[0] == 50_000
    assert logging.getLogger("botocore.endpoint").getEffectiveLevel() == logging.WARNING


def test_outside_lambda_nothing_is_made_or_tuned(on_lambda: pytest.MonkeyPatch) -> None:
    on_lambda.delenv("AWS_LAMBDA_FUNCTION_NAME")
    before = gc.get_threshold(), logging.getLogger().level

    services = start(get_task, ("tasks", "statistics"))

    assert vars(services).keys() == {"settings"}
    assert services.tasks is services.tasks
    assert (gc.get_threshold(), logging.getLogger().level) == before


STORES: dict[str, tuple[type[IndexedTable | FeedTable], Callable[[AwsServices], object]]] = {
    "STATUS_SHARDS": (IndexedTable, lambda it: it.tasks.newest(TaskFilter(Status.PENDING), 1, None)),
    "FEED_SHARDS": (FeedTable, lambda it: it.feed.newest(None, 1)),
}


@pytest.mark.parametrize("variable", STORES)
@pytest.mark.parametrize(("setting", "shards"), [("3", 3), (None, 1)])
def test_the_store_reads_as_many_shards_as_are_set(
    monkeypatch: pytest.MonkeyPatch, variable: str, setting: str | None, shards: int
) -> None:
    kind, read = STORES[variable]
    table = kind()
    monkeypatch.setattr("services.composition.client", lambda _: table)
    environment = {"TASKS_TABLE": "tasks", "FEED_TABLE": "feed"} | ({variable: setting} if setting else {})

    read(AwsServices(Settings(environment)))

    assert len(table.asked) == shards


@pytest.mark.parametrize("environment", [{}, {"TASKS_TABLE": ""}])
def test_a_missing_setting_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(MissingSetting, match="TASKS_TABLE"):
        _ = Settings(environment).tasks_table
    assert Settings({"TASKS_TABLE": "tasks"}).tasks_table == "tasks"


@pytest.mark.parametrize(
    ("work", "entry"),
    [
        (validate_task, step),
        (relay, stream),
        (get_task, lambda work, **how: entry_point({OPERATION: work}, how["compose"], uses=how["uses"])),
        (no_route, lambda work, **how: entry_point({}, how["compose"], uses=how["uses"], otherwise=work)),
    ],
    ids=["step", "stream", "endpoint", "unmatched requests"],
)
def test_an_entry_point_composes_what_its_work_uses(work: Any, entry: Any) -> None:
    asked: list[Any] = []

    def compose(composed: object, uses: Iterable[str]) -> FakeServices:
        asked.extend((composed, tuple(uses)))
        return FakeServices()

    entry(work, uses=("tasks", "meter"), compose=compose)

    assert asked == [work, ("tasks", "meter")]
