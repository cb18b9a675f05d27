"""What the functions work with: on AWS the real adapters, in tests whatever fulfils `Services`.

Adapters are imported where they are made: a function pays at its start for what it uses, and no more.
"""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from services.adapters.aws import client
from services.adapters.environment import required
from services.core.ids import new_task_id
from services.core.moments import system_clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from services.adapters.dynamodb.tasks import DynamoDBTaskStore
    from services.adapters.eventbridge import Refusal
    from services.core.approvals import ApprovalStore, Verdict
    from services.core.events import TaskEvent
    from services.core.feed import FeedStore
    from services.core.ids import NewId
    from services.core.moments import Clock
    from services.core.ports import TaskStore
    from services.core.reactions import Archive, Meter, Retention
    from services.core.statistics import StatisticsStore


class Bus(Protocol):
    """Where events go."""

    def publish(self, events: Iterable[TaskEvent]) -> list[Refusal]:
        """Publishes all; gives those refused for good. Raises ServiceUnavailable if any may yet pass."""


class Parking(Protocol):
    """Where a record is kept that cannot be relayed."""

    def park(self, record: Mapping[str, Any], reason: str) -> None:
        """Keeps a record of any size with the reason."""


class Notifications(Protocol):
    """Tells subscribers."""

    def tell(self, subject: str, event: TaskEvent) -> None:
        """Publishes an event under a subject."""

    def publish(self, subject: str, data: str, text: str, attributes: dict[str, str]) -> None:
        """Publishes JSON for programs and text for people."""


class Workflow(Protocol):
    """The approval workflow."""

    def start(self, event: TaskEvent) -> None:
        """Starts the approval that the event asks for, once."""

    def deliver(self, token: str, verdict: Verdict) -> bool:
        """Wakes the workflow that holds the token; False if it waits no longer."""


class Services(Protocol):
    """The outside world, as the functions see it."""

    @property
    def authenticates(self) -> bool:
        """Whether the gateway lets in only callers whose token it has verified."""

    @property
    def clock(self) -> Clock:
        """Tells the time."""

    @property
    def new_id(self) -> NewId:
        """Gives ids to new tasks."""

    @property
    def tasks(self) -> TaskStore:
        """Keeps the tasks."""

    @property
    def retention(self) -> Retention:
        """Has tasks forgotten."""

    @property
    def statistics(self) -> StatisticsStore:
        """Keeps the users' totals."""

    @property
    def feed(self) -> FeedStore:
        """Keeps what happened lately."""

    @property
    def approvals(self) -> ApprovalStore:
        """Keeps the verdicts."""

    @property
    def workflow(self) -> Workflow:
        """Has tasks approved."""

    @property
    def bus(self) -> Bus:
        """Carries the events."""

    @property
    def parking(self) -> Parking:
        """Keeps what cannot be relayed."""

    @property
    def notifications(self) -> Notifications:
        """Tells people."""

    @property
    def archive(self) -> Archive:
        """Keeps completed tasks for good."""

    @property
    def meter(self) -> Meter:
        """Measures."""


# What a function works with shows in the settings that it was given.
_BY_SETTING = {
    "TASKS_TABLE": "tasks",
    "STATISTICS_TABLE": "statistics",
    "APPROVALS_TABLE": "approvals",
    "EVENT_BUS": "bus",
    "NOTIFICATIONS_TOPIC": "notifications",
    "APPROVAL_STATE_MACHINE": "workflow",
    "ARCHIVE_BUCKET": "archive",
}


class AwsServices:
    """The real adapters, each made when it is first used, and on Lambda before the first request.

    While a function starts it has a whole processor, whatever its memory size: what the first request needs
    is made then. Elsewhere (tests, scripts) importing a function makes nothing.
    """

    def __init__(self) -> None:
        if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
            for setting, service in _BY_SETTING.items():
                if os.environ.get(setting):
                    getattr(self, service)

    clock: Clock = staticmethod(system_clock)
    new_id: NewId = staticmethod(new_task_id)

    @cached_property
    def authenticates(self) -> bool:
        """As Terraform says; a function that was told nothing does nothing."""
        return required("AUTH_MODE") != "none"

    @cached_property
    def tasks(self) -> TaskStore:
        """The `tasks` table; `idempotency` for the function that creates."""
        return self._task_table

    @cached_property
    def retention(self) -> Retention:
        """The `tasks` table's time to live."""
        return self._task_table

    @cached_property
    def _task_table(self) -> DynamoDBTaskStore:
        from services.adapters.dynamodb.tasks import DynamoDBTaskStore

        idempotency_table = os.environ.get("IDEMPOTENCY_TABLE", "")
        # For functions that write a status or list by it; the others are not told.
        status_shards = int(os.environ.get("STATUS_SHARDS", "1"))
        return DynamoDBTaskStore(
            client("dynamodb"), required("TASKS_TABLE"), idempotency_table, status_shards
        )

    @cached_property
    def statistics(self) -> StatisticsStore:
        """The `statistics` table."""
        from services.adapters.dynamodb.statistics import DynamoDBStatisticsStore

        keep_markers = timedelta(days=int(os.environ.get("PROCESSED_EVENT_DAYS", "0")))
        return DynamoDBStatisticsStore(
            client("dynamodb"), required("STATISTICS_TABLE"), keep_markers, self.clock
        )

    @cached_property
    def feed(self) -> FeedStore:
        """The `feed` table."""
        from services.adapters.dynamodb.feed import DynamoDBFeedStore

        shards = int(os.environ.get("FEED_SHARDS", "1"))
        return DynamoDBFeedStore(client("dynamodb"), required("FEED_TABLE"), shards)

    @cached_property
    def approvals(self) -> ApprovalStore:
        """The `approvals` table."""
        from services.adapters.dynamodb.approvals import DynamoDBApprovalStore

        return DynamoDBApprovalStore(client("dynamodb"), required("APPROVALS_TABLE"), self.clock)

    @cached_property
    def workflow(self) -> Workflow:
        """The state machine; its name is needed to start it, not to wake an execution."""
        from services.adapters.step_functions import ApprovalStateMachine

        return ApprovalStateMachine(client("stepfunctions"), os.environ.get("APPROVAL_STATE_MACHINE", ""))

    @cached_property
    def bus(self) -> Bus:
        """The event bus."""
        from services.adapters.eventbridge import EventBus

        return EventBus(client("events"), required("EVENT_BUS"))

    @cached_property
    def parking(self) -> Parking:
        """The relay's dead-letter queue, and a bucket for records that are too large for it."""
        from services.adapters.s3 import Bucket
        from services.adapters.sqs import DeadLetterQueue

        def too_large() -> Bucket:
            return Bucket(client("s3"), required("PARKED_RECORDS_BUCKET"))

        return DeadLetterQueue(client("sqs"), required("RELAY_DEAD_LETTER_QUEUE"), too_large)

    @cached_property
    def notifications(self) -> Notifications:
        """The notifications topic."""
        from services.adapters.sns import Topic

        return Topic(client("sns"), required("NOTIFICATIONS_TOPIC"))

    @cached_property
    def archive(self) -> Archive:
        """The archive bucket."""
        from services.adapters.s3 import Bucket

        return Bucket(client("s3"), required("ARCHIVE_BUCKET"))

    @cached_property
    def meter(self) -> Meter:
        """CloudWatch, through the log."""
        from services.adapters.metrics import EmfMeter

        return EmfMeter()
