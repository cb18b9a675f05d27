"""What the emulator's IAM decides is recorded: each decision once, in a short file."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.clouds import decisions
from scripts.clouds.decisions import FILE, Decision, read, record_decisions

ROLE = "arn:aws:sts::000000000000:assumed-role/relay-use1/relay"
BUS = "arn:aws:events:us-east-1:000000000000:event-bus/bus"


def emulator(folder: Path, *, allows: bool = True) -> Any:
    """An evaluator as ministack has it, which is recorded."""
    iam = SimpleNamespace()

    def evaluate(_context: Any, *_policies: Any) -> Any:
        return SimpleNamespace(decision="Allow" if allows else "ImplicitDeny")

    def enforce(principal: str, action: str, resource: str) -> Any:
        if principal == "root":
            return None  # without an evaluation
        context = SimpleNamespace(principal_arn=principal, action=action, resource_arn=resource)
        result = iam.evaluate(context, [])
        return None if result.decision == "Allow" else result

    iam.evaluate, iam.enforce = evaluate, enforce
    record_decisions(iam, folder)
    return iam


def recorded(folder: Path) -> list[Decision]:
    return list(read(folder / FILE))


def test_a_decision_is_recorded_once(tmp_path: Path) -> None:
    iam = emulator(tmp_path)

    answers = [iam.enforce(ROLE, "events:PutEvents", BUS) for _ in range(3)]

    assert answers == [None, None, None]
    assert recorded(tmp_path) == [Decision(ROLE, "events:PutEvents", BUS, "Allow")]


def test_a_refusal_is_recorded_and_passed_on(tmp_path: Path) -> None:
    iam = emulator(tmp_path, allows=False)

    refused = iam.enforce(ROLE, "events:PutEvents", BUS)

    assert refused.decision == "ImplicitDeny"
    (decision,) = recorded(tmp_path)
    assert not decision.allowed


@pytest.mark.parametrize(
    "caller",
    ["root", "arn:aws:iam::000000000000:user/relay", "arn:aws:sts::000000000000:assumed-role/relay/rights"],
)
def test_only_calls_of_functions_are_recorded(tmp_path: Path, caller: str) -> None:
    iam = emulator(tmp_path)
    iam.enforce(ROLE, "events:PutEvents", BUS)

    iam.enforce(caller, "sqs:SendMessage", BUS)

    assert [decision.principal for decision in recorded(tmp_path)] == [ROLE]


def test_objects_in_a_folder_are_one_resource(tmp_path: Path) -> None:
    iam = emulator(tmp_path)

    for key in ("tasks/2026/01/a.json", "tasks/2026/02/b.json", "root.json"):
        iam.enforce(ROLE, "s3:PutObject", f"arn:aws:s3:::archive/{key}")

    assert [decision.resource for decision in recorded(tmp_path)] == [
        "arn:aws:s3:::archive/tasks/*",
        "arn:aws:s3:::archive/root.json",
    ]


def test_the_record_goes_on_after_a_restart_of_the_cloud(tmp_path: Path) -> None:
    emulator(tmp_path).enforce(ROLE, "events:PutEvents", BUS)
    restarted = emulator(tmp_path)

    restarted.enforce(ROLE, "events:PutEvents", BUS)
    restarted.enforce(ROLE, "sqs:SendMessage", "queue")

    assert [decision.action for decision in recorded(tmp_path)] == ["events:PutEvents", "sqs:SendMessage"]


def test_removing_the_file_begins_a_new_record(tmp_path: Path) -> None:
    iam = emulator(tmp_path)
    iam.enforce(ROLE, "events:PutEvents", BUS)
    (tmp_path / FILE).unlink()

    iam.enforce(ROLE, "events:PutEvents", BUS)

    assert [decision.action for decision in recorded(tmp_path)] == ["events:PutEvents"]


def test_the_record_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "MOST", 3)
    iam = emulator(tmp_path)

    for number in range(5):
        iam.enforce(ROLE, "sqs:SendMessage", f"queue-{number}")

    assert len(recorded(tmp_path)) == 3


@pytest.mark.parametrize("half", ['{"principal": "arn', '{"principal": "arn{"principal": "x"}', "7", "{}"])
def test_half_a_line_spoils_no_other(tmp_path: Path, half: str) -> None:
    emulator(tmp_path).enforce(ROLE, "events:PutEvents", BUS)
    with (tmp_path / FILE).open("a") as file:
        file.write(f"\n{half}")

    emulator(tmp_path).enforce(ROLE, "sqs:SendMessage", "queue")

    assert [decision.action for decision in recorded(tmp_path)] == ["events:PutEvents", "sqs:SendMessage"]


def test_a_decision_that_cannot_be_written_stops_no_call_and_is_written_the_next_time(tmp_path: Path) -> None:
    iam = emulator(tmp_path)
    (tmp_path / FILE).mkdir()

    assert iam.enforce(ROLE, "events:PutEvents", BUS) is None

    (tmp_path / FILE).rmdir()
    iam.enforce(ROLE, "events:PutEvents", BUS)
    assert [decision.action for decision in recorded(tmp_path)] == ["events:PutEvents"]
