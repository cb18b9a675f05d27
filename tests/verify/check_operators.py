"""The operators' commands, run in this process: what they print, and what they do."""

import json
import time
from pathlib import Path
from uuid import uuid4

import pytest

from scripts.base.paths import ROOT
from scripts.deployments import token
from scripts.deployments.target import Target
from scripts.operators import approvals, dead_letters, logs, redrive, status, trace
from scripts.operators.log_lines import LogReader, ago
from scripts.operators.verification.run import Run
from tests.harness.command_line import task_manager
from tests.harness.waiting import eventually
from tests.integration.test_monitoring import (
    test_a_trace_shows_a_task_from_its_creation_to_the_archive,
    test_logs_of_a_task_are_in_order_of_time,
)
from tests.integration.test_operators import test_approvals_are_listed_and_decided
from tests.verify.poison import POISONED, Poison

__all__ = [
    "test_a_trace_shows_a_task_from_its_creation_to_the_archive",
    "test_approvals_are_listed_and_decided",
    "test_logs_of_a_task_are_in_order_of_time",
]

pytestmark = pytest.mark.usefixtures("events_arrive")

COMMANDS = (approvals, dead_letters, logs, redrive, status, token, trace)
REDRIVEN = "deleted"
MARGIN_SECONDS = 120


@pytest.fixture
def target(run: Run, monkeypatch: pytest.MonkeyPatch) -> Target:
    """The deployment, which every command is made to choose."""
    for command in COMMANDS:
        monkeypatch.setattr(command, "chosen_target", lambda *_, **__: run.target)
    monkeypatch.setenv("COLUMNS", "200")
    return run.target


@pytest.fixture
def approver(caller: str | None) -> str:
    return caller or "grace"


def test_status_shows_functions_queues_and_approvals(
    run: Run, target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    assert task_manager("status", "--env", run.environment) == 0
    shown = capsys.readouterr().out

    for part in (target.outputs["api_url"], "create-task", "relay", POISONED, "approvals"):
        assert part in shown
    assert "missing" not in shown


def test_token_prints_a_token_where_the_api_requires_one(
    target: Target, caller: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if caller is None:
        with pytest.raises(Exception, match="requires no token"):
            task_manager("token")
    else:
        task_manager("token")
        assert capsys.readouterr().out.count(".") == 2


def test_a_dead_letter_is_redriven_and_handled(
    run: Run, target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message in a dead-letter queue is shown, moved back and handled by its function."""
    marker, sample = f"verify-{uuid4().hex[:12]}", ROOT / "docs/events/TaskDeleted.sample.json"
    event = json.loads(Path(sample).read_text(encoding="utf-8")) | {"correlationId": marker}
    run.made.message(REDRIVEN, marker)
    target.client("sqs").send_message(
        QueueUrl=target.outputs["dead_letter_queue_urls"][REDRIVEN],
        MessageBody=json.dumps({"detail-type": "TaskDeleted", "detail": event}),
    )

    def shown() -> bool:
        task_manager("dead-letters")
        return marker in capsys.readouterr().out

    eventually(shown, "the message among the dead letters")

    assert redrive.redrive(target, own_letter(target, REDRIVEN, marker))
    function = dead_letters.consumers()[REDRIVEN]

    def handled() -> list[str]:
        lines = LogReader(target, [function]).read(ago("10m"), marker)
        return [line.message for line in lines if line.message == "reacted"]

    assert eventually(handled, f"{function} handling the message") == ["reacted"]
    run.made.message_gone(REDRIVEN, marker)


@pytest.mark.timeout(1800)
def test_an_unreadable_message_becomes_a_dead_letter_with_its_reason(
    run: Run, poison: Poison, target: Target
) -> None:
    """An unreadable message ends in the dead-letter queue, and `make dead-letters` shows the reason."""
    waited = time.monotonic() - poison.sent
    deadline = max(seconds_until_given_up(target) + MARGIN_SECONDS - waited, MARGIN_SECONDS)

    letter = eventually(lambda: find(target, POISONED, poison.marker), "the poisoned message", deadline)
    target.client("sqs").delete_message(QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt)
    run.made.message_gone(POISONED, poison.marker)
    reason = eventually(lambda: reason_of(target, letter), "the reason in the function's log")

    assert "not an event of" in reason


def seconds_until_given_up(target: Target) -> float:
    """Seconds until SQS moves a message to the dead-letter queue: visibility timeout by maxReceiveCount."""
    url = target.outputs["queue_urls"][POISONED]
    names = ["VisibilityTimeout", "RedrivePolicy"]
    found = target.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    tries = int(json.loads(found["RedrivePolicy"])["maxReceiveCount"])
    return float(found["VisibilityTimeout"]) * tries


def reason_of(target: Target, letter: dead_letters.DeadLetter) -> str | None:
    reason = dead_letters.reason_of(target, letter)
    return None if reason == dead_letters.UNKNOWN else reason


def own_letter(target: Target, queue: str, marker: str) -> dead_letters.DeadLetter:
    return eventually(lambda: find(target, queue, marker), f"our own dead letter of {queue}")


def find(target: Target, queue: str, marker: str) -> dead_letters.DeadLetter | None:
    """This run's message in a dead-letter queue; other messages become visible again at once."""
    letters = list(dead_letters.read(target, queue))
    dead_letters.release(target, [letter for letter in letters if marker not in letter.body])
    return next((letter for letter in letters if marker in letter.body), None)
