"""The entry point of the workflow's functions: each state is logged with its correlation id."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from services.adapters.telemetry import logger
from services.composition import Compose, Services, Use, start

Input = Mapping[str, Any]
Handler = Callable[[Input, object], Mapping[str, Any]]


def step(
    work: Callable[[Input, Services], Mapping[str, Any]],
    *,
    uses: Iterable[Use] = (),
    compose: Compose = start,
) -> Handler:
    """The Lambda handler of a state. A failure is logged and raised: the workflow retries it."""
    services = compose(work, uses)

    def handler(given: Input, context: object) -> Mapping[str, Any]:  # noqa: ARG001 - Lambda hands it over
        about = given if isinstance(given, dict) else {}
        logger.set_correlation_id(str(about.get("correlationId", "")) or None)
        started = time.perf_counter()
        try:
            result = work(given, services)
        except Exception:
            logger.exception("step failed", task_id=about.get("taskId"))
            raise
        duration = round((time.perf_counter() - started) * 1000, 1)
        # Only the texts: a verdict also holds what an approver wrote, which is not logged.
        texts = {name: value for name, value in result.items() if isinstance(value, str)}
        logger.info(work.__name__, task_id=about.get("taskId"), result=texts, duration_ms=duration)
        return result

    return handler
