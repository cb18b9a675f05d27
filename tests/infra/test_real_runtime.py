"""What packaged functions log under Lambda's own runtime, at every level: no secret, and every metric."""

import json
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from scripts.base.paths import ROOT
from scripts.operators.log_lines import parse
from services.core.metrics import COMMON_DIMENSIONS, METRICS
from tests.aws.insights import error_filter, matches
from tests.aws.lambda_runtime import Life, install, live
from tests.aws.occasions import SETTINGS, events_for
from tests.aws.planted import ACCESS_KEY, MARK, SESSION_TOKEN
from tests.aws.stub_services import REFUSING, stub_services
from tests.harness.function_map import FUNCTIONS
from tests.infra.conftest import minimal_environment

pytestmark = pytest.mark.skipif(
    find_spec("awslambdaric") is None,
    reason="awslambdaric is not installed: it is ready-made for Linux only",
)

LEVELS = ("DEBUG", "INFO", "WARN", "ERROR")
# One function of each kind is enough at the levels at which libraries log nothing.
SOME = ("create_task", "relay", "on_completed", "request_approval")
PLATFORM = json.loads((ROOT / "tests/aws/platform_records.json").read_text(encoding="utf-8"))["records"]


class Case(NamedTuple):
    """A function, how its logs are configured, and settings that make it fail."""

    function: str
    log_format: str = "JSON"
    level: str = "DEBUG"
    changed: tuple[tuple[str, str], ...] = ()


EVERY_FUNCTION = [Case(function) for function in FUNCTIONS]
EVERY_LEVEL = [
    Case(function, log_format, level)
    for function in SOME
    for log_format in ("JSON", "Text")
    for level in LEVELS
    if (log_format, level) != ("JSON", "DEBUG")
]
WELL = EVERY_FUNCTION + EVERY_LEVEL
# AWS refuses a call of each: the first raises, the second answers 500, the third reports a failed message.
REFUSED = [
    Case(function, "JSON", level, ((setting, REFUSING),))
    for function, setting in (
        ("relay", "EVENT_BUS"),
        ("create_task", "TASKS_TABLE"),
        ("on_completed", "STATISTICS_TABLE"),
    )
    for level in ("DEBUG", "ERROR")
]
BROKEN = [
    Case("create_task", log_format, "ERROR", (("STATUS_SHARDS", "many"),)) for log_format in ("JSON", "Text")
]


def log_settings(case: Case) -> dict[str, str]:
    """What infra/functions.tf and infra/modules/function derive from `log_level`; Text has no level."""
    delivered = {"AWS_LAMBDA_LOG_LEVEL": "DEBUG" if case.level == "DEBUG" else "INFO"}
    return {
        "AWS_LAMBDA_LOG_FORMAT": case.log_format,
        "POWERTOOLS_LOG_LEVEL": "WARNING" if case.level == "WARN" else case.level,
        **(delivered if case.log_format == "JSON" else {}),
    }


def environment(case: Case, endpoint: str) -> dict[str, str]:
    """All variables of the function's process."""
    names = FUNCTIONS[case.function]["environment"]
    return minimal_environment(
        **{name: SETTINGS.get(name, name.lower()) for name in names},
        ENVIRONMENT="test",
        AUTH_MODE="none",
        POWERTOOLS_METRICS_NAMESPACE="TaskManager",
        POWERTOOLS_SERVICE_NAME=case.function.replace("_", "-"),
        POWERTOOLS_TRACE_DISABLED="true",
        PYDANTIC_DISABLE_PLUGINS="1",
        AWS_LAMBDA_FUNCTION_NAME=f"task-manager-test-{case.function}",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE="512",
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY=ACCESS_KEY,
        AWS_SESSION_TOKEN=SESSION_TOKEN,
        AWS_ENDPOINT_URL=endpoint,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    ) | {**log_settings(case), **dict(case.changed)}


@pytest.fixture(scope="module")
def life_of(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Case], Life]]:
    """Gives the finished run of a case. All cases run in parallel, ahead of the tests that use them."""
    installed = install(tmp_path_factory.mktemp("var") / "runtime")
    with stub_services() as endpoint, ThreadPoolExecutor(os.cpu_count()) as pool:

        def lived(case: Case) -> Life:
            handler = FUNCTIONS[case.function]["handler"]
            variables = environment(case, endpoint)
            return live(handler, events_for(case.function), unpacked, installed, variables)

        lives: dict[Case, Future[Life]] = {case: pool.submit(lived, case) for case in WELL + REFUSED + BROKEN}
        yield lambda case: lives[case].result()


def by_name(case: Case) -> str:
    """The id of a case's test."""
    return "-".join((case.function, case.log_format, case.level))


def delivered(life: Life, case: Case) -> list[dict[str, Any]]:
    """What Lambda would pass on to CloudWatch with JSON logs.

    It drops lines below the function's log level, and treats a line without a known level as INFO:
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
    """
    order = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
    least = order.index(log_settings(case)["AWS_LAMBDA_LOG_LEVEL"])
    levels = [(line, line.get("level", "INFO")) for line in life.documents]
    return [line for line, level in levels if order.index(level if level in order else "INFO") >= least]


@pytest.mark.parametrize("case", [*WELL, *REFUSED, *BROKEN], ids=by_name)
def test_no_token_and_nothing_that_people_wrote_is_logged(
    case: Case, life_of: Callable[[Case], Life]
) -> None:
    life = life_of(case)
    assert MARK not in life.output
    assert "x-amz-security-token" not in life.output.lower()


@pytest.mark.parametrize("case", WELL, ids=by_name)
def test_every_function_succeeds_under_the_real_runtime(case: Case, life_of: Callable[[Case], Life]) -> None:
    """Otherwise it would have logged little."""
    life = life_of(case)

    assert (life.init_error, life.errors) == (None, [])
    assert len(life.answers) == len(events_for(case.function))
    for answer in life.answers:
        assert (answer or {}).get("statusCode", 200) < 400, answer
        assert (answer or {}).get("batchItemFailures", []) == [], answer


@pytest.mark.parametrize("function", FUNCTIONS)
def test_libraries_log_nothing_at_debug_level(function: str, life_of: Callable[[Case], Life]) -> None:
    """Every line is a metric or one of our own; botocore would write dozens for each call."""
    life = life_of(Case(function))
    others = [line for line in life.documents if "_aws" not in line and "service" not in line]

    assert [line for line in life.lines if not line.startswith("{")] == []
    assert others == []


@pytest.mark.parametrize("case", EVERY_LEVEL, ids=by_name)
def test_metrics_are_the_same_at_every_level_and_delivered(
    case: Case, life_of: Callable[[Case], Life]
) -> None:
    life = life_of(case)
    expected = [names(line) for line in life_of(Case(case.function)).metrics]

    assert [names(line) for line in life.metrics] == expected
    if case.log_format == "JSON":
        assert [line for line in delivered(life, case) if "_aws" in line] == life.metrics


@pytest.mark.parametrize("function", FUNCTIONS)
def test_metrics_have_their_unit_values_and_dimensions(
    function: str, life_of: Callable[[Case], Life]
) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html"""
    for line in life_of(Case(function)).metrics:
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        (described,) = directive["Metrics"]
        metric = METRICS[described["Name"]]
        (dimensions,) = directive["Dimensions"]

        assert directive["Namespace"] == "TaskManager"
        assert described["Unit"] == metric.unit
        assert all(isinstance(value, int | float) for value in line[metric.name])
        assert set(dimensions) == {*COMMON_DIMENSIONS, *metric.labels}
        assert all(isinstance(line[name], str) for name in dimensions)


def test_reactions_and_relay_write_metrics(life_of: Callable[[Case], Life]) -> None:
    for function, expected in (
        ("relay", ["ParkedRecords", "RelayLagSeconds"]),
        ("on_completed", ["TasksCompleted", "CompletionSeconds", "ReactionLagSeconds"]),
        ("request_approval", ["ApprovalsRequested"]),
    ):
        assert [name for line in life_of(Case(function)).metrics for name in names(line)] == expected


@pytest.mark.parametrize("case", EVERY_LEVEL, ids=by_name)
def test_own_lines_are_filtered_by_the_level(case: Case, life_of: Callable[[Case], Life]) -> None:
    own = {line["level"] for line in life_of(case).documents if "_aws" not in line}
    least = {"DEBUG": 0, "INFO": 0, "WARN": 1, "ERROR": 1}[case.level]

    assert own <= {"INFO", "ERROR"}
    assert ("INFO" in own) == (least == 0)
    # The relay parks a record, which is an error at every level.
    assert ("ERROR" in own) == (case.function == "relay")


@pytest.mark.parametrize("case", WELL, ids=by_name)
def test_own_lines_have_an_rfc_3339_timestamp(case: Case, life_of: Callable[[Case], Life]) -> None:
    """Lambda treats a line with another kind of timestamp as INFO, whatever its level."""
    for line in life_of(case).documents:
        if "_aws" not in line:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", line["timestamp"])


@pytest.mark.parametrize("case", REFUSED, ids=by_name)
def test_a_failure_shows_among_the_dashboards_errors(case: Case, life_of: Callable[[Case], Life]) -> None:
    shown = [line for line in delivered(life_of(case), case) if matches(error_filter(), line)]
    assert shown
    assert "AccessDenied" in json.dumps(shown)


@pytest.mark.parametrize("level", ["DEBUG", "ERROR"])
def test_an_exception_is_logged_by_the_runtime_with_its_type_and_trace(
    level: str, life_of: Callable[[Case], Life]
) -> None:
    case = Case("relay", "JSON", level, (("EVENT_BUS", REFUSING),))

    (line,) = [line for line in life_of(case).documents if "errorType" in line]
    shown = parse("relay", {"timestamp": 0, "message": json.dumps(line)})

    assert line["level"] == "ERROR"
    assert line["errorType"] == "ClientError"
    assert "PutEvents" in line["errorMessage"]
    assert any("relay.py" in part for part in line["stackTrace"])
    assert shown is not None
    assert shown.message.startswith("ClientError: ")


@pytest.mark.parametrize("case", BROKEN, ids=by_name)
def test_a_function_that_cannot_start_logs_the_reason(case: Case, life_of: Callable[[Case], Life]) -> None:
    life = life_of(case)
    lines = [parse("create_task", {"timestamp": 0, "message": line}) for line in life.lines]

    assert life.init_error["errorType"] == "ValueError"
    assert life.answers == []
    assert any(line is not None and line.level == "ERROR" and "many" in line.message for line in lines)
    if case.log_format == "JSON":
        assert any(matches(error_filter(), line) for line in life.documents)


@pytest.mark.parametrize("name", PLATFORM)
def test_the_dashboard_shows_lambdas_own_reports_of_failures(name: str) -> None:
    """No function can write these reports, so samples are used, with their source."""
    assert matches(error_filter(), PLATFORM[name]["event"]) == (name != "success")


def names(line: dict[str, Any]) -> list[str]:
    """The metrics of a line."""
    return [
        metric["Name"] for directive in line["_aws"]["CloudWatchMetrics"] for metric in directive["Metrics"]
    ]
