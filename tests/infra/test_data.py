"""Stored data: encrypted with our key, not public, and protected from accidents."""

from typing import Any

import pytest

from tests.harness.plan import Plan

KEY = {"aws_kms_key.this"}

# Resource type → the path to the attribute that names its key.
ENCRYPTED = {
    "aws_cloudwatch_log_group": ("kms_key_id",),
    "aws_dynamodb_table": ("server_side_encryption", "kms_key_arn"),
    "aws_lambda_function": ("kms_key_arn",),
    "aws_s3_bucket_server_side_encryption_configuration": (
        "rule", "apply_server_side_encryption_by_default", "kms_master_key_id",
    ),
}  # fmt: skip

TABLES = {
    "tasks": {"key": "taskId", "indexes": {"by-status": "statusShard", "by-user": "userId"}, "stream": True},
    "approvals": {"key": "taskId", "indexes": {}, "stream": True},
    "idempotency": {"key": "id", "indexes": {}, "stream": False},
    "statistics": {"key": "id", "indexes": {}, "stream": False},
    "feed": {"key": "feed", "range": "position", "indexes": {"by-user": "userId"}, "stream": False},
}


def table(plan: Plan, name: str) -> dict[str, Any]:
    return plan.one(f'aws_dynamodb_table.this["{name}"]').values


@pytest.mark.parametrize("kind", ENCRYPTED)
def test_everything_stored_is_encrypted_with_our_key(plan: Plan, kind: str) -> None:
    for resource in plan.of_type(kind):
        assert plan.sources(resource, *ENCRYPTED[kind]) - {"local.is_local"} == KEY, resource.address


def test_environment_variables_are_encrypted_with_our_key_on_aws(aws_plan: Plan) -> None:
    for function in aws_plan.of_type("aws_lambda_function"):
        assert function.unknown["kms_key_arn"], function.address


def test_every_taggable_resource_is_tagged(plan: Plan) -> None:
    tagged = [resource for resource in plan.resources if "tags_all" in resource.values]

    assert len(tagged) > 20
    for resource in tagged:
        tags = resource.values["tags_all"]
        assert set(tags) >= {"Project", "Environment", "ManagedBy"}, resource.address


def test_the_key_rotates_and_names_who_may_use_it(aws_plan: Plan) -> None:
    key = aws_plan.one("aws_kms_key.this")

    assert key.values["enable_key_rotation"]
    for statement in key.document("policy")["Statement"]:
        assert "*" not in statement["Principal"].values()
        assert "AWS" in statement["Principal"] or statement["Condition"]


@pytest.mark.parametrize("name", TABLES)
class TestTable:
    def test_has_its_keys_and_indexes(self, plan: Plan, name: str) -> None:
        values, expected = table(plan, name), TABLES[name]
        indexes = {index["name"]: index["hash_key"] for index in values["global_secondary_index"]}

        assert (values["hash_key"], values.get("range_key")) == (expected["key"], expected.get("range"))
        assert indexes == expected["indexes"]
        for index in values["global_secondary_index"]:
            assert (index["range_key"], index["projection_type"]) == (expected.get("range", "taskId"), "ALL")

    def test_streams_old_and_new_images_where_a_function_reads_them(self, plan: Plan, name: str) -> None:
        values = table(plan, name)
        expected = "NEW_AND_OLD_IMAGES" if TABLES[name]["stream"] else None
        assert (values["stream_enabled"], values.get("stream_view_type")) == (
            TABLES[name]["stream"],
            expected,
        )

    def test_has_expiry_recovery_and_on_demand_capacity(self, plan: Plan, name: str) -> None:
        values = table(plan, name)

        assert values["ttl"] == [{"attribute_name": "expiresAt", "enabled": True}]
        assert values["point_in_time_recovery"][0]["enabled"]
        assert values["billing_mode"] == "PAY_PER_REQUEST"

    def test_is_protected_from_deletion_except_locally(self, plan_for: Any, name: str) -> None:
        assert not table(plan_for("local"), name)["deletion_protection_enabled"]
        assert table(plan_for("prod"), name)["deletion_protection_enabled"]


def test_an_output_names_every_table(plan: Plan) -> None:
    assert plan.outputs["table_names"]["value"] == {name: table(plan, name)["name"] for name in TABLES}


def test_every_bucket_is_private_versioned_and_tls_only(plan: Plan) -> None:
    buckets = {bucket.module for bucket in plan.of_type("aws_s3_bucket")}
    blocks = plan.of_type("aws_s3_bucket_public_access_block")
    versioning = plan.of_type("aws_s3_bucket_versioning")

    for guards in (blocks, versioning):
        assert {guard.module for guard in guards} == buckets
    for block in blocks:
        names = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        assert all(block.values[name] for name in names)
    for versions in versioning:
        assert versions.values["versioning_configuration"][0]["status"] == "Enabled"


def test_storage_on_aws_refuses_calls_without_tls(aws_plan: Plan) -> None:
    buckets = aws_plan.of_type("aws_s3_bucket_policy")

    assert {policy.module for policy in buckets} == {b.module for b in aws_plan.of_type("aws_s3_bucket")}
    for policy in [*buckets, *aws_plan.of_type("aws_sqs_queue"), *aws_plan.of_type("aws_sns_topic")]:
        found = policy.document("policy")["Statement"]
        (denial,) = [statement for statement in found if statement["Effect"] == "Deny"]

        assert denial["Principal"] == "*"
        assert denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_queues_and_topics_of_the_events_are_encrypted_with_our_key(aws_plan: Plan) -> None:
    alias = aws_plan.one("aws_kms_alias.this").values["name"]
    queues = [queue for queue in aws_plan.of_type("aws_sqs_queue") if queue.name == "this"]

    assert queues
    for resource in [*queues, *aws_plan.of_type("aws_sns_topic")]:
        assert resource.values["kms_master_key_id"] == alias, resource.address


def test_only_local_buckets_are_destroyed_with_their_content(plan_for: Any) -> None:
    assert all(bucket.values["force_destroy"] for bucket in plan_for("local").of_type("aws_s3_bucket"))
    assert not any(bucket.values["force_destroy"] for bucket in plan_for("prod").of_type("aws_s3_bucket"))
