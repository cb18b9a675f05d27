"""The entry point of the reactions: each message of a batch succeeds or is retried on its own."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, TypeVar, Union

from pydantic import Field, TypeAdapter, ValidationError, create_model

from services.adapters.telemetry import logger
from services.composition import Compose, Services, Use, start
from services.core.event import Event
from services.core.metrics import REACTION_FAILURES, REACTION_LAG
from services.core.task import Stored

AnyEvent = TypeVar("AnyEvent", bound=Event)
Message = Mapping[str, Any]
Handler = Callable[[Mapping[str, Any], object], dict[str, Any]]


class UnreadableEvent(ValueError):
    """A message that is no event of this queue. Retries do not help: it ends in the dead-letter queue."""


def consumer(
    react: Callable[[AnyEvent, Services], None],
    *kinds: type[AnyEvent],
    uses: Iterable[Use] = (),
    compose: Compose = start,
) -> Handler:
    """The Lambda handler of a queue that carries events of these kinds."""
    services = compose(react, (*uses, "meter"))
    read = reader(*kinds)

    def handled(message: Message) -> bool:
        started = time.perf_counter()
        logger.set_correlation_id(None)
        try:
            event = read(message["body"])
            logger.set_correlation_id(event.correlation_id)
            react(event, services)
        except Exception as error:  # logged here; the queue delivers the message again
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


def reader(*kinds: type[AnyEvent]) -> Callable[[str], AnyEvent]:
    """Reads an event of these kinds out of a message's body. Raises UnreadableEvent."""
    envelopes = TypeAdapter[Any](_envelopes(kinds))
    names = ", ".join(kind.detail_type for kind in kinds)

    def read(body: str) -> AnyEvent:
        try:
            event: AnyEvent = envelopes.validate_json(body).detail
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            envelope, in_detail, place = ".".join(map(str, first["loc"])).partition("detail.")
            complaint = "does not fit schema 1.0" if in_detail else f"not an event of {names}"
            reasons = (complaint, place or envelope, first["msg"])
            raise UnreadableEvent(": ".join(filter(None, reasons))) from error
        return event

    return read


def _envelopes(kinds: Iterable[type[Event]]) -> Any:
    """EventBridge's envelope of each kind of event, as one type; the detail type discriminates.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
    """
    first, *others = map(_envelope, kinds)
    return Annotated[Union[first, *others], Field(discriminator="detail_type")] if others else first


def _envelope(kind: type[Event]) -> Any:
    detail_type: Any = Literal[kind.detail_type]
    fields: Any = {"detail_type": (detail_type, Field(alias="detail-type")), "detail": (kind, ...)}
    return create_model("Envelope", __base__=Stored, **fields)


def _report(event: Event, message: Message, seconds: float, services: Services) -> None:
    sent = int(message["attributes"]["SentTimestamp"]) / 1000
    lag = max(services.clock().timestamp() - sent, 0.0)
    services.meter.record(REACTION_LAG, lag, {"detailType": event.detail_type})
    about: dict[str, Any] = {f"{event.entity}_id": event.entity_id}
    logger.info(
        "reacted",
        detail_type=event.detail_type,
        event_id=event.event_id,
        **about,
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
