"""TaskDeleted, TaskExpired → the end of a pending approval."""

from services.composition import Services
from services.core import reactions
from services.core.events import TaskDeleted, TaskEvent, TaskExpired
from services.reactions.consumer import consumer


def on_deleted(event: TaskEvent, services: Services) -> None:
    """See core."""
    reactions.on_deleted(event, services.approvals)


handler = consumer(on_deleted, TaskDeleted, TaskExpired, uses=("approvals",))
