"""Sizes and log levels that Terraform sets are those that the code assumes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.adapters import eventbridge, sqs
from tests.harness.deliveries import envelope
from tests.harness.plan import Plan, Resource
from tests.unit.adapters.test_eventbridge import created

# What the provider sets for a queue without a size, whatever SQS's own default:
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
DEFAULT = 256 * 1024


def largest_message(queue: Resource) -> int:
    return int(queue.values.get("max_message_size") or DEFAULT)


def queues(plan: Plan) -> dict[str, Resource]:
    return {queue.values["name"]: queue for queue in plan.of_type("aws_sqs_queue")}


def test_the_relays_dead_letter_queue_accepts_what_the_relay_parks(plan: Plan) -> None:
    (queue,) = [queue for name, queue in queues(plan).items() if name.endswith("-relay-dead-letters")]
    assert queue.values["max_message_size"] == sqs.MAX_BYTES


def test_the_largest_event_fits_every_reactions_queue(plan: Plan) -> None:
    """A larger event would be refused by the queue, and by its dead-letter queue, which is no larger."""
    event = created()
    detail = len(event.as_json().encode())
    message = len(json.dumps(envelope(event), ensure_ascii=False, separators=(",", ":")).encode())
    room = eventbridge.MAX_BYTES - eventbridge.MAX_EVENT_BYTES
    smallest = min(largest_message(queue) for queue in queues(plan).values())

    # Twice, because AWS may add fields that are not known here.
    assert 2 * (message - detail) < room
    assert eventbridge.MAX_EVENT_BYTES + room <= smallest


def test_dead_letter_queues_accept_what_their_queues_held(plan: Plan) -> None:
    found = queues(plan)

    for name, queue in found.items():
        if (beside := found.get(f"{name}-dead-letters")) is not None:
            assert largest_message(beside) >= largest_message(queue), name


def test_parked_records_outlive_their_dead_letters_and_then_expire(aws_plan: Plan) -> None:
    (queue,) = [queue for name, queue in queues(aws_plan).items() if name.endswith("-relay-dead-letters")]
    (configuration,) = [
        found
        for found in aws_plan.of_type("aws_s3_bucket_lifecycle_configuration")
        if "archive_bucket" in found.address
    ]
    (rule,) = [rule for rule in configuration.values["rule"] if rule["filter"][0].get("prefix") == sqs.PREFIX]
    days = rule["expiration"][0]["days"]

    assert rule["status"] == "Enabled"
    assert queue.values["message_retention_seconds"] < days * 24 * 3600 <= 90 * 24 * 3600


def test_the_relay_may_write_parked_records_and_reactions_archived_tasks(plan: Plan) -> None:
    written = {}
    for policy in plan.of_type("aws_iam_role_policy"):
        if policy.name == "rights" and policy.values.get("policy"):
            for statement in policy.document("policy")["Statement"]:
                if "s3:PutObject" in statement["Action"]:
                    written[policy.module] = [arn.partition("/")[2] for arn in statement["Resource"]]

    assert written == {'function["on_completed"]': ["tasks/*"], 'function["relay"]': [f"{sqs.PREFIX}*"]}


@pytest.mark.parametrize(
    ("name", "delivered", "own"),
    [("dev", "DEBUG", "DEBUG"), ("prod", "INFO", "INFO"), ("options", "INFO", "ERROR")],
)
def test_no_log_level_drops_metrics_or_platform_reports(
    flavour: Callable[[str], Plan], name: str, delivered: str, own: str
) -> None:
    """Metrics count as INFO, and reports of time-outs and crashes have the level WARN."""
    for function in flavour(name).of_type("aws_lambda_function"):
        (logging,) = function.values["logging_config"]
        settings: dict[str, Any] = function.values["environment"][0]["variables"]

        assert (logging["log_format"], logging["system_log_level"]) == ("JSON", "WARN")
        assert logging["application_log_level"] == delivered
        assert settings["POWERTOOLS_LOG_LEVEL"] == own
