"""The stream of the approvals table → the workflow that waits.

A decision and a token come in either order; the record of the later one holds both.
"""

from collections.abc import Callable, Mapping
from typing import Any

from services.adapters.dynamodb.approvals import AwaitedVerdict, awaited_verdict
from services.adapters.dynamodb.wire import UnreadableRecord
from services.adapters.telemetry import logger
from services.composition import Compose, Services, start

Record = Any
"""A record of the stream as it came: a mapping if it is sound."""


def deliver_decision(records: list[Record], services: Services) -> None:
    """Delivers the verdicts in the records. A transient failure raises: the stream then retries the batch.

    An unreadable record is logged and skipped, so it cannot block the shard; its item stays in the table.
    """
    for record in records:
        try:
            awaited = awaited_verdict(record)
        except UnreadableRecord as error:
            name = record.get("eventID") if isinstance(record, Mapping) else None
            logger.error("unreadable", reason=str(error), record=name)
            continue
        if awaited is not None:
            _deliver(awaited, services)
    logger.set_correlation_id(None)


def _deliver(awaited: AwaitedVerdict, services: Services) -> None:
    logger.set_correlation_id(awaited.verdict.correlation_id)
    delivered = services.workflow.deliver(awaited.token, awaited.verdict)
    message = "delivered" if delivered else "nobody waits for this verdict"
    logger.info(message, task_id=awaited.task_id, kind=awaited.verdict.kind)


def entry_point(compose: Compose = start) -> Callable[[Mapping[str, Any], object], None]:
    """The Lambda handler."""
    services = compose(("workflow",))

    def handler(event: Mapping[str, Any], context: object) -> None:  # noqa: ARG001 - Lambda hands it over
        deliver_decision(list(event["Records"]), services)

    return handler


handler = entry_point()
