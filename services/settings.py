"""The functions' settings: the environment variables listed in services/functions.json, typed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class MissingSetting(RuntimeError):
    """The function was deployed without a setting that it needs."""


class Settings:
    """The settings of one function. No function has all: those without a default raise MissingSetting.

    Services read their settings once, when they are made.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    @property
    def on_lambda(self) -> bool:
        """Whether this process runs a Lambda function, rather than a test or a script."""
        return "AWS_LAMBDA_FUNCTION_NAME" in self._environment

    @property
    def function(self) -> str:
        """The function's name in services/functions.json, which is that of its file."""
        return self._environment.get("POWERTOOLS_SERVICE_NAME", "").replace("-", "_")

    @property
    def environment(self) -> str:
        """The deployment's name."""
        return self._environment.get("ENVIRONMENT", "unknown")

    @property
    def log_level(self) -> str:
        """The level of our own log lines, as the logging module names it."""
        return self._environment.get("POWERTOOLS_LOG_LEVEL", "INFO").upper()

    @property
    def metrics_namespace(self) -> str:
        """CloudWatch's namespace of our own metrics."""
        return self._environment.get("POWERTOOLS_METRICS_NAMESPACE", "TaskManager")

    @property
    def authenticates(self) -> bool:
        """Whether the gateway verifies tokens."""
        return self._required("AUTH_MODE") != "none"

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """Origins whose pages may read answers; none where the gateway adds the headers."""
        return tuple(filter(None, self._environment.get("CORS_ALLOWED_ORIGINS", "").split(",")))

    @property
    def tasks_table(self) -> str:
        """The table's name."""
        return self._required("TASKS_TABLE")

    @property
    def idempotency_table(self) -> str:
        """The table's name; empty for functions that create no tasks."""
        return self._environment.get("IDEMPOTENCY_TABLE", "")

    @property
    def status_shards(self) -> int:
        """Partitions of a status in the index `by-status`; 1 unless the function writes or lists by it."""
        return int(self._environment.get("STATUS_SHARDS", "1"))

    @property
    def retention_period(self) -> timedelta:
        """How long a completed task stays in the tasks table."""
        return timedelta(days=int(self._required("RETENTION_DAYS")))

    @property
    def statistics_table(self) -> str:
        """The table's name."""
        return self._required("STATISTICS_TABLE")

    @property
    def processed_event_period(self) -> timedelta:
        """How long the marker of a processed event is kept; zero is for ever."""
        return timedelta(days=int(self._environment.get("PROCESSED_EVENT_DAYS", "0")))

    @property
    def feed_table(self) -> str:
        """The table's name."""
        return self._required("FEED_TABLE")

    @property
    def feed_shards(self) -> int:
        """Partitions of the feed."""
        return int(self._environment.get("FEED_SHARDS", "1"))

    @property
    def approvals_table(self) -> str:
        """The table's name."""
        return self._required("APPROVALS_TABLE")

    @property
    def approval_state_machine(self) -> str:
        """The state machine's ARN; empty for functions that start no approval."""
        return self._environment.get("APPROVAL_STATE_MACHINE", "")

    @property
    def event_bus(self) -> str:
        """The bus's name."""
        return self._required("EVENT_BUS")

    @property
    def relay_dead_letter_queue(self) -> str:
        """The queue's URL."""
        return self._required("RELAY_DEAD_LETTER_QUEUE")

    @property
    def parked_records_bucket(self) -> str:
        """The bucket of stream records that are too large for the queue."""
        return self._required("PARKED_RECORDS_BUCKET")

    @property
    def notifications_topic(self) -> str:
        """The topic's ARN."""
        return self._required("NOTIFICATIONS_TOPIC")

    @property
    def archive_bucket(self) -> str:
        """The bucket of completed tasks."""
        return self._required("ARCHIVE_BUCKET")

    def _required(self, name: str) -> str:
        if not (value := self._environment.get(name, "")):
            raise MissingSetting(f"environment variable {name} is not set: see services/functions.json")
        return value
