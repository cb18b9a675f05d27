"""A short run of Locust: every event is accounted for, and a single lost one fails the run."""

from pathlib import Path
from typing import Any

import pytest

from load import conductor
from load.conductor import Plan, conduct
from load.thresholds import Limits
from scripts.base.ports import free_port
from scripts.base.progress import Steps
from scripts.deployments.target import Target
from scripts.operators.tap import ReceivedEvent, Tap
from tests.harness.stack import DeployedStack

SECONDS = 15
# The speed of the machine does not matter here.
PATIENT = Limits(error_rate=0, p95_ms=30_000, lag_p95_ms=60_000)


def run(stack: DeployedStack, folder: Path, shape: str, users: int) -> conductor.Result:
    target = Target(stack.outputs, stack.client)
    return conduct(target, Plan(shape, users, SECONDS), PATIENT, folder, Steps(quiet=True))


@pytest.mark.parametrize("workers", ["none", "two"])
def test_a_run_loses_no_event_and_leaves_a_report(
    stack: DeployedStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    if workers == "two":
        # Processes on this machine, which the master uses as it does those in containers.
        monkeypatch.setenv("LOCUST_PROCESSES", "2")
        port = str(free_port())
        for side in ("LOCUST_MASTER_BIND_PORT", "LOCUST_MASTER_NODE_PORT"):
            monkeypatch.setenv(side, port)

    # Enough users for some to write just before the end.
    result = run(stack, tmp_path / "load", "steady", users=8)

    assert result.wrong == []
    assert result.figures.requests > 10
    assert result.figures.errors == 0
    assert result.lags
    assert not result.books.lost
    assert "write → seen on the bus" in (tmp_path / "load/locust_stats.csv").read_text()
    assert "heartbeat" not in (tmp_path / "load/locust.log").read_text(), "a worker outlived the master"
    assert "<html" in (tmp_path / "load/report.html").read_text()


def test_a_run_that_loses_one_event_fails(
    stack: DeployedStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[ReceivedEvent] = []

    def receive(tap: Tap, original: Any = Tap.receive) -> list[ReceivedEvent]:
        received: list[ReceivedEvent] = original(tap)
        for event in received:
            if (
                not lost
                and event.detail_type == "TaskUpdated"
                and not event.detail["userId"].endswith("warm-up")
            ):
                lost.append(event)
        return [event for event in received if event not in lost]

    monkeypatch.setattr(Tap, "receive", receive)
    monkeypatch.setattr(conductor, "BALANCE_SECONDS", 15.0)

    result = run(stack, tmp_path / "load", "smoke", users=3)

    (event,) = lost
    key = (event.detail_type, event.detail["taskId"], event.detail["version"])
    assert result.wrong == [f"1 events of {len(result.books.written)} were lost: {key}"]
