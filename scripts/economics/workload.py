"""What a number of requests sets going: calls, units, transitions. Every figure has its reason beside it."""

import json
from dataclasses import dataclass, field

from scripts.base.paths import INFRA

SECONDS = 30 * 24 * 3600  # a month

# A whole processor is 1,769 MB: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
WHOLE_PROCESSOR_MB = 1769

# Shares of the requests: about what load/journeys.py does. A completion is a PUT as well.
MIX = {
    "create": 0.15,
    "get": 0.36,
    "list": 0.22,
    "update": 0.13,
    "complete": 0.08,
    "delete": 0.03,
    "approve": 0.02,
    "statistics": 0.01,
}
API_FUNCTION = {
    "create": "create_task",
    "get": "get_task",
    "list": "list_tasks",
    "update": "update_task",
    "complete": "update_task",
    "delete": "delete_task",
    "approve": "decide_approval",
    "statistics": "get_user_statistics",
}

# Write units of the tasks table and its two indexes, which hold whole items, of up to 1 KB: one for the item
# and one for each index; two where the index's key changes, which is a removal and an insertion.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
PUT_UNITS = 3.0
STATUS_CHANGE_UNITS = 4.0
CHANGE_UNITS = 3.0
# A transaction costs double, for each of the two items of a count: the mark and the total.
COUNT_UNITS = 4.0
# Under an Idempotency-Key the task costs one more, its record two.
KEYED_UNITS = 3.0
# A consistent read of up to 4 KB; a query of 20 tasks of 0.6 KB, which need not be consistent.
READ_UNITS = 1.0
LIST_UNITS = 1.5

ITEM_GB = 0.6e3 / 1e9
EVENT_GB = 1.4e3 / 1e9
ANSWER_GB = 1.5e3 / 1e9
# Pollers of a queue wait 20 s at a time, five of them when there is nothing to do.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
IDLE_POLLS = 5 * SECONDS / 20
# Services keep a data key for five minutes, for each principal that uses it:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
KEY_USES = SECONDS / 300


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
    # Metrics that alarms look at, several where one computes; then our own, with their dimensions.
    alarms: int = 85
    metrics: int = 32
    dashboards: int = 1
    # Share of a call in which the processor works, rather than waits.
    busy: float = 0.5


@dataclass
class Usage:
    """Units of a month, by the names of the price table; Lambda by function."""

    units: dict[str, float] = field(default_factory=dict)
    calls: dict[str, float] = field(default_factory=dict)

    def add(self, what: str, units: float) -> None:
        """Count so many more."""
        self.units[what] = self.units.get(what, 0.0) + units


def usage(requests: float, options: Options) -> Usage:
    """What a month of so many requests uses, but for the time of the functions."""
    number = {kind: share * requests for kind, share in MIX.items()}
    found = Usage()
    for kind, function in API_FUNCTION.items():
        found.calls[function] = found.calls.get(function, 0.0) + number[kind]
    found.add(f"api_{options.api_type}_request", requests)
    found.add("data_out_gb", requests * ANSWER_GB)
    _tables(found, number, options)
    _events(found, number, options)
    _fixed(found, number, options)
    return found


def billed_ms(measured_ms: float, options: Options) -> float:
    """Milliseconds on Lambda, of those measured on a whole processor: memory decides its share of one."""
    slower = max(1.0, WHOLE_PROCESSOR_MB / options.memory_mb)
    return measured_ms * (options.busy * slower + 1 - options.busy)


def transitions_of_an_approval() -> int:
    """States from the start to the end of an approved task, as the definition has them."""
    text = (INFRA / "approval.asl.json").read_text()
    # The one placeholder that stands for a number.
    definition = json.loads(text.replace("${approval_timeout_seconds}", "1"))
    state, count = definition["StartAt"], 1
    while definition["States"][state]["Type"] != "Succeed":
        here = definition["States"][state]
        state = here["Choices"][0]["Next"] if here["Type"] == "Choice" else here["Next"]
        count += 1
    return count


def _tables(found: Usage, number: dict[str, float], options: Options) -> None:
    begun = number["update"] / 2  # half of the changes are of the status
    writes = {
        "create": PUT_UNITS + COUNT_UNITS + options.keyed * KEYED_UNITS,
        # The change, the count, and the time at which the table may forget it.
        "complete": STATUS_CHANGE_UNITS + COUNT_UNITS + CHANGE_UNITS,
        "delete": CHANGE_UNITS + PUT_UNITS,  # the cause is noted first
        # The decision, the wait, their end, and the verdict on the task.
        "approve": 3 + STATUS_CHANGE_UNITS,
    }
    found.add("dynamodb_write_unit", sum(units * number[kind] for kind, units in writes.items()))
    found.add("dynamodb_write_unit", begun * (STATUS_CHANGE_UNITS + CHANGE_UNITS))
    found.add("dynamodb_read_unit", number["list"] * LIST_UNITS)
    reads = {"get": 1, "update": 1, "complete": 1, "delete": 1, "statistics": 1, "approve": 5}
    found.add("dynamodb_read_unit", sum(READ_UNITS * times * number[kind] for kind, times in reads.items()))
    # A month's tasks, in the table and two indexes; the table alone is backed up.
    found.add("dynamodb_gb_month", number["create"] * ITEM_GB * 3)
    found.add("dynamodb_backup_gb_month", number["create"] * ITEM_GB)
    found.add("s3_put", number["complete"])
    found.add("s3_gb_month", number["complete"] * ITEM_GB)


def _events(found: Usage, number: dict[str, float], options: Options) -> None:
    created, updated = number["create"], number["update"] + number["complete"] + number["approve"]
    queued = {
        "on_created": created,
        "on_updated": updated,
        "on_completed": number["complete"],
        "on_deleted": number["delete"],
    }
    events = sum(queued.values()) + number["approve"]
    # What the table's stream brings: the writes, the note of a delete, and the expiry of what is completed.
    records = created + updated + 2 * number["delete"] + number["complete"]
    found.calls["relay"] = records / options.batch
    found.add("event", events)
    found.add("event_archive_gb", events * EVENT_GB)
    found.add("event_archive_gb_month", events * EVENT_GB)
    for function, messages in queued.items():
        found.calls[function] = messages / options.batch
        # Into the queue, out of it and off it: the latter two a batch at a time, or in vain.
        found.add("sqs_request", messages + max(2 * messages / options.batch, IDLE_POLLS))
    status_changes = number["update"] / 2 + number["complete"] + number["approve"]
    found.add("sns_publish", created + status_changes + number["approve"])
    found.add("state_transition", number["approve"] * transitions_of_an_approval())
    for function in ("validate_task", "request_approval", "apply_decision"):
        found.calls[function] = number["approve"]
    found.calls["deliver_decision"] = 3 * number["approve"] / options.batch


def _fixed(found: Usage, number: dict[str, float], options: Options) -> None:
    found.add("kms_key_month", 1)
    # Tables and streams, four queues with a sender and readers, bus, topic, logs: each keeps its data key.
    found.add("kms_request", KEY_USES * (5 + 4 * 3 + 3))
    # A bucket key serves many objects for a while: by AWS's figure it saves up to 99 of 100 calls.
    found.add("kms_request", number["complete"] * (0.01 if options.bucket_key else 1.0))
    found.add("alarm_month", options.alarms)
    found.add("metric_month", options.metrics)
    found.add("dashboard_month", options.dashboards)
