"""From a queue's messages to one reaction: each message alone succeeds or comes again."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from services.adapters.telemetry import logger
from services.composition import AwsServices, Services
from services.core.events import TaskEvent
from services.core.metrics import REACTION_FAILURES, REACTION_LAG

AnyEvent = TypeVar("AnyEvent", bound=TaskEvent)
Message = Mapping[str, Any]
Handler = Callable[[Mapping[str, Any], object], dict[str, Any]]


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

    def handled(message: Message) -> bool:
        started = time.perf_counter()
        logger.set_correlation_id(None)
        try:
            event = read(message["body"], expected)
            logger.set_correlation_id(event.correlation_id)
            react(event, services)
        except Exception as error:  # the boundary: recorded here, and the queue delivers it again
            _report_failure(message, error)
            services.meter.record(REACTION_FAILURES, 1)
            return False
        _report(event, message, time.perf_counter() - started, services)
        return True

    # Powertools' batch processing does the same, but its import brings the parser along, which would be
    # half of a reaction's start.
    def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001
        failed = [message["messageId"] for message in event["Records"] if not handled(message)]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

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


def _report(event: TaskEvent, message: Message, seconds: float, services: Services) -> None:
    sent = int(message["attributes"]["SentTimestamp"]) / 1000
    lag = max(services.clock().timestamp() - sent, 0.0)
    services.meter.record(REACTION_LAG, lag, {"detailType": event.detail_type})
    logger.info(
        "reacted",
        detail_type=event.detail_type,
        event_id=event.event_id,
        task_id=event.task_id,
        version=event.version,
        lag_ms=round(lag * 1000, 1),
        duration_ms=round(seconds * 1000, 1),
    )


def _report_failure(message: Message, error: Exception) -> None:
    logger.exception(
        "reaction failed",
        message_id=message["messageId"],
        reason=f"{type(error).__name__}: {error}",
        attempt=message["attributes"]["ApproximateReceiveCount"],
    )
