"""Replays on AWS: the archive is minutes behind, and events are received while a long replay runs."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scripts.base.failure import Failure
from scripts.deployments.target import Target
from scripts.operators import replay, restore
from scripts.operators.replay import Replay, await_archive
from scripts.operators.restore import receive_all, remembered
from scripts.operators.tap import Tap
from services.core.event import Write
from services.core.events import events_of
from tests.harness.as_aws import target
from tests.harness.builders import a_task
from tests.harness.clock import Clock
from tests.harness.command_line import task_manager
from tests.harness.fault_proxy import Answer, Call, FaultProxy, Forward, answer_with, fault_proxy, is_call

UNTIL = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
ARN = "arn:aws:events:eu-central-1:123456789012"
OUTPUTS = {
    "event_bus_name": "task-manager-dev",
    "queue_urls": {"created": "https://sqs/123456789012/task-manager-dev-created"},
}


@pytest.fixture
def aws() -> Iterator[FaultProxy]:
    with fault_proxy() as proxy:
        yield proxy


class Archive:
    """EventBridge: the replay runs for some looks, and its events come one a look; the first is throttled."""

    def __init__(self, aws: FaultProxy, *looks: dict[str, Any]) -> None:
        self.looks = iter(looks)
        self.started: list[dict[str, Any]] = []
        throttled = answer_with(Answer.refusal("ThrottlingException"))
        aws.add(is_call("events", "StartReplay|DescribeReplay"), throttled, times=1)
        aws.add(is_call("events", ".*"), self)

    def __call__(self, call: Call, _forward: Forward) -> Answer:
        match call.operation:
            case "DescribeEventBus":
                return Answer.of_json({"Arn": f"{ARN}:event-bus/task-manager-dev"})
            case "DescribeArchive":
                return Answer.of_json({"ArchiveArn": f"{ARN}:archive/task-manager-dev"})
            case "PutRule" | "DescribeRule":
                key = "RuleArn" if call.operation == "PutRule" else "Arn"
                return Answer.of_json({key: f"{ARN}:rule/task-manager-dev/x"})
            case "StartReplay":
                self.started.append(call.json)
                return Answer.of_json({})
            case "DescribeReplay":
                return Answer.of_json(next(self.looks))
        return Answer.of_json({})


def events_of_tasks(count: int) -> list[dict[str, Any]]:
    """EventBridge's envelopes of so many created tasks."""
    tasks = [a_task(task_id=f"0198c0de-0000-7000-8000-{number:012d}") for number in range(count)]
    created = [event for task in tasks for event in events_of(Write(None, task, "c", task.updated_at))]
    return [{"detail-type": event.detail_type, "detail": json.loads(event.as_json())} for event in created]


def given_queue(aws: FaultProxy, *receipts: list[dict[str, Any]]) -> None:
    """A queue that gives these messages, one list a call, then nothing."""
    left = iter(receipts)

    def receive(_call: Call, _forward: Forward) -> Answer:
        bodies = [json.dumps(envelope) for envelope in next(left, [])]
        messages = [{"MessageId": "1", "ReceiptHandle": "r", "Body": body} for body in bodies]
        return Answer.of_json({"Messages": messages})

    url = {"QueueUrl": "https://sqs/123456789012/tap"}
    aws.add(is_call("sqs", "ReceiveMessage"), receive)
    aws.add(is_call("sqs", "CreateQueue|GetQueueUrl"), answer_with(Answer.of_json(url)))
    attributes = {"Attributes": {"QueueArn": "arn:aws:sqs:eu-central-1:123456789012:tap"}}
    aws.add(is_call("sqs", "GetQueueAttributes"), answer_with(Answer.of_json(attributes)))
    aws.add(is_call("sqs", ".*"), answer_with(Answer.of_json({"Successful": [], "Failed": []})))


class TestTheArchiveIsBehind:
    def wait(self, deployed: Target, until: datetime, report: Any = lambda _: None) -> float:
        """Seconds that are waited, at UNTIL."""
        clock = Clock()
        await_archive(
            deployed, until, report, now=lambda: UNTIL + timedelta(seconds=clock.now()), clock=clock
        )
        return clock.now()

    def test_replay_up_to_now_waits_ten_minutes(self, aws: FaultProxy) -> None:
        told: list[str] = []
        assert self.wait(target(aws), UNTIL, told.append) == pytest.approx(600)
        assert told[0] == "600 s until the archive is complete up to 12:00:00 UTC"

    def test_replay_of_five_minutes_ago_waits_the_rest(self, aws: FaultProxy) -> None:
        assert self.wait(target(aws), UNTIL - timedelta(minutes=5)) == pytest.approx(300)

    def test_replay_of_an_hour_ago_does_not_wait(self, aws: FaultProxy) -> None:
        assert self.wait(target(aws), UNTIL - timedelta(hours=1)) == 0

    @pytest.mark.parametrize(
        "outputs",
        [
            {"api_url": "http://127.0.0.1:4566/_aws"},
            {"api_url": "http://cloud:4566", "kms_key_arn": "arn:aws:kms:us-east-1:000000000000:key/1"},
        ],
    )
    def test_local_cloud_does_not_wait(self, outputs: dict[str, str]) -> None:
        assert self.wait(Target(outputs, lambda _: None), UNTIL) == 0

    def test_without_waiting_a_warning_names_what_may_be_missing(
        self, aws: FaultProxy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(replay, "chosen_target", lambda *_, **__: target(aws, **OUTPUTS))
        archive = Archive(aws, {"State": "COMPLETED"})

        task_manager("replay", "--from", "2026-01-31T12:00:00Z", "--consumer", "created", "--no-wait")

        assert "events of the last ten minutes may be missing" in capsys.readouterr().out
        assert archive.started[0]["Destination"]["FilterArns"] == [f"{ARN}:rule/task-manager-dev/x"]

    def test_waiting_comes_before_the_replay(self, aws: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(replay, "chosen_target", lambda *_, **__: target(aws, **OUTPUTS))
        archive, waited = Archive(aws, {"State": "COMPLETED"}), list[datetime]()
        monkeypatch.setattr(replay, "await_archive", lambda _t, until, _r: waited.append(until))

        task_manager("replay", "--from", "2026-01-31T12:00:00Z", "--to", "2026-01-31T13:00:00Z")

        assert waited == [datetime(2026, 1, 31, 13, 0, tzinfo=UTC)]
        assert len(archive.started) == 1


class TestLongReplays:
    def looks(self, aws: FaultProxy, seconds: float, *looks: dict[str, Any]) -> Replay:
        """A replay that is looked at every so many seconds."""
        Archive(aws, *looks)
        clock = Clock()

        def now() -> float:
            clock.sleep(seconds)
            return clock.now()

        return Replay(target(aws), "r", now=now)

    def running(self, minute: int) -> dict[str, Any]:
        return {"State": "RUNNING", "EventLastReplayedTime": (UNTIL + timedelta(minutes=minute)).timestamp()}

    def test_replay_that_makes_progress_may_take_hours(self, aws: FaultProxy) -> None:
        slow = self.looks(aws, 1000, *(self.running(minute) for minute in range(20)), {"State": "COMPLETED"})
        assert [slow.is_over() for _ in range(21)] == [*[False] * 20, True]

    def test_replay_without_progress_for_an_hour_fails(self, aws: FaultProxy) -> None:
        stuck = self.looks(aws, 1000, *[self.running(0)] * 20)
        with pytest.raises(Failure, match=r"the replay r is RUNNING: no progress beyond .* for an hour"):
            assert not any(stuck.is_over() for _ in range(20))

    def test_replay_that_fails_gives_its_reason(self, aws: FaultProxy) -> None:
        failed = self.looks(aws, 1000, {"State": "FAILED", "StateReason": "the archive was deleted"})
        with pytest.raises(Failure, match="the replay r is FAILED: the archive was deleted"):
            failed.is_over()


class TestRestore:
    @pytest.fixture(autouse=True)
    def _no_pauses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(replay, "POLL_SECONDS", 0.0)

    def test_events_are_received_while_the_replay_runs(self, aws: FaultProxy) -> None:
        events = events_of_tasks(3)
        given_queue(aws, [events[0]], [events[1]], [], [events[2]])
        Archive(aws, *[{"State": "RUNNING"}] * 2, {"State": "COMPLETED"})
        deployed = target(aws, **OUTPUTS)
        bus = Tap(deployed.client("sqs"), "https://sqs/123456789012/tap", "rule")

        memory = receive_all(bus, Replay(deployed, "r"), lambda _: None, quiet_looks=3)

        assert memory.received == 3
        operations = [call.operation for call in aws.calls]
        # Two of them before the replay was over.
        assert operations.index("ReceiveMessage") < len(operations) - operations[::-1].index("DescribeReplay")

    def test_restore_ends_even_if_the_bus_is_never_quiet(
        self, aws: FaultProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(restore, "LATEST_SECONDS", 0.0)
        given_queue(aws, *([event] for event in events_of_tasks(50)))
        Archive(aws, {"State": "COMPLETED"})
        deployed = target(aws, **OUTPUTS)
        bus = Tap(deployed.client("sqs"), "https://sqs/123456789012/tap", "rule")

        memory = receive_all(bus, Replay(deployed, "r"), lambda _: None, quiet_looks=3)

        assert 0 < memory.received < 50

    def test_restore_waits_for_the_archive_and_the_rule_and_keeps_events_for_days(
        self, aws: FaultProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waited: list[datetime] = []
        monkeypatch.setattr(restore, "await_archive", lambda _t, until, _r: waited.append(until))
        monkeypatch.setattr(restore, "QUIET_LOOKS_ON_AWS", 2)
        given_queue(aws, events_of_tasks(2))
        archive = Archive(aws, {"State": "RUNNING"}, {"State": "COMPLETED"})
        long_ago = datetime(2026, 1, 1, tzinfo=UTC)

        memory = remembered(target(aws, **OUTPUTS), long_ago, long_ago + timedelta(days=1))

        assert memory.received == 2
        # The new rule gets a minute, though the archive has been complete for long.
        assert timedelta(minutes=8) < datetime.now(UTC) - waited[0] < timedelta(minutes=10)
        assert archive.started[0]["EventEndTime"] == (long_ago + timedelta(days=1)).timestamp()
        (created,) = [call.json for call in aws.calls if call.operation == "CreateQueue"]
        assert created["Attributes"]["MessageRetentionPeriod"] == str(14 * 24 * 3600)
