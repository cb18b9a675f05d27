"""Metrics are log lines that CloudWatch reads: the embedded metric format."""

import json

import pytest

from services.adapters.metrics import EmfMeter


@pytest.mark.parametrize(("metric", "unit"), [("TasksCreated", "Count"), ("CompletionSeconds", "Seconds")])
def test_a_value_is_a_line_with_its_unit_and_dimensions(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, metric: str, unit: str
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "local")
    EmfMeter().record(metric, 2, {"priority": "high"})
    line = json.loads(capsys.readouterr().out)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "TaskManager"
    assert [(m["Name"], m["Unit"]) for m in directive["Metrics"]] == [(metric, unit)]
    assert {"environment", "priority"} <= set(directive["Dimensions"][0])
    assert (line[metric], line["environment"], line["priority"]) == ([2], "local", "high")


def test_each_value_is_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    meter = EmfMeter()
    meter.record("StatusChanges", 1, {"status": "completed"})
    meter.record("StatusChanges", 1, {"status": "rejected"})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["status"] for line in lines] == ["completed", "rejected"]
