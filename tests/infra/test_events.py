"""The path of events from writes to reactions: streams, bus, rules, queues and dead-letter queues."""

import json
from typing import Any

import pytest

from scripts.terraform.identity import ACCOUNT_ID
from tests.harness.function_map import by_trigger
from tests.harness.plan import Plan, Resource

QUEUED = {name: f["trigger"] for name, f in by_trigger("queue").items()}
STREAMED = {name: f["trigger"] for name, f in by_trigger("stream").items()}

FOURTEEN_DAYS = 14 * 24 * 3600
WHOLE_ARN = f"arn:aws:sqs:us-east-1:{ACCOUNT_ID}:task-manager-prod-"


def parts(plan: Plan, module: str, kind: str, name: str = "this") -> list[Resource]:
    return [r for r in plan.of_type(kind) if (r.module, r.name) == (module, name)]


def part(plan: Plan, module: str, kind: str, name: str = "this") -> Resource:
    (found,) = parts(plan, module, kind, name)
    return found


def dead_letter_queue(plan: Plan, module: str) -> Resource:
    """The dead-letter queue: created before the queue on AWS, in parallel with it on local clouds."""
    (found,) = [
        r
        for r in plan.of_type("aws_sqs_queue")
        if r.module == module and r.name in ("dead_letters", "dead_letters_beside")
    ]
    return found


def test_every_event_type_has_a_consumer() -> None:
    heard = {kind for trigger in QUEUED.values() for kind in trigger["detail_types"]}
    assert heard >= {"TaskCreated", "TaskUpdated", "TaskCompleted", "TaskDeleted", "TaskExpired"}


@pytest.mark.parametrize("function", QUEUED)
class TestConsumer:
    def test_receives_its_events_from_our_bus(self, plan: Plan, function: str) -> None:
        rule = part(plan, f'consumer["{function}"]', "aws_cloudwatch_event_rule")
        pattern = json.loads(rule.values["event_pattern"])

        assert pattern == {"source": ["task-manager"], "detail-type": QUEUED[function]["detail_types"]}
        assert rule.values["event_bus_name"] == plan.one("aws_cloudwatch_event_bus.this").values["name"]

    def test_a_message_becomes_a_dead_letter_after_five_receives(self, plan: Plan, function: str) -> None:
        module = f'consumer["{function}"]'
        queue = part(plan, module, "aws_sqs_queue")
        dead_letters = dead_letter_queue(plan, module)
        redrive = queue.document("redrive_policy")
        (allowed,) = dead_letters.document("redrive_allow_policy")["sourceQueueArns"]

        # Throttled receives count, too: with fewer than five, valid messages would become dead letters.
        assert redrive["maxReceiveCount"] == 5
        assert redrive["deadLetterTargetArn"].endswith(f":{dead_letters.values['name']}")
        assert dead_letters.values["message_retention_seconds"] == FOURTEEN_DAYS
        assert allowed.endswith(f":{queue.values['name']}")

    def test_the_dead_letter_queue_is_created_before_the_queue_on_aws(
        self, aws_plan: Plan, function: str
    ) -> None:
        module = f'consumer["{function}"]'
        assert dead_letter_queue(aws_plan, module).name == "dead_letters"
        assert "aws_sqs_queue.dead_letters" in aws_plan.order(part(aws_plan, module, "aws_sqs_queue"))

    def test_reading_starts_only_once_the_dead_letter_queue_exists(self, plan: Plan, function: str) -> None:
        module = f'consumer["{function}"]'
        mapping = part(plan, module, "aws_lambda_event_source_mapping")
        place = dead_letter_queue(plan, module)

        assert f"{place.type}.{place.name}" in plan.order(mapping)

    def test_the_visibility_timeout_is_six_times_the_functions_timeout(
        self, aws_plan: Plan, function: str
    ) -> None:
        queue = part(aws_plan, f'consumer["{function}"]', "aws_sqs_queue")
        limit = part(aws_plan, f'function["{function}"]', "aws_lambda_function").values["timeout"]
        assert queue.values["visibility_timeout_seconds"] >= 6 * limit

    def test_failures_are_reported_one_by_one(self, plan: Plan, function: str) -> None:
        mapping = part(plan, f'consumer["{function}"]', "aws_lambda_event_source_mapping").values
        assert mapping["function_response_types"] == ["ReportBatchItemFailures"]
        assert mapping["batch_size"] == 10

    def test_only_its_rule_may_send_to_its_queues(self, aws_plan: Plan, function: str) -> None:
        module = f'consumer["{function}"]'
        rule = part(aws_plan, module, "aws_cloudwatch_event_rule").values

        for name in ("this", "dead_letters"):
            statements = part(aws_plan, module, "aws_sqs_queue", name).document("policy")["Statement"]
            (allowed,) = [statement for statement in statements if statement["Effect"] == "Allow"]
            source = allowed["Condition"]["ArnEquals"]["aws:SourceArn"]

            assert allowed["Action"] == "sqs:SendMessage"
            assert source.endswith(f":rule/{rule['event_bus_name']}/{rule['name']}")

    def test_may_read_its_queue_and_no_other(self, aws_plan: Plan, function: str) -> None:
        policy = part(aws_plan, f'consumer["{function}"]', "aws_iam_role_policy", "source")
        (statement,) = policy.document("policy")["Statement"]

        assert statement["Action"] == ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        assert statement["Resource"] == [WHOLE_ARN + QUEUED[function]["queue"]]


@pytest.mark.parametrize("function", STREAMED)
class TestStream:
    def test_reads_from_the_start_and_bisects_failing_batches_until_they_are_too_old(
        self, plan: Plan, function: str
    ) -> None:
        mappings = parts(plan, f'stream["{function}"]', "aws_lambda_event_source_mapping")

        assert len(mappings) == len(STREAMED[function]["tables"])
        for mapping in (one.values for one in mappings):
            assert mapping["starting_position"] == "TRIM_HORIZON"
            assert mapping["bisect_batch_on_function_error"]
            # Less than the day that the stream keeps records, so that a dead letter's can still be read.
            assert 0 < mapping["maximum_record_age_in_seconds"] < 24 * 3600
            assert mapping["batch_size"] == 10

    def test_failed_batches_go_to_the_dead_letter_queue(self, plan: Plan, function: str) -> None:
        module = f'stream["{function}"]'
        mappings = parts(plan, module, "aws_lambda_event_source_mapping")
        kept = part(plan, module, "aws_sqs_queue", "dead_letters").values

        for mapping in mappings:
            assert plan.sources(mapping, "destination_config") == {"aws_sqs_queue.dead_letters"}
        assert kept["message_retention_seconds"] == FOURTEEN_DAYS

    def test_may_read_its_stream_and_send_dead_letters(self, aws_plan: Plan, function: str) -> None:
        policy = part(aws_plan, f'stream["{function}"]', "aws_iam_role_policy", "source")
        read, park = policy.document("policy")["Statement"]
        tables = [f"table/task-manager-prod-{table}" for table in STREAMED[function]["tables"]]

        assert sorted(read["Resource"]) == sorted(
            f"arn:aws:dynamodb:us-east-1:{ACCOUNT_ID}:{table}/stream/*" for table in tables
        )
        assert all(action.startswith("dynamodb:") and "*" not in action for action in read["Action"])
        assert park["Action"] == ["sqs:SendMessage"]
        assert park["Resource"] == [f"{WHOLE_ARN}{function.replace('_', '-')}-dead-letters"]


def test_the_relay_is_configured_with_its_dead_letter_queue(plan_for: Any) -> None:
    for environment, start in (
        ("local", "http://127.0.0.1:"),
        ("prod", "https://sqs.us-east-1.amazonaws.com/"),
    ):
        plan = plan_for(environment)
        function = part(plan, 'function["relay"]', "aws_lambda_function")
        url = function.values["environment"][0]["variables"]["RELAY_DEAD_LETTER_QUEUE"]
        queue = part(plan, 'stream["relay"]', "aws_sqs_queue", "dead_letters").values["name"]

        assert url.startswith(start)
        assert url.endswith(f"/{ACCOUNT_ID}/{queue}")


def test_events_are_kept_for_replay(plan: Plan) -> None:
    (archive,) = plan.of_type("aws_cloudwatch_event_archive")
    assert archive.values["retention_days"] > 0
    assert plan.sources(archive, "event_source_arn") == {"aws_cloudwatch_event_bus.this"}


def test_the_bus_is_encrypted_on_aws(aws_plan: Plan) -> None:
    bus = aws_plan.one("aws_cloudwatch_event_bus.this")
    assert "kms_key_identifier" in bus.unknown
    assert "aws_kms_key.this" in aws_plan.sources(bus, "kms_key_identifier")


def test_archived_tasks_are_kept_and_parked_records_expire(aws_plan: Plan) -> None:
    (rules,) = aws_plan.of_type("aws_s3_bucket_lifecycle_configuration")
    expiring = {
        rule["filter"][0]["prefix"]: rule["expiration"][0]["days"]
        for rule in rules.values["rule"]
        if rule.get("expiration")
    }

    assert set(expiring) == {"parked/"}
    assert expiring["parked/"] > FOURTEEN_DAYS / (24 * 3600), "the dead letter names the object until then"


def test_no_lifecycle_rule_moves_objects_that_are_too_small_to_be_moved(aws_plan: Plan) -> None:
    """S3 moves no object below 128 KB unless a filter on its size says so, and a task has 30 KB at most."""
    for rules in aws_plan.of_type("aws_s3_bucket_lifecycle_configuration"):
        assert not [rule["id"] for rule in rules.values["rule"] if rule.get("transition")]


def test_every_consumer_has_one_dead_letter_queue(plan: Plan) -> None:
    names = {trigger["queue"] for trigger in QUEUED.values()} | set(STREAMED)
    queues = [r for r in plan.of_type("aws_sqs_queue") if r.name in ("dead_letters", "dead_letters_beside")]
    assert len(queues) == len(names)
