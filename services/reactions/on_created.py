"""TaskCreated → statistics, notification, approval."""

from services.composition import Services
from services.core import reactions
from services.core.events import TaskCreated
from services.reactions.consumer import consumer


def on_created(event: TaskCreated, services: Services) -> None:
    """See core."""
    reactions.on_created(
        event, services.statistics, services.notifications, services.workflow, services.meter
    )


handler = consumer(on_created, TaskCreated, uses=("statistics", "notifications", "workflow"))
