"""The stream of the approvals table → the workflow that waits.

A decision and a token come in either order; the record of the later one holds both.
"""

from collections.abc import Callable, Mapping
from typing import Any

from services.adapters.dynamodb.approvals import token_from_item, verdict_from_item
from services.adapters.telemetry import logger
from services.composition import AwsServices, Services


def deliver_decision(records: list[Mapping[str, Any]], services: Services) -> None:
    """Delivers what the records hold. Raises what may pass: then the whole batch comes again."""
    for record in records:
        item = record["dynamodb"].get("NewImage") or {}
        token, verdict = token_from_item(item), verdict_from_item(item)
        if token is None or verdict is None:
            continue
        logger.set_correlation_id(verdict.correlation_id)
        delivered = services.workflow.deliver(token, verdict)
        message = "delivered" if delivered else "nobody waits for this verdict"
        logger.info(message, task_id=item["taskId"]["S"], kind=verdict.kind)
    logger.set_correlation_id(None)


def entry_point(compose: Callable[[], Services] = AwsServices) -> Callable[[Mapping[str, Any], object], None]:
    """The Lambda handler."""
    services = compose()

    def handler(event: Mapping[str, Any], context: object) -> None:  # noqa: ARG001 - Lambda hands it over
        deliver_decision(list(event["Records"]), services)

    return handler


handler = entry_point()
