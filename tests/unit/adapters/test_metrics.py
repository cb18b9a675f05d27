"""Metrics are log lines that CloudWatch reads: the embedded metric format."""

import json

import pytest

from services.adapters.metrics import EmfMeter
from services.core.approvals import ApprovalOutcome
from services.core.metrics import (
    APPROVALS,
    COMMON_DIMENSIONS,
    METRICS,
    STATUS_CHANGES,
    Metric,
)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_a_value_is_a_line_with_its_unit_and_dimensions(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, metric: Metric
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "on-created")
    labels = {name: known[0] for name, known in metric.labels.items()}

    EmfMeter("TaskManager", "local").record(metric, 2, labels)

    line = json.loads(capsys.readouterr().out)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "TaskManager"
    assert [(m["Name"], m["Unit"]) for m in directive["Metrics"]] == [(metric.name, metric.unit)]
    (dimensions,) = directive["Dimensions"]
    assert sorted(dimensions) == sorted([*COMMON_DIMENSIONS, *metric.labels])
    expected = {metric.name: [2], "environment": "local", "service": "on-created", **labels}
    assert {name: line[name] for name in expected} == expected


def test_each_value_is_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    meter = EmfMeter("TaskManager", "local")

    meter.record(STATUS_CHANGES, 1, {"status": "completed"})
    meter.record(STATUS_CHANGES, 1, {"status": "rejected"})

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["status"] for line in lines] == ["completed", "rejected"]


def test_the_approval_labels_are_the_possible_outcomes() -> None:
    # Asking again ends no approval, so it is not counted among those that ended.
    assert set(APPROVALS.labels["outcome"]) == set(ApprovalOutcome) - {ApprovalOutcome.ASKED_AGAIN}


def test_no_metric_has_many_dimension_values() -> None:
    for metric in METRICS.values():
        assert len(metric.labels) <= 1, metric.name
        assert all(len(labels) <= 20 for labels in metric.labels.values()), metric.name
