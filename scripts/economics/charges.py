"""What using a right costs, and how often that happens: by default once for each call or message."""

from collections.abc import Mapping

from scripts.economics.mix import MIX, WRITES

# A strongly consistent read of up to 4 KB; an eventually consistent query of 20 tasks of 0.6 KB.
READ_UNITS = 1.0
LIST_UNITS = 1.5

READS = {"dynamodb:GetItem": READ_UNITS, "dynamodb:Query": LIST_UNITS}
WRITING = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")
# Action → the price of one. Starting an execution is priced by its transitions.
PRICES = {
    **dict.fromkeys(READS, "dynamodb_read_unit"),
    **dict.fromkeys(WRITING, "dynamodb_write_unit"),
    "s3:PutObject": "s3_put",
    "sns:Publish": "sns_publish",
    "sqs:SendMessage": "sqs_request",
    "states:StartExecution": "state_transition",
}
FREE = {"states:SendTaskSuccess": "the transition that follows is what is paid for"}
# A record of the stream may be several events, or none: the events are counted, not the relay's calls.
COUNTED_APART = {"events:PutEvents": "event"}

# A function that no request of the mix calls → the reason.
NOT_CALLED = {
    "describe_api": "developers read the API's description, not its clients",
    "expire_approval": "in the mix, every approval is decided in time",
    "list_events": "open consoles call it, clients do not",
    "show_console": "people open it, clients do not",
}

# A function that the mix calls and nobody has measured yet, priced as the median of the others → the reason.
NOT_MEASURED: Mapping[str, str] = {}

# A kind of event that the mix does not lead to → the reason.
NOT_IN_THE_MIX = {
    "TaskRejected": "a rejection is written and read as an approval is",
}

# A resource that functions have rights on and the mix does not use → the reason.
NOT_USED = {
    "archive_bucket_parked": "only records that can never be relayed are parked",
    "relay_dead_letter_queue": "only records that can never be relayed are parked",
}

_UPDATES = sum(write.per_request for write in WRITES if "TaskUpdated" in write.events())
_STATUS_CHANGES = sum(write.per_request for write in WRITES if write.changes_status)


def uses(keyed: float) -> dict[tuple[str, str, str], float]:
    """Function, action and resource → how often a call or message uses the right, where it is not once.

    `keyed` is the share of creations that have an Idempotency-Key.
    """
    table, start = "idempotency_table", ("states:StartExecution", "approval_state_machine")
    return {
        ("create_task", "dynamodb:PutItem", table): keyed,
        # Only where a request is repeated.
        ("create_task", "dynamodb:GetItem", table): 0,
        # A list reads one of the two indexes.
        ("list_tasks", "dynamodb:Query", "tasks_by_status_index"): 0.5,
        ("list_tasks", "dynamodb:Query", "tasks_by_user_index"): 0.5,
        # Only records that can never be relayed.
        ("relay", "sqs:SendMessage", "relay_dead_letter_queue"): 0,
        ("relay", "s3:PutObject", "archive_bucket_parked"): 0,
        # Only for a task of high priority; in the mix, no priority is raised.
        ("on_created", *start): MIX["approve"] / MIX["create"],
        ("on_updated", *start): 0,
        # Only when the status changes.
        ("on_updated", "sns:Publish", "notifications_topic"): _STATUS_CHANGES / _UPDATES,
        # In the mix, no deleted task waits for an approval.
        ("on_deleted", "dynamodb:UpdateItem", "approvals_table"): 0,
    }


def table_units(function: str, table: str, keyed: float) -> float:
    """Write units of an item of up to 1 KB in a table: double, as far as a transaction writes it.

    An index, which holds whole items, takes one more whatever wrote the table.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
    """
    transacted = {
        ("create_task", "tasks_table"): keyed,
        ("create_task", "idempotency_table"): 1,
        ("on_created", "statistics_table"): 1,
        ("on_completed", "statistics_table"): 1,
    }
    return 1 + transacted.get((function, table), 0)
