"""The effects of each event: once, however often and in whatever order it arrives."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.composition import Services
from services.core.errors import ServiceUnavailable
from services.core.event import Write
from services.core.events import (
    TaskCompleted,
    TaskCreated,
    TaskDeleted,
    TaskEvent,
    TaskExpired,
    TaskUpdated,
    events_of,
)
from services.core.moments import seconds_between
from services.core.status import Priority, Status
from services.core.task import Task, TaskChanges, change
from services.reactions.on_completed import on_completed
from services.reactions.on_created import on_created
from services.reactions.on_deleted import on_deleted
from services.reactions.on_updated import on_updated
from tests.harness.builders import a_task, an_approval
from tests.harness.fakes import NOON, FakeServices
from tests.harness.lives import LIVES

REACTIONS: dict[type[TaskEvent], Callable[[TaskEvent, Services], None]] = {
    TaskCreated: on_created,
    TaskUpdated: on_updated,
    TaskCompleted: on_completed,
    TaskDeleted: on_deleted,
    TaskExpired: on_deleted,
}


@pytest.fixture
def services() -> FakeServices:
    return FakeServices()


def written(old: Task | None, new: Task | None) -> dict[str, TaskEvent]:
    moment = (new or old or a_task()).updated_at
    return {event.detail_type: event for event in events_of(Write(old, new, "cause", moment))}


def react(services: FakeServices, *events: TaskEvent) -> None:
    for event in events:
        if type(event) in REACTIONS:
            REACTIONS[type(event)](event, services)


def waiting(**fields: object) -> Task:
    return a_task(status=Status.PENDING_APPROVAL, priority=Priority.HIGH, **fields)


def changed(task: Task, **fields: object) -> TaskEvent:
    return written(task, change(task, TaskChanges(**fields), NOON))["TaskUpdated"]


def completion(created_at: str, completed_at: str) -> TaskEvent:
    task = a_task(created_at=created_at, updated_at=created_at)
    done = task.model_copy(
        update={"status": Status.COMPLETED, "version": task.version + 1, "updated_at": completed_at}
    )
    return written(task, done)["TaskCompleted"]


class TestCreated:
    def test_is_counted_once_and_notified_each_time_with_one_id(self, services: FakeServices) -> None:
        event = written(None, a_task(user_id="ada"))["TaskCreated"]

        react(services, event, event)

        assert services.statistics.of_user("ada").created == 1
        assert services.meter.values["TasksCreated"] == [1]
        assert services.notifications.notified == [("Task created", event)] * 2

    @pytest.mark.parametrize("priority", [Priority.LOW, Priority.MEDIUM])
    def test_of_ordinary_priority_starts_no_approval(
        self, services: FakeServices, priority: Priority
    ) -> None:
        react(services, written(None, a_task(priority=priority))["TaskCreated"])
        assert services.workflow.executions == {}

    def test_of_high_priority_starts_one_approval(self, services: FakeServices) -> None:
        task = waiting()
        event = written(None, task)["TaskCreated"]

        react(services, event, event)

        assert services.workflow.executions == {f"{task.task_id}-1": event}

    def test_a_retry_after_a_failure_completes_every_effect(self, services: FakeServices) -> None:
        """The count is not repeated; the missing effects follow."""
        event = written(None, waiting(user_id="ada"))["TaskCreated"]
        services.notifications.failures = [ServiceUnavailable("SNS")]
        services.workflow.failures = [ServiceUnavailable("Step Functions")]

        for _ in range(2):
            with pytest.raises(ServiceUnavailable):
                react(services, event)
        react(services, event)

        assert services.statistics.of_user("ada").created == 1
        assert services.meter.values["TasksCreated"] == [1]
        assert len(services.workflow.executions) == 1


class TestUpdated:
    def test_a_new_status_is_notified_and_measured(self, services: FakeServices) -> None:
        event = changed(a_task(), status=Status.IN_PROGRESS)

        react(services, event)

        assert services.notifications.notified == [("Task in progress", event)]
        assert services.meter.values["StatusChanges"] == [1]

    def test_any_other_change_has_no_effect(self, services: FakeServices) -> None:
        react(services, changed(a_task(), title="clearer", priority=Priority.LOW))
        react(services, changed(waiting(), title="clearer"))

        assert services.notifications.notified == []
        assert services.meter.values == {}
        assert services.workflow.executions == {}

    def test_raised_to_high_starts_one_approval(self, services: FakeServices) -> None:
        event = changed(a_task(), priority=Priority.HIGH)
        react(services, event, event)
        assert services.workflow.executions == {f"{event.task_id}-2": event}

    def test_raising_an_approved_task_starts_no_approval(self, services: FakeServices) -> None:
        task = a_task(status=Status.APPROVED, priority=Priority.LOW, approval=an_approval())
        react(services, changed(task, priority=Priority.HIGH))
        assert services.workflow.executions == {}


class TestCompleted:
    def test_is_counted_once_with_its_duration(self, services: FakeServices) -> None:
        event = completion("2026-01-31T12:00:00.000Z", "2026-01-31T12:01:30.500Z")

        react(services, event, event)

        statistics = services.statistics.of_user("ada")
        assert (statistics.completed, statistics.average_completion_seconds) == (1, 90.5)
        assert statistics.last_completed_at == "2026-01-31T12:01:30.500Z"
        assert services.meter.values == {"TasksCompleted": [1], "CompletionSeconds": [90.5]}

    def test_each_event_is_counted_by_its_own_id(self, services: FakeServices) -> None:
        events = [completion("2026-01-31T12:00:00.000Z", "2026-01-31T12:00:01.000Z") for _ in range(2)]

        react(services, *events)

        assert services.statistics.of_user("ada").completed == 2

    def test_is_archived_by_the_day_in_utc_as_the_api_shows_it(self, services: FakeServices) -> None:
        event = completion("2026-01-31T12:00:00.000Z", "2026-02-01T00:00:00.000Z")

        react(services, event, event)

        ((key, content),) = services.archive.objects.items()
        assert key == f"tasks/2026/02/01/{event.task_id}.json"
        assert json.loads(content) == json.loads(event.task.as_json())

    def test_expires_after_the_retention_period(self, services: FakeServices) -> None:
        services.retention_period = timedelta(days=7)
        event = completion("2026-01-01T12:00:00.000Z", "2026-01-31T12:00:00.000Z")

        react(services, event)

        assert services.retention.expiries == {event.task_id: int((NOON + timedelta(days=7)).timestamp())}

    def test_a_negative_duration_counts_as_zero(self, services: FakeServices) -> None:
        """An event from another source must not damage the user's statistics."""
        react(services, completion("2026-01-31T12:00:00.000Z", "2026-01-31T11:00:00.000Z"))
        assert services.statistics.of_user("ada").average_completion_seconds == 0


class TestDeleted:
    def removal(self, task: Task, *, expired: bool = False) -> TaskEvent:
        return events_of(Write(task, None, "cause", task.updated_at, expired))[0]

    @pytest.mark.parametrize("expired", [False, True])
    def test_ends_a_pending_approval(self, services: FakeServices, expired: bool) -> None:
        event = self.removal(waiting(), expired=expired)

        react(services, event, event)

        verdict = services.approvals.verdicts[event.task_id]
        assert (verdict.kind, verdict.approval, verdict.correlation_id) == ("cancelled", None, "cause")

    def test_keeps_a_decision(self, services: FakeServices) -> None:
        event = self.removal(waiting())
        decided = services.approvals.decide(event.task_id, an_approval(), "earlier")

        react(services, event)

        assert services.approvals.verdicts == {event.task_id: decided}

    @pytest.mark.parametrize("status", [status for status in Status if status is not Status.PENDING_APPROVAL])
    def test_of_any_other_task_ends_nothing(self, services: FakeServices, status: Status) -> None:
        react(services, self.removal(a_task(status=status)))
        assert services.approvals.verdicts == {}


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[TaskEvent], list[TaskEvent]]:
    """The events of some tasks, and the same with repetitions, in any order."""
    lives = draw(st.lists(LIVES, max_size=4))
    events = [event for life in lives for write in life for event in events_of(write)]
    repeated = draw(st.lists(st.sampled_from(events), max_size=8)) if events else []
    return events, draw(st.permutations(events + repeated))


@given(deliveries())
def test_statistics_equal_a_recount_in_any_order_and_repetition(
    given_: tuple[list[TaskEvent], list[TaskEvent]],
) -> None:
    events, delivered = given_
    services = FakeServices()

    react(services, *delivered)

    for user in ("ada", "bob"):
        durations, last = completions_of(events, user)
        statistics = services.statistics.of_user(user)
        assert statistics.created == sum(isinstance(e, TaskCreated) and e.user_id == user for e in events)
        assert statistics.completed == len(durations)
        expected = sum(durations) / len(durations) if durations else 0
        assert statistics.average_completion_seconds == pytest.approx(expected, abs=0.001)
        assert statistics.last_completed_at == last


@given(deliveries())
def test_effects_are_the_same_in_any_order_and_repetition(
    given_: tuple[list[TaskEvent], list[TaskEvent]],
) -> None:
    in_order, disorderly = FakeServices(), FakeServices()

    react(in_order, *given_[0])
    react(disorderly, *given_[1])

    assert disorderly.archive.objects == in_order.archive.objects
    assert disorderly.retention.expiries == in_order.retention.expiries
    assert disorderly.workflow.executions == in_order.workflow.executions
    assert disorderly.approvals.verdicts == in_order.approvals.verdicts
    assert told(disorderly) == told(in_order)


@given(LIVES)
def test_an_approval_starts_exactly_where_one_is_needed(life: list[Write]) -> None:
    services = FakeServices()

    react(services, *[event for write in life for event in events_of(write)])

    waited = [
        f"{write.new.task_id}-{write.new.version}"
        for write in life
        if write.new is not None
        and write.new.status is Status.PENDING_APPROVAL
        and (write.old is None or write.old.status is not Status.PENDING_APPROVAL)
    ]
    assert list(services.workflow.executions) == waited


def told(services: FakeServices) -> set[tuple[str, str]]:
    return {(subject, event.event_id) for subject, event in services.notifications.notified}


def completions_of(events: Sequence[TaskEvent], user: str) -> tuple[list[float], str | None]:
    mine = [event for event in events if isinstance(event, TaskCompleted) and event.user_id == user]
    durations = [seconds_between(event.task.created_at, event.occurred_at) for event in mine]
    return durations, max((event.occurred_at for event in mine), default=None)
