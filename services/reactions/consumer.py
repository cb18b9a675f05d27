"""From a queue's messages to one reaction: each message alone succeeds or comes again."""

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from services.adapters.telemetry import logger
from services.composition import AwsServices, Services
from services.core.events import TaskEvent

AnyEvent = TypeVar("AnyEvent", bound=TaskEvent)
Handler = Callable[[dict[str, Any], LambdaContext], Any]


class UnreadableEvent(ValueError):
    """A message that is no event of this queue. It ends in the dead-letter queue."""


def consumer(
    react: Callable[[AnyEvent, Services], None],
    *kinds: type[AnyEvent],
    compose: Callable[[], Services] = AwsServices,
) -> Handler:
    """The Lambda handler of a queue that carries events of these kinds."""
    services = compose()
    expected = {kind.detail_type: kind for kind in kinds}
    # A batch in which every message fails is reported like any other, message by message.
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

    def process(message: SQSRecord) -> None:
        started = time.perf_counter()
        try:
            event = read(message.body, expected)
            logger.set_correlation_id(event.correlation_id)
            react(event, services)
        except Exception as error:
            attempt = message.attributes.approximate_receive_count
            reason = f"{type(error).__name__}: {error}"
            logger.exception("reaction failed", message_id=message.message_id, reason=reason, attempt=attempt)
            raise
        _report(event, message, time.perf_counter() - started, services)

    def handler(event: dict[str, Any], context: LambdaContext) -> Any:
        try:
            return process_partial_response(event, process, processor, context)
        finally:
            logger.set_correlation_id(None)

    return handler


def read(body: str, expected: dict[str, type[AnyEvent]]) -> AnyEvent:
    """The event in a message, out of EventBridge's envelope. Raises UnreadableEvent."""
    try:
        envelope = json.loads(body)
        kind = expected[envelope["detail-type"]]
        return kind.model_validate_json(json.dumps(envelope["detail"]))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "detail"
        raise UnreadableEvent(f"does not fit schema 1.0: {place}: {first['msg']}") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise UnreadableEvent(f"not an event of {', '.join(expected)}: {error!r}") from error


def _report(event: TaskEvent, message: SQSRecord, seconds: float, services: Services) -> None:
    sent = int(message.attributes.sent_timestamp or 0) / 1000
    lag = max(services.clock().timestamp() - sent, 0.0)
    services.meter.record("ReactionLagSeconds", lag, {"detailType": event.detail_type})
    logger.info(
        "reacted",
        detail_type=event.detail_type,
        event_id=event.event_id,
        task_id=event.task_id,
        duration_ms=round(seconds * 1000, 1),
    )
