"""What the endpoints work with: on AWS the real adapters, in tests whatever fulfils `Services`."""

import os
from functools import cached_property
from typing import Protocol

from services.adapters.aws import client
from services.adapters.dynamodb.tasks import DynamoDBTaskStore
from services.adapters.environment import required
from services.core.ids import NewId, new_task_id
from services.core.moments import Clock, system_clock
from services.core.ports import TaskStore


class Services(Protocol):
    """The outside world, as an endpoint sees it."""

    @property
    def clock(self) -> Clock:
        """Tells the time."""

    @property
    def new_id(self) -> NewId:
        """Gives ids to new tasks."""

    @property
    def tasks(self) -> TaskStore:
        """Keeps the tasks."""


class AwsServices:
    """The real adapters, each made when it is first used: a function pays for what it needs."""

    clock: Clock = staticmethod(system_clock)
    new_id: NewId = staticmethod(new_task_id)

    @cached_property
    def tasks(self) -> TaskStore:
        """The `tasks` table; `idempotency` for the function that creates."""
        idempotency_table = os.environ.get("IDEMPOTENCY_TABLE", "")
        return DynamoDBTaskStore(client("dynamodb"), required("TASKS_TABLE"), idempotency_table)
