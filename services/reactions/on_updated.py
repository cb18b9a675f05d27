"""TaskUpdated → metrics, notification, approval of a raised task."""

from services.composition import Services
from services.core import reactions
from services.core.events import TaskUpdated
from services.reactions.consumer import consumer


def on_updated(event: TaskUpdated, services: Services) -> None:
    """See core."""
    reactions.on_updated(event, services.notifications, services.workflow, services.meter)


handler = consumer(on_updated, TaskUpdated, uses=("notifications", "workflow"))
