"""The streams of the aggregates' tables → the event bus."""

from datetime import timedelta
from typing import Any

from services.adapters.dynamodb.stream import aggregate_of, write_of
from services.adapters.dynamodb.wire import UnreadableRecord
from services.adapters.telemetry import logger
from services.composition import Services
from services.core.event import Event
from services.core.metrics import PARKED_RECORDS, RELAY_LAG
from services.core.moments import parse_timestamp
from services.streams import Record, record_id, stream

# Characters of a reason in the log: it may quote a record of any length.
_MAX_LOGGED = 1000


def relay(records: list[Record], services: Services) -> None:
    """Publishes the events of the records, in their order.

    A record that can never be relayed is parked with the reason, whatever its size, and the rest goes on. A
    transient failure raises: the stream retries the whole batch, and events published before go out again
    under the same ids. There are no partial batch responses.
    """
    source: dict[str, Record] = {}
    events: list[Event] = []
    for record in records:
        try:
            meant = aggregate_of(record).events_of(write_of(record))
        except UnreadableRecord as error:
            _park(record, str(error), services)
            continue
        events += meant
        source |= {event.event_id: record for event in meant}
    refused = {refusal.event.event_id: refusal.reason for refusal in services.bus.publish(events)}
    for event_id, reason in refused.items():
        _park(source[event_id], f"the bus refused it: {reason}", services)
    _report([event for event in events if event.event_id not in refused], services)


def _park(record: Record, reason: str, services: Services) -> None:
    services.parking.park(record, reason)
    services.meter.record(PARKED_RECORDS, 1)
    logger.error("parked", reason=reason[:_MAX_LOGGED], record=record_id(record))


def _report(events: list[Event], services: Services) -> None:
    now = services.clock()
    for event in events:
        lag = max(now - parse_timestamp(event.occurred_at), timedelta(0)).total_seconds()
        services.meter.record(RELAY_LAG, lag)
        logger.set_correlation_id(event.correlation_id)
        about: dict[str, Any] = {f"{event.entity}_id": event.entity_id}
        logger.info(
            "relayed",
            detail_type=event.detail_type,
            event_id=event.event_id,
            **about,
            version=event.version,
            occurred_at=event.occurred_at,
            lag_ms=round(lag * 1000, 1),
        )
    logger.set_correlation_id(None)


handler = stream(relay, uses=("bus", "parking", "meter"))
