"""TaskCompleted → statistics, archive, retention."""

from datetime import timedelta

from services.adapters.environment import required
from services.composition import Services
from services.core import reactions
from services.core.events import TaskCompleted
from services.reactions.consumer import consumer


def on_completed(event: TaskCompleted, services: Services) -> None:
    """See core."""
    keep_for = timedelta(days=int(required("RETENTION_DAYS")))
    reactions.on_completed(
        event, services.statistics, services.archive, services.retention, services.meter, keep_for
    )


handler = consumer(on_completed, TaskCompleted)
