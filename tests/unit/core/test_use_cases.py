"""Rules of the use cases that no answer of the API shows. Everything else: tests/contracts/api."""

import pytest

from services.core.errors import TaskNotFound
from services.core.task import Task
from services.core.use_cases import find_task
from tests.harness.fakes import InMemoryTaskStore


@pytest.mark.parametrize("task_id", ["", "1", "x" * 3000])
def test_an_id_that_no_task_can_have_is_not_read(task_id: str) -> None:
    """DynamoDB refuses a read with an empty key, or with one of more than 2,048 bytes."""

    class Unread(InMemoryTaskStore):
        def get(self, task_id: str) -> Task | None:
            raise AssertionError(f"read {task_id!r}")

    with pytest.raises(TaskNotFound):
        find_task(Unread(), task_id)
