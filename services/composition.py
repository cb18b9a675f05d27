"""The services that the functions work with, and a function's start.

Adapters are imported where they are made, so that a function loads at its start only what it uses.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

from services.adapters.aws import client
from services.core.ids import new_task_id
from services.core.moments import system_clock
from services.settings import Settings

if TYPE_CHECKING:
    from datetime import timedelta

    from services.adapters.dynamodb.tasks import DynamoDBTaskStore
    from services.core import ports
    from services.core.ids import NewId
    from services.core.moments import Clock

Use = Literal[
    "tasks",
    "retention",
    "retention_period",
    "statistics",
    "feed",
    "approvals",
    "workflow",
    "bus",
    "parking",
    "notifications",
    "archive",
    "meter",
]
"""A service that is made before the first request of a function that uses it."""


class Services(Protocol):
    """Everything outside of the process, as the functions see it."""

    @property
    def authenticates(self) -> bool:
        """Whether the gateway requires a valid token."""

    @property
    def allowed_origins(self) -> Collection[str]:
        """The origins whose pages may read answers, where the gateway leaves that to the functions."""

    @property
    def clock(self) -> Clock:
        """The present moment."""

    @property
    def new_id(self) -> NewId:
        """Ids for new tasks."""

    @property
    def tasks(self) -> ports.TaskStore:
        """The tasks."""

    @property
    def retention(self) -> ports.Retention:
        """Sets when a completed task expires."""

    @property
    def retention_period(self) -> timedelta:
        """How long a completed task stays."""

    @property
    def statistics(self) -> ports.StatisticsStore:
        """The users' totals."""

    @property
    def feed(self) -> ports.FeedStore:
        """The recent events."""

    @property
    def approvals(self) -> ports.ApprovalStore:
        """The verdicts."""

    @property
    def workflow(self) -> ports.ApprovalWorkflow:
        """The approval workflow."""

    @property
    def bus(self) -> ports.EventBus:
        """The event bus."""

    @property
    def parking(self) -> ports.Parking:
        """The records that cannot be relayed."""

    @property
    def notifications(self) -> ports.Notifications:
        """Notifies people and programs."""

    @property
    def archive(self) -> ports.Archive:
        """The completed tasks."""

    @property
    def meter(self) -> ports.Meter:
        """Metrics."""


Work = Callable[..., object]
"""What an entry point calls: a function in the file of its Lambda function."""

Compose = Callable[[Work, Iterable[Use]], Services]
"""Gives an entry point the services that its work uses; tests hand in fakes."""


def start(work: Work, uses: Iterable[Use]) -> Services:
    """Starts a function: tunes the process and makes the services that the function uses.

    A function has a whole processor while it starts, whatever its memory size: what the first request needs
    is made now. Elsewhere (tests, scripts) nothing is tuned, and services are made when they are first used;
    so are those of another function whose file this one imports, as describe_api does.
    """
    services = AwsServices(Settings(os.environ))
    if services.settings.on_lambda:
        _tune(services.settings.log_level)
        if work.__module__.rpartition(".")[2] == services.settings.function:
            services.make(uses)
    return services


def _tune(log_level: str) -> None:
    from services.adapters.telemetry import configure

    # Objects from the start stay alive. Collect garbage after every 50,000 objects rather than every 700.
    gc.set_threshold(50_000, 10, 10)
    configure(log_level)


class AwsServices:
    """The adapters for AWS, each made when it is first used."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def make(self, uses: Iterable[Use]) -> None:
        """Makes these services. Raises MissingSetting."""
        for service in uses:
            getattr(self, service)

    clock: Clock = staticmethod(system_clock)
    new_id: NewId = staticmethod(new_task_id)

    @cached_property
    def authenticates(self) -> bool:
        """See Services. Raises MissingSetting: a function without the setting answers no request."""
        return self.settings.authenticates

    @cached_property
    def allowed_origins(self) -> Collection[str]:
        """See Services."""
        return self.settings.allowed_origins

    @cached_property
    def tasks(self) -> ports.TaskStore:
        """The table `tasks`; `idempotency` for the function that creates."""
        return self._task_table

    @cached_property
    def retention(self) -> ports.Retention:
        """The time to live of the table `tasks`."""
        return self._task_table

    @cached_property
    def retention_period(self) -> timedelta:
        """See Services."""
        return self.settings.retention_period

    @cached_property
    def _task_table(self) -> DynamoDBTaskStore:
        from services.adapters.dynamodb.tasks import DynamoDBTaskStore

        settings = self.settings
        return DynamoDBTaskStore(
            client("dynamodb"), settings.tasks_table, settings.idempotency_table, settings.status_shards
        )

    @cached_property
    def statistics(self) -> ports.StatisticsStore:
        """The table `statistics`."""
        from services.adapters.dynamodb.statistics import DynamoDBStatisticsStore

        settings = self.settings
        return DynamoDBStatisticsStore(
            client("dynamodb"), settings.statistics_table, settings.processed_event_period, self.clock
        )

    @cached_property
    def feed(self) -> ports.FeedStore:
        """The table `feed`."""
        from services.adapters.dynamodb.feed import DynamoDBFeedStore

        settings = self.settings
        return DynamoDBFeedStore(client("dynamodb"), settings.feed_table, settings.feed_shards, self.clock)

    @cached_property
    def approvals(self) -> ports.ApprovalStore:
        """The table `approvals`."""
        from services.adapters.dynamodb.approvals import DynamoDBApprovalStore

        return DynamoDBApprovalStore(client("dynamodb"), self.settings.approvals_table, self.clock)

    @cached_property
    def workflow(self) -> ports.ApprovalWorkflow:
        """The state machine; its ARN is needed to start an execution, not to resume one."""
        from services.adapters.step_functions import ApprovalStateMachine

        return ApprovalStateMachine(client("stepfunctions"), self.settings.approval_state_machine)

    @cached_property
    def bus(self) -> ports.EventBus:
        """EventBridge's bus."""
        from services.adapters.eventbridge import EventBridgeBus

        return EventBridgeBus(client("events"), self.settings.event_bus)

    @cached_property
    def parking(self) -> ports.Parking:
        """The relay's dead-letter queue, and a bucket for records that are too large for it."""
        from services.adapters.s3 import JsonBucket
        from services.adapters.sqs import DeadLetterQueue

        settings = self.settings
        queue, bucket = settings.relay_dead_letter_queue, settings.parked_records_bucket
        return DeadLetterQueue(client("sqs"), queue, lambda: JsonBucket(client("s3"), bucket))

    @cached_property
    def notifications(self) -> ports.Notifications:
        """The topic of the notifications."""
        from services.adapters.sns import NotificationTopic

        return NotificationTopic(client("sns"), self.settings.notifications_topic)

    @cached_property
    def archive(self) -> ports.Archive:
        """The bucket of completed tasks."""
        from services.adapters.s3 import JsonBucket

        return JsonBucket(client("s3"), self.settings.archive_bucket)

    @cached_property
    def meter(self) -> ports.Meter:
        """CloudWatch, through the log."""
        from services.adapters.metrics import EmfMeter

        return EmfMeter(self.settings.metrics_namespace, self.settings.environment)
