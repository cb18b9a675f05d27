"""Every event → the feed."""

from services.composition import Services
from services.core.aggregates import EVENTS
from services.core.event import Event
from services.core.feed import entry_of
from services.reactions.consumer import consumer


def record_event(event: Event, services: Services) -> None:
    """Keeps the event in brief, with the time that it took to come here."""
    services.feed.record(entry_of(event, services.clock()))


handler = consumer(record_event, *EVENTS.values(), uses=("feed",))
