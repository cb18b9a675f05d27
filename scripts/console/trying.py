"""Trying things on a local cloud: send an event, invoke a function, break something and mend it."""

import json
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from scripts.base.failure import Failure
from scripts.base.functions import QueueTrigger, function_map
from scripts.console.rows import line_of
from scripts.console.subject import Subject
from scripts.operators.faults import (
    STOPPED,
    all_faults,
    break_function,
    mend_all,
    stop_delivery,
    stopped_deliveries,
)
from scripts.operators.invoke import CLOCKS, LOCAL_LOG_SECONDS, call, lines_of, new_invocation, readable
from scripts.operators.samples import chosen_subject
from scripts.operators.trigger_events import trigger_event
from services.core.aggregates import EVENTS
from services.core.event import SOURCE

Json = dict[str, Any]
MOST_LATENCY_SECONDS = 60.0


def shown(subject: Subject) -> Json:
    """What there is to try, and what is broken at the moment."""
    return {
        "events": list(EVENTS),
        "functions": [
            {
                "name": name,
                "queue": function.trigger.queue if isinstance(function.trigger, QueueTrigger) else None,
                "actions": sorted({action for right in function.rights for action in right.actions}),
            }
            for name, function in function_map().items()
        ],
        "queues": sorted(subject.target.outputs["queue_urls"]),
        "faults": faults(subject),
    }


def faults(subject: Subject) -> list[str]:
    """What is broken, in words."""
    broken = [f"{name}: {'; '.join(found)}" for name, found in all_faults(subject.target).items()]
    return broken + [f"{queue}: {STOPPED}" for queue in stopped_deliveries(subject.target)]


def send(subject: Subject, kind: str, task_id: str) -> Json:
    """Put an event on the bus: the published sample, or one of a real task. Each has an id of its own."""
    _require_event(kind)
    cause = f"console-{uuid4().hex[:16]}"
    event = chosen_subject(subject.target, kind, task_id, kind, cause).event
    detail = event.model_copy(update={"event_id": str(uuid4())}).as_json()
    entry = {
        "Source": SOURCE,
        "DetailType": kind,
        "Detail": detail,
        "EventBusName": subject.target.outputs["event_bus_name"],
    }
    answer = subject.target.client("events").put_events(Entries=[entry])
    if answer.get("FailedEntryCount"):
        raise Failure(f"the bus refused the event: {answer['Entries'][0].get('ErrorMessage')}")
    return {"id": cause, "detail": json.loads(detail)}


def invoke(subject: Subject, name: str, kind: str, task_id: str) -> Json:
    """Call a function as its trigger would; its answer, its lines, and how long it took."""
    _require_function(name)
    if kind:
        _require_event(kind)
    invocation = new_invocation(subject.target, name)
    event = trigger_event(invocation, kind, task_id)
    began, started = datetime.now(UTC) - CLOCKS, time.perf_counter()
    answer, failed = call(subject.target, name, event)
    took = (time.perf_counter() - started) * 1000
    lines = lines_of(subject.target, name, invocation.cause, began, LOCAL_LOG_SECONDS)
    return {
        "id": invocation.cause,
        "event": event,
        "answer": readable(answer),
        "failed": failed,
        "ms": round(took, 1),
        "lines": [line_of(line) for line in lines],
    }


def break_(subject: Subject, name: str, how: str, amount: float | None, action: str) -> Json:
    """Break a function, or the delivery to its queue; what is broken then. Raises Failure."""
    _require_function(name)
    match how:
        case "deny":
            break_function(subject.target, name, action)
        case "throttle":
            break_function(subject.target, name, executions=int(amount or 0))
        case "latency":
            if amount is None or not 0 < amount <= MOST_LATENCY_SECONDS:
                raise Failure(f"the latency is more than 0 s, and {MOST_LATENCY_SECONDS:.0f} s at most")
            break_function(subject.target, name, latency=amount)
        case "delivery":
            trigger = function_map()[name].trigger
            if not isinstance(trigger, QueueTrigger):
                raise Failure(f"the bus delivers nothing to {name}")
            stop_delivery(subject.target, trigger.queue)
        case _:
            raise Failure("how is one of deny, throttle, latency, delivery")
    return {"faults": faults(subject)}


def mend(subject: Subject) -> Json:
    """End everything that is broken."""
    broken, stopped = mend_all(subject.target)
    return {"mended": [*broken, *stopped], "faults": faults(subject)}


def _require_function(name: str) -> None:
    if name not in function_map():
        raise Failure(f"there is no function {name}")


def _require_event(kind: str) -> None:
    # Also a guard: where the command line takes the path of a file, the page may name events alone.
    if kind not in EVENTS:
        raise Failure(f"there is no event {kind}")
