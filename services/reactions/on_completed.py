"""TaskCompleted → statistics, archive, retention."""

from services.composition import Services
from services.core import reactions
from services.core.events import TaskCompleted
from services.reactions.consumer import consumer


def on_completed(event: TaskCompleted, services: Services) -> None:
    """See core."""
    reactions.on_completed(
        event,
        services.statistics,
        services.archive,
        services.retention,
        services.meter,
        services.retention_period,
    )


handler = consumer(
    on_completed, TaskCompleted, uses=("statistics", "archive", "retention", "retention_period")
)
