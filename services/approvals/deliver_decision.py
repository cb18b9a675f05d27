"""The stream of the approvals table → the workflow that waits.

A decision and a token come in either order; the record of the later one holds both.
"""

from collections.abc import Callable, Mapping
from typing import Any

from services.adapters.dynamodb.approvals import Delivery, delivery_of
from services.adapters.dynamodb.wire import UnreadableRecord
from services.adapters.telemetry import logger
from services.composition import AwsServices, Services

Record = Any
"""A record of the stream as it came: a mapping if it is sound."""


def deliver_decision(records: list[Record], services: Services) -> None:
    """Delivers what the records hold. Raises what may pass: then the whole batch comes again.

    A record that cannot be read is told and passed over, lest it hold up all after it: its item stays in the
    table.
    """
    for record in records:
        try:
            found = delivery_of(record)
        except UnreadableRecord as error:
            name = record.get("eventID") if isinstance(record, Mapping) else None
            logger.error("unreadable", reason=str(error), record=name)
            continue
        if found is not None:
            _deliver(found, services)
    logger.set_correlation_id(None)


def _deliver(delivery: Delivery, services: Services) -> None:
    logger.set_correlation_id(delivery.verdict.correlation_id)
    delivered = services.workflow.deliver(delivery.token, delivery.verdict)
    message = "delivered" if delivered else "nobody waits for this verdict"
    logger.info(message, task_id=delivery.task_id, kind=delivery.verdict.kind)


def entry_point(compose: Callable[[], Services] = AwsServices) -> Callable[[Mapping[str, Any], object], None]:
    """The Lambda handler."""
    services = compose()

    def handler(event: Mapping[str, Any], context: object) -> None:  # noqa: ARG001 - Lambda hands it over
        deliver_decision(list(event["Records"]), services)

    return handler


handler = entry_point()
