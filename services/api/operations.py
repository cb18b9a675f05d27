"""All operations of the OpenAPI document."""

from collections.abc import Sequence

from services.api import (
    create_task,
    decide_approval,
    delete_task,
    get_task,
    get_user_statistics,
    list_events,
    list_tasks,
    update_task,
)
from services.api.operation import Operation

# In the order of the document.
OPERATIONS: Sequence[Operation] = (
    create_task.OPERATION,
    list_tasks.OPERATION,
    get_task.OPERATION,
    update_task.OPERATION,
    delete_task.OPERATION,
    decide_approval.OPERATION,
    get_user_statistics.OPERATION,
    get_user_statistics.BY_QUERY,
    list_events.OPERATION,
)
