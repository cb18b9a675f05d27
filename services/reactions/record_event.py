"""Every event → the feed."""

from services.composition import Services
from services.core.events import EVENTS, TaskEvent
from services.core.feed import entry_of
from services.reactions.consumer import consumer


def record_event(event: TaskEvent, services: Services) -> None:
    """Keeps the event in brief, with the time that it took to come here."""
    services.feed.record(entry_of(event, services.clock()))


handler = consumer(record_event, *EVENTS.values(), uses=("feed",))
