"""docs/asyncapi.json: who publishes which events, and who receives them through which queue, as AsyncAPI 3.0.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

import json
from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from scripts.base.functions import Function, QueueTrigger, function_map
from scripts.documents.contracts import DOCS, event_samples
from scripts.documents.delivery import delivery
from services.core.aggregates import EVENTS
from services.core.event import SCHEMA_VERSION, SOURCE, Event

ASYNCAPI = DOCS / "asyncapi.json"
BUS = "bus"

_DAY = 24 * 3600
_BINDING = "0.2.0"
# The prefix of all names: see the variables project_name and environment.
_PREFIX = "{project}-{environment}"
_PARAMETERS = {
    "project": {"description": "The variable project_name.", "default": "task-manager"},
    "environment": {"description": "The environment, such as local, dev or prod.", "default": "local"},
}
_REGION = {"region": {"description": "The region of the deployment.", "default": "us-east-1"}}
_DESCRIPTION = (
    "What happens to tasks, as events on an EventBridge bus. Delivery is at least once, in any order: "
    "`eventId` is the same in every delivery, and `version` orders the events of a task. Within a schema "
    "version fields are only added. To receive events, add a rule with a target to the bus; the queues "
    "belong to the functions that read them."
)

Json = dict[str, Any]


def document() -> Json:
    """The whole document."""
    publishers = {name: function for name, function in function_map().items() if _publishes(function)}
    consumers = {
        name: (function, function.trigger)
        for name, function in function_map().items()
        if isinstance(function.trigger, QueueTrigger)
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Task manager: events",
            "version": f"{SCHEMA_VERSION}.0",
            "description": _DESCRIPTION,
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "eventbridge": _server("events", "eventbridge", "The service of the bus."),
            "sqs": _server("sqs", "sqs", "The service of the queues."),
        },
        "channels": {
            BUS: _bus(),
            **{trigger.queue: _queue(function, trigger) for function, trigger in consumers.values()},
        },
        "operations": {
            **{name: _operation("send", function, BUS, EVENTS) for name, function in publishers.items()},
            **{
                name: _operation("receive", function, trigger.queue, trigger.detail_types)
                for name, (function, trigger) in consumers.items()
            },
        },
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def write() -> None:
    """Write the document."""
    ASYNCAPI.write_text(json.dumps(document(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"wrote docs/{ASYNCAPI.name}")


def _publishes(function: Function) -> bool:
    return any("events:PutEvents" in right.actions for right in function.rights)


def _server(service: str, protocol: str, description: str) -> Json:
    return {
        "host": f"{service}.{{region}}.amazonaws.com",
        "protocol": protocol,
        "description": description,
        "variables": _REGION,
    }


def _bus() -> Json:
    return {
        "address": f"{_PREFIX}-events",
        "title": "The event bus",
        "description": f"Every event. An archive keeps each for {delivery().archive_days} days, for replay.",
        "servers": [{"$ref": "#/servers/eventbridge"}],
        "parameters": _PARAMETERS,
        "messages": _references(EVENTS),
    }


def _queue(function: Function, trigger: QueueTrigger) -> Json:
    rules = delivery()
    name, dead_letters = f"{_PREFIX}-{trigger.queue}", f"{_PREFIX}-{trigger.queue}-dead-letters"
    visible = rules.visibility(function)
    queue = {
        "name": name,
        "fifoQueue": False,
        "visibilityTimeout": visible,
        "messageRetentionPeriod": rules.kept,
        "redrivePolicy": {"deadLetterQueue": {"name": dead_letters}, "maxReceiveCount": rules.receives},
    }
    failed = {"name": dead_letters, "fifoQueue": False, "messageRetentionPeriod": rules.kept}
    return {
        "address": name,
        "title": f"Queue {trigger.queue}",
        "description": f"A rule of the bus puts {', '.join(trigger.detail_types)} into it. A message that "
        f"fails is received again after {visible} s. After {rules.receives} receives it is kept in the "
        f"dead-letter queue for {rules.kept // _DAY} days.",
        "servers": [{"$ref": "#/servers/sqs"}],
        "parameters": _PARAMETERS,
        "messages": _references(trigger.detail_types),
        "bindings": {"sqs": {"queue": queue, "deadLetterQueue": failed, "bindingVersion": _BINDING}},
    }


def _operation(action: str, function: Function, channel: str, kinds: Iterable[str]) -> Json:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": function.description,
        "messages": [{"$ref": f"#/channels/{channel}/messages/{kind}"} for kind in kinds],
    }


def _references(kinds: Iterable[str]) -> Json:
    return {kind: {"$ref": f"#/components/messages/{kind}"} for kind in kinds}


def _messages() -> Json:
    samples = event_samples()
    return {kind: _message(kind, model, samples[kind]) for kind, model in EVENTS.items()}


def _message(kind: str, model: type[Event], sample: Event) -> Json:
    return {
        "name": kind,
        "title": kind,
        "summary": model.__doc__,
        "correlationId": {
            "description": "The request that caused the event.",
            "location": "$message.payload#/detail/correlationId",
        },
        "payload": _envelope(kind),
        "examples": [{"name": kind, "payload": _sample(sample)}],
    }


def _envelope(kind: str) -> Json:
    """EventBridge's envelope of a kind of event.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
    """
    text = {"type": "string"}
    return {
        "type": "object",
        "required": [
            "version",
            "id",
            "source",
            "detail-type",
            "account",
            "time",
            "region",
            "resources",
            "detail",
        ],
        "properties": {
            "version": text,
            "id": text | {"description": "Of this delivery; `eventId` in the detail is the event's own."},
            "source": {"const": SOURCE},
            "detail-type": {"const": kind},
            "account": text,
            "time": text | {"format": "date-time"},
            "region": text,
            "resources": {"type": "array", "items": text},
            "detail": {"$ref": f"#/components/schemas/{kind}"},
        },
    }


def _sample(event: Event) -> Json:
    return {
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "source": SOURCE,
        "detail-type": event.detail_type,
        "account": "123456789012",
        "time": f"{event.occurred_at[:19]}Z",
        "region": "us-east-1",
        "resources": [],
        "detail": json.loads(event.as_json()),
    }


def _schemas() -> Json:
    """Of each event's detail, and what they share."""
    models: list[tuple[type[Event], JsonSchemaMode]] = [(event, "serialization") for event in EVENTS.values()]
    _, schemas = models_json_schema(models, ref_template="#/components/schemas/{model}")
    return dict(schemas["$defs"])
