"""The workflow's functions: each state's input and output, as JSON through Step Functions."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.approvals.apply_decision import apply_decision
from services.approvals.expire_approval import expire_approval
from services.approvals.request_approval import request_approval
from services.approvals.step import step
from services.approvals.validate_task import validate_task
from services.core.errors import ServiceUnavailable
from services.core.ids import new_task_id
from services.core.status import Priority, Status
from services.core.task import Task
from services.core.verdicts import Verdict, Waiting
from tests.harness.builders import a_task, an_approval
from tests.harness.fakes import NOON, FakeServices
from tests.unit.conftest import LogLines

Work = Callable[..., Any]


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


@pytest.fixture
def task(services: FakeServices) -> Task:
    """A task that waits for approval."""
    task = a_task(status=Status.PENDING_APPROVAL, priority=Priority.HIGH, title="Buy a ship", user_id="ada")
    services.tasks.put_new(task, "cause")
    return task


def run(services: FakeServices, work: Work, **given: object) -> dict[str, Any]:
    """Input and result go through JSON, as between states."""
    handler = step(work, compose=lambda *_: services)
    result = handler(json.loads(json.dumps({"correlationId": "cause"} | given)), None)
    return dict(json.loads(json.dumps(result)))


def decided(decision: str = "approve") -> dict[str, Any]:
    verdict = Verdict(kind="decided", approval=an_approval(decision), correlation_id="grace")
    return dict(json.loads(verdict.model_dump_json(by_alias=True, exclude_none=True)))


def test_validating_returns_whether_the_task_waits(services: FakeServices, task: Task) -> None:
    assert run(services, validate_task, taskId=task.task_id) == {"check": "needs_approval"}
    assert run(services, validate_task, taskId=new_task_id(NOON)) == {"check": "cancelled"}


class TestRequesting:
    def test_stores_the_token_and_the_deadline(self, services: FakeServices, task: Task) -> None:
        answer = run(services, request_approval, taskId=task.task_id, taskToken="token", timeoutSeconds=60)
        assert answer == {"deadline": "2026-01-31T12:01:00.000Z"}
        assert services.approvals.waiting[task.task_id] == Waiting(
            task.task_id, 1, "token", "2026-01-31T12:00:00.000Z", "2026-01-31T12:01:00.000Z"
        )

    def test_notifies_approvers_of_what_to_decide_and_how(self, services: FakeServices, task: Task) -> None:
        run(services, request_approval, taskId=task.task_id, taskToken="token", timeoutSeconds=60)

        ((subject, data, text, attributes),) = services.notifications.published
        route = f"POST /tasks/{task.task_id}/approval"
        assert subject == "Approval needed"
        assert json.loads(data) == {
            "taskId": task.task_id,
            "version": 1,
            "title": "Buy a ship",
            "userId": "ada",
            "route": route,
            "deadline": "2026-01-31T12:01:00.000Z",
        }
        assert text.splitlines() == [
            "ada asks for approval: Buy a ship",
            "",
            "Decide before 2026-01-31T12:01:00.000Z:",
            f'  {route} {{"decision": "approve"}}, or "reject" with a "reason"',
            '  with the header If-Match: "1", so that it counts for what you have read',
        ]
        assert attributes == {"detailType": "ApprovalRequested"}
        assert services.meter.values == {"ApprovalsRequested": [1]}

    def test_a_retry_stores_the_newer_token(self, services: FakeServices, task: Task) -> None:
        """A retried state waits with a new token, and the old one ends no wait."""
        for token in ("old", "new"):
            run(services, request_approval, taskId=task.task_id, taskToken=token, timeoutSeconds=60)
        assert services.approvals.waiting[task.task_id].token == "new"

    def test_stores_the_token_before_it_notifies(self, services: FakeServices, task: Task) -> None:
        """An approver who decides at once finds the token stored."""
        services.notifications.failures = [ServiceUnavailable("SNS")]
        with pytest.raises(ServiceUnavailable):
            run(services, request_approval, taskId=task.task_id, taskToken="token", timeoutSeconds=60)
        assert task.task_id in services.approvals.waiting

    def test_for_a_deleted_task_notifies_nobody(self, services: FakeServices) -> None:
        """Its removal has written, or will write, the verdict that ends the wait."""
        task_id = new_task_id(NOON)

        run(services, request_approval, taskId=task_id, taskToken="token", timeoutSeconds=60)

        assert services.notifications.published == []
        waiting = services.approvals.waiting[task_id]
        assert (waiting.token, waiting.version) == ("token", 0), "any verdict holds"


class TestExpiring:
    @pytest.mark.parametrize(("decision", "outcome"), [("approve", "approved"), ("reject", "rejected")])
    def test_decides_and_returns_a_verdict_that_can_be_applied(
        self, services: FakeServices, task: Task, decision: str, outcome: str
    ) -> None:
        verdict = run(services, expire_approval, taskId=task.task_id, decision=decision, timeoutSeconds=60)
        assert verdict["approval"]["reason"] == "no decision within 60 seconds"
        assert (verdict["approval"]["approver"], verdict["correlationId"]) == ("timeout", "cause")

        applied = run(services, apply_decision, taskId=task.task_id, verdict=verdict)
        assert applied == {"outcome": outcome}

    def test_returns_an_earlier_decision(self, services: FakeServices, task: Task) -> None:
        approval = an_approval("approve").model_copy(update={"reason": None})
        services.approvals.decide(task.task_id, approval, "grace")

        verdict = run(services, expire_approval, taskId=task.task_id, decision="reject", timeoutSeconds=60)

        assert Verdict.model_validate(verdict, strict=False).approval == approval
        assert run(services, apply_decision, taskId=task.task_id, verdict=verdict) == {"outcome": "approved"}

    def test_returns_an_earlier_removal(self, services: FakeServices, task: Task) -> None:
        services.approvals.cancel(task.task_id, 1, "removal")

        verdict = run(services, expire_approval, taskId=task.task_id, decision="reject", timeoutSeconds=60)

        assert verdict == {"kind": "cancelled", "correlationId": "removal"}
        assert run(services, apply_decision, taskId=task.task_id, verdict=verdict) == {"outcome": "cancelled"}


class TestApplying:
    def test_measures_outcome_and_wait(self, services: FakeServices, task: Task) -> None:
        started = {"requestedAt": "2026-01-31T11:59:00.000Z"}

        run(services, apply_decision, taskId=task.task_id, verdict=decided(), **started)

        assert services.meter.values["Approvals"] == [1]
        (waited,) = services.meter.values["ApprovalWaitSeconds"]
        assert 60 <= waited < 65

    def test_counts_what_the_timeout_decided_and_nothing_else(
        self, services: FakeServices, task: Task
    ) -> None:
        verdict = run(services, expire_approval, taskId=task.task_id, decision="reject", timeoutSeconds=60)

        run(services, apply_decision, taskId=task.task_id, verdict=decided())
        assert "ApprovalsTimedOut" not in services.meter.values

        run(services, apply_decision, taskId=task.task_id, verdict=verdict)
        assert services.meter.values["ApprovalsTimedOut"] == [1]

    def test_a_task_that_changed_since_the_decision_is_asked_about_again(
        self, services: FakeServices
    ) -> None:
        changed = a_task(status=Status.PENDING_APPROVAL, priority=Priority.HIGH, version=2)
        services.tasks.put_new(changed, "cause")

        answer = run(services, apply_decision, taskId=changed.task_id, verdict=decided())

        assert (answer, services.meter.values) == ({"outcome": "asked_again"}, {})

    @pytest.mark.parametrize("times", [1, 3])
    def test_a_repeat_returns_the_same_outcome(self, services: FakeServices, task: Task, times: int) -> None:
        for _ in range(times):
            answer = run(services, apply_decision, taskId=task.task_id, verdict=decided("reject"))
            assert answer == {"outcome": "rejected"}

        after = services.tasks.get(task.task_id)
        assert after is not None
        assert (after.status, after.version) == (Status.REJECTED, 2)

    def test_a_deleted_task_is_cancelled(self, services: FakeServices) -> None:
        answer = run(services, apply_decision, taskId=new_task_id(NOON), verdict=decided())
        assert answer == {"outcome": "cancelled"}


def test_each_step_logs_its_correlation_id(services: FakeServices, task: Task, log_lines: LogLines) -> None:
    run(services, validate_task, taskId=task.task_id, correlationId="order-66")

    (line,) = log_lines()
    assert (line["message"], line["correlation_id"]) == ("validate_task", "order-66")
    assert (line["task_id"], line["result"]) == (task.task_id, {"check": "needs_approval"})


def test_each_step_logs_its_duration_in_milliseconds(
    services: FakeServices, task: Task, log_lines: LogLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([7.0, 7.012346])
    monkeypatch.setattr("services.approvals.step.time.perf_counter", lambda: next(moments))

    run(services, validate_task, taskId=task.task_id)

    (line,) = log_lines()
    assert line["duration_ms"] == 12.3


def test_a_step_without_a_correlation_id_logs_none(services: FakeServices, log_lines: LogLines) -> None:
    step(validate_task, compose=lambda *_: services)({"taskId": new_task_id(NOON)}, None)

    (line,) = log_lines()
    assert "correlation_id" not in line


def test_an_input_of_another_form_is_logged_before_it_raises(
    services: FakeServices, log_lines: LogLines
) -> None:
    with pytest.raises(TypeError):
        step(validate_task, compose=lambda *_: services)([], None)  # type: ignore[arg-type]

    (line,) = log_lines()
    assert line["message"] == "step failed"


def test_a_failing_step_is_logged_and_raises(services: FakeServices, task: Task, log_lines: LogLines) -> None:
    services.approvals.failures = [ServiceUnavailable("DynamoDB refuses for now")]

    with pytest.raises(ServiceUnavailable):
        run(services, expire_approval, taskId=task.task_id, decision="reject", timeoutSeconds=60)

    (line,) = log_lines()
    assert (line["level"], line["message"], line["task_id"]) == ("ERROR", "step failed", task.task_id)
    assert "DynamoDB refuses" in line["exception"]
