"""What a number of requests uses: calls, messages, units, transitions.

It follows from the mix, the functions' triggers and their rights. Other figures have a reason beside them.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from scripts.base.functions import HttpTrigger, QueueTrigger, StreamTrigger, WorkflowTrigger
from scripts.base.paths import INFRA
from scripts.economics.charges import COUNTED_APART, FREE, PRICES, READS, WRITING, table_units, uses
from scripts.economics.function_map import functions, indexes, rights, tables, with_trigger
from scripts.economics.mix import MIX, ROUTES, WRITES

SECONDS = 30 * 24 * 3600  # a month

# A whole processor is 1,769 MB: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
WHOLE_PROCESSOR_MB = 1769

ITEM_GB = 0.6e3 / 1e9
EVENT_GB = 1.4e3 / 1e9
ANSWER_GB = 1.5e3 / 1e9
# Pollers of a queue wait 20 s at a time, five of them when there is nothing to do.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
IDLE_POLLS = 5 * SECONDS / 20
# Services keep a data key for five minutes, for each principal that uses it:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
KEY_USES = SECONDS / 300


# Those that `monitoring = "lean"` keeps.
LEAN = ("dead-letters", "queue-lag", "stream-lag", "undelivered-events")
DASHBOARDS = {"full": 1, "lean": 0}
# Our own metrics, with their dimensions. Each is paid for the hours in which it has a value.
METRICS = 32
HOURS = SECONDS / 3600


def alarm_metrics() -> dict[str, int]:
    """Section of docs/operations.md → the metrics that its alarms use, several where an alarm computes."""
    queues, streams = len(with_trigger(QueueTrigger)), len(with_trigger(StreamTrigger))
    of_tables = [name for table in tables() for name in (table, *indexes(table))]
    return {
        "api-errors": 3,
        "api-latency": 1,
        "approval-failures": 3,
        # Those of queues and streams, and the relay's own.
        "dead-letters": queues + streams + 1,
        "lambda-errors": len(functions()),
        "lambda-throttles": len(functions()),
        "queue-lag": queues,
        "reaction-failures": queues,
        "stream-lag": streams,
        # Of reads and of writes.
        "table-throttles": 2 * len(of_tables),
        "undelivered-events": queues,
    }


@dataclass(frozen=True)
class Options:
    """What can be chosen. `batch` is how many records or messages a call finds: more, the more traffic."""

    architecture: str = "arm64"
    memory_mb: int = 512
    api_type: str = "http"
    bucket_key: bool = True
    log_retention_days: int = 30
    batch: float = 1.0
    keyed: float = 0.25
    monitoring: str = "full"
    # The share of a call in which the processor works rather than waits.
    busy: float = 0.5


@dataclass
class Usage:
    """What requests use: units by the names of the price table; the rest by the names of the map."""

    requests: float
    units: dict[str, float] = field(default_factory=dict)
    calls: dict[str, float] = field(default_factory=dict)
    """Invocations of each function."""
    messages: dict[str, float] = field(default_factory=dict)
    """Messages that reach each function by its queue."""
    resources: dict[str, float] = field(default_factory=dict)
    """How often functions use their rights on each resource."""
    writes: dict[str, float] = field(default_factory=dict)
    """Write units of each table without its indexes, and of each index but for changes of its key."""
    records: dict[str, float] = field(default_factory=dict)
    """Changes of each table's items: what its stream would bring."""

    def add(self, what: str, units: float) -> None:
        """Count so many more."""
        self.units[what] = self.units.get(what, 0.0) + units


def usage(requests: float, options: Options) -> Usage:
    """What so many requests use in a month, but for the time of the functions."""
    found = Usage(requests)
    found.add(f"api_{options.api_type}_request", requests)
    found.add("data_out_gb", requests * ANSWER_GB)
    events = events_of_the_mix(requests)
    work = _requests_of_functions(requests) | _steps_of_functions(requests)
    found.messages = {
        name: sum(events.get(kind, 0.0) for kind in trigger.detail_types)
        for name, trigger in with_trigger(QueueTrigger).items()
    }
    found.calls = work | {name: messages / options.batch for name, messages in found.messages.items()}
    _use_rights(found, work | found.messages, options)
    # What the tables' time to live removes costs nothing, and is in their streams.
    for table, expired in {"tasks_table": MIX["complete"], "approvals_table": MIX["approve"]}.items():
        found.records[table] = found.records.get(table, 0.0) + expired * requests
    readers = {
        name: sum(found.records.get(f"{table}_table", 0.0) for table in trigger.tables)
        for name, trigger in with_trigger(StreamTrigger).items()
    }
    found.calls |= {name: records / options.batch for name, records in readers.items()}
    _use_rights(found, readers, options)
    # A change of the status moves the task in the index by-status: a removal and an insertion.
    moved = sum(write.per_request for write in WRITES if write.changes_status)
    found.add("dynamodb_write_unit", moved * requests)
    _events(found, sum(events.values()), options)
    _stored(found, requests, options)
    _fixed(found, options)
    return found


def events_of_the_mix(requests: float) -> dict[str, float]:
    """Detail type → events that follow from so many requests."""
    found: dict[str, float] = {}
    for write in WRITES:
        for kind in write.events():
            found[kind] = found.get(kind, 0.0) + write.per_request * requests
    return found


def billed_ms(measured_ms: float, options: Options) -> float:
    """Milliseconds on Lambda, of those measured on a whole processor: memory decides its share of one."""
    slower = max(1.0, WHOLE_PROCESSOR_MB / options.memory_mb)
    return measured_ms * (options.busy * slower + 1 - options.busy)


def states_of_an_approval() -> list[dict[str, Any]]:
    """The states from the start to the end of an approved task, as the definition has them."""
    text = (INFRA / "approval.asl.json").read_text()
    # The one placeholder that stands for a number.
    definition = json.loads(text.replace("${approval_timeout_seconds}", "1"))
    passed = [definition["States"][definition["StartAt"]]]
    while passed[-1]["Type"] != "Succeed":
        here = passed[-1]
        following = here["Choices"][0]["Next"] if here["Type"] == "Choice" else here["Next"]
        passed.append(definition["States"][following])
    return passed


def transitions_of_an_approval() -> int:
    """One for each state that an approved task passes."""
    return len(states_of_an_approval())


def _requests_of_functions(requests: float) -> dict[str, float]:
    """Calls of each endpoint, by its routes' shares of the mix."""
    return {
        name: sum(share * requests for kind, share in MIX.items() if ROUTES[kind] in trigger.routes)
        for name, trigger in with_trigger(HttpTrigger).items()
    }


def _steps_of_functions(requests: float) -> dict[str, float]:
    """Calls of each function of the workflow: one, if an approved task passes its state."""
    called = {state.get("Parameters", {}).get("FunctionName") for state in states_of_an_approval()}
    steps = with_trigger(WorkflowTrigger)
    return {name: MIX["approve"] * requests if f"${{{name}_arn}}" in called else 0.0 for name in steps}


def _use_rights(found: Usage, work: dict[str, float], options: Options) -> None:
    """What functions use of their rights in so many calls, messages or records each."""
    exceptions = uses(options.keyed)
    for function, action, resource in rights():
        if function not in work:
            continue
        times = work[function] * exceptions.get((function, action, resource), 1.0)
        found.resources[resource] = found.resources.get(resource, 0.0) + times
        if action in WRITING:
            of_each = {resource: table_units(function, resource, options.keyed)} | dict.fromkeys(
                indexes(resource), 1.0
            )
            for written, units in of_each.items():
                found.writes[written] = found.writes.get(written, 0.0) + times * units
            found.records[resource] = found.records.get(resource, 0.0) + times
            found.add(PRICES[action], times * sum(of_each.values()))
        elif action in READS:
            found.add(PRICES[action], times * READS[action])
        elif action == "states:StartExecution":
            found.add(PRICES[action], times * transitions_of_an_approval())
        elif action not in FREE and action not in COUNTED_APART:
            found.add(PRICES[action], times)


def _events(found: Usage, events: float, options: Options) -> None:
    found.add("event", events)
    found.add("event_archive_gb", events * EVENT_GB)
    found.add("event_archive_gb_month", events * EVENT_GB)
    for messages in found.messages.values():
        # Send, receive and delete: the latter two a batch at a time; some receives find nothing.
        found.add("sqs_request", messages + max(2 * messages / options.batch, IDLE_POLLS))


def _stored(found: Usage, requests: float, options: Options) -> None:
    """A month's tasks. Items of the other tables are small, or live for an hour or a day."""
    found.add("dynamodb_gb_month", MIX["create"] * requests * ITEM_GB * (1 + len(indexes("tasks_table"))))
    # Only the table is backed up, without its indexes.
    found.add("dynamodb_backup_gb_month", MIX["create"] * requests * ITEM_GB)
    found.add("s3_gb_month", MIX["complete"] * requests * ITEM_GB)
    # A bucket key serves many objects for a while: by AWS's figure it saves up to 99 of 100 calls.
    found.add("kms_request", MIX["complete"] * requests * (0.01 if options.bucket_key else 1.0))


def _fixed(found: Usage, options: Options) -> None:
    found.add("kms_key_month", 1)
    # Tables and their streams, queues with a sender and readers, bus, topic, logs: each keeps its data key.
    found.add("kms_request", KEY_USES * (len(tables()) + len(found.messages) * 3 + 3))
    metrics = alarm_metrics()
    watched = metrics if options.monitoring == "full" else LEAN
    found.add("alarm_month", sum(metrics[section] for section in watched))
    found.add("metric_month", METRICS * min(found.requests / HOURS, 1.0))
    found.add("dashboard_month", DASHBOARDS[options.monitoring])
