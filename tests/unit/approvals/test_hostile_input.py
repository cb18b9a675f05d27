"""Records of the approvals table and inputs of the workflow's states that hold anything at all."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.approvals.apply_decision import apply_decision
from services.approvals.deliver_decision import deliver_decision
from services.approvals.expire_approval import expire_approval
from services.approvals.request_approval import request_approval
from services.approvals.step import step
from services.approvals.validate_task import validate_task
from services.core.errors import DomainError, ServiceUnavailable
from services.core.status import Priority, Status
from services.core.verdicts import Verdict
from services.streams import stream
from tests.harness.anything import JSON, damaged
from tests.harness.builders import a_task, an_approval
from tests.harness.deliveries import approval_record
from tests.harness.fakes import FakeServices
from tests.unit.conftest import LogLines

REASON = "because of Eve"
APPROVAL = an_approval().model_copy(update={"reason": REASON})
VERDICT = Verdict(kind="decided", approval=APPROVAL, correlation_id="grace")
RECORD = approval_record("task", "token", VERDICT)
STEPS = [apply_decision, expire_approval, request_approval, validate_task]
TASK = a_task(status=Status.PENDING_APPROVAL, priority=Priority.HIGH)
INPUT: dict[str, Any] = {
    "taskId": TASK.task_id,
    "taskToken": "a token",
    "timeoutSeconds": 60,
    "requestedAt": "2026-01-31T12:00:00.000Z",
    "decision": "reject",
    "correlationId": "cause",
    "verdict": VERDICT.model_dump(mode="json", by_alias=True),
}


def deliver(services: FakeServices, *records: object) -> None:
    stream(deliver_decision, compose=lambda *_: services)({"Records": list(records)}, None)


def services() -> FakeServices:
    known = FakeServices()
    known.tasks.put_new(TASK, "cause")
    return known


@given(JSON)
def test_an_arbitrary_record_is_skipped(record: Any) -> None:
    known = services()
    deliver(known, record, RECORD)
    assert known.workflow.delivered == {"token": VERDICT}


@given(damaged(st.just(RECORD)))
def test_a_damaged_record_blocks_no_other(record: Any) -> None:
    known = services()
    deliver(known, record, approval_record("other", "another token", VERDICT))
    assert known.workflow.delivered["another token"] == VERDICT


def test_an_unreadable_record_is_logged_by_id_without_its_content(log_lines: LogLines) -> None:
    record = approval_record("task", "token", VERDICT)
    record["dynamodb"]["NewImage"]["verdict"]["M"]["kind"] = {"S": REASON}

    deliver(services(), record)

    (line,) = log_lines()
    assert (line["level"], line["message"], line["record"]) == ("ERROR", "unreadable", record["eventID"])
    assert "kind" in line["reason"]
    assert REASON not in json.dumps(line)


def test_a_transient_failure_is_no_unreadable_record() -> None:
    known = services()
    known.workflow.failures = [ServiceUnavailable("Step Functions refuses for now")]
    with pytest.raises(ServiceUnavailable):
        deliver(known, RECORD)


@pytest.mark.parametrize("work", STEPS)
@given(data=st.data())
def test_a_step_answers_in_json_or_refuses_its_input(work: Any, data: Any) -> None:
    """An exception fails the state; the state machine retries, catches and records it."""
    given_input = data.draw(JSON | damaged(st.just(INPUT)))
    with contextlib.suppress(AttributeError, DomainError, KeyError, OverflowError, TypeError, ValueError):
        answer = step(work, compose=lambda *_: services())(given_input, None)
        assert json.loads(json.dumps(answer)) == answer


@pytest.mark.parametrize("work", STEPS)
def test_neither_tokens_nor_reasons_are_logged(log_lines: LogLines, work: Any) -> None:
    known = services()
    known.approvals.decide(TASK.task_id, APPROVAL, "grace")

    step(work, compose=lambda *_: known)(INPUT, None)
    step_input = INPUT | {"taskToken": None, "verdict": {"kind": REASON}, "timeoutSeconds": REASON}
    try:
        step(work, compose=lambda *_: known)(step_input, None)
    except ValueError:
        assert log_lines()[-1]["message"] == "step failed"

    written = json.dumps([line for line in log_lines() if line["level"] == "INFO"])
    assert "a token" not in written
    assert REASON not in written
