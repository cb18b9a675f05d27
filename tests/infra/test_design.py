"""Every planned resource is accounted for, by the function map or by a number here."""

from collections import Counter
from collections.abc import Callable

import pytest

from scripts.base.paths import ROOT
from tests.harness.function_map import FUNCTIONS, by_trigger, with_head
from tests.harness.plan import Plan
from tests.infra.test_data import TABLES

KINDS = Counter(function["trigger"]["type"] for function in FUNCTIONS.values())
ROUTES = sum(len(with_head(f["trigger"]["routes"])) for f in by_trigger("http").values())
BUCKETS = 2  # code, archive

# Resource type → how many of it there are.
DESIGNED = {
    # A function: its code's version behind an alias, its role, its log.
    "aws_lambda_function": len(FUNCTIONS),
    "aws_lambda_alias": len(FUNCTIONS),
    "aws_iam_role": len(FUNCTIONS) + 4,  # the workflow's, CodeDeploy's, two for AWS Backup
    "aws_cloudwatch_log_group": len(FUNCTIONS) + 2,  # the workflow's, the API's
    # The front door.
    "aws_apigatewayv2_api": 1,
    "aws_apigatewayv2_stage": 1,
    "aws_apigatewayv2_authorizer": 1,
    "aws_apigatewayv2_integration": KINDS["http"],
    "aws_apigatewayv2_route": ROUTES + 1,  # and one for whatever has none
    "aws_lambda_permission": KINDS["http"],
    "aws_cognito_user_pool": 1,
    "aws_cognito_user_pool_domain": 1,
    "aws_cognito_resource_server": 1,
    # The path of events: streams, bus, a rule and a queue for each reaction, dead letters.
    "aws_cloudwatch_event_bus": 1,
    "aws_cloudwatch_event_archive": 1,
    "aws_cloudwatch_event_rule": KINDS["queue"],
    "aws_cloudwatch_event_target": KINDS["queue"],
    "aws_lambda_event_source_mapping": KINDS["queue"] + KINDS["stream"],
    "aws_sqs_queue": 2 * KINDS["queue"] + KINDS["stream"] + 1,  # of what the bus could not deliver
    "aws_sns_topic": 2,  # notifications, alarms
    "aws_sfn_state_machine": 1,
    # Stored data.
    "aws_dynamodb_table": len(TABLES),
    "aws_kms_key": 1,
    "aws_kms_alias": 1,
    "aws_s3_bucket": BUCKETS,
    "aws_s3_bucket_policy": BUCKETS,
    "aws_s3_bucket_public_access_block": BUCKETS,
    "aws_s3_bucket_server_side_encryption_configuration": BUCKETS,
    "aws_s3_bucket_versioning": BUCKETS,
    "aws_s3_bucket_lifecycle_configuration": 1,  # of the archive
    "aws_s3_object": 2,  # the package, the record of the release
    "aws_backup_vault": 1,
    "aws_backup_plan": 1,
    "aws_backup_selection": 1,
    "terraform_data": 1,  # the protection from being destroyed
    # Gradual deployment.
    "aws_codedeploy_app": 1,
    "aws_codedeploy_deployment_group": len(FUNCTIONS),
    # Monitoring.
    "aws_cloudwatch_dashboard": 1,
}
# Not counted here: each has tests of its own.
LOOKED_AT_ELSEWHERE = {
    "aws_cloudwatch_metric_alarm",  # test_monitoring.py
    "aws_cognito_user_pool_client",  # test_auth.py
    "aws_iam_role_policy",  # test_functions.py, test_events.py, test_approval.py
    "aws_iam_role_policy_attachment",  # below
}


def test_every_resource_is_accounted_for(aws_plan: Plan) -> None:
    found = Counter(resource.type for resource in aws_plan.resources)
    counted = {kind: count for kind, count in found.items() if kind not in LOOKED_AT_ELSEWHERE}

    assert counted == DESIGNED
    assert set(found) - set(counted) == LOOKED_AT_ELSEWHERE


def test_backups_are_made_by_one_role_and_restored_by_another(aws_plan: Plan) -> None:
    """Only these two roles have AWS managed policies."""
    attached = aws_plan.of_type("aws_iam_role_policy_attachment")
    policies = {one.values["role"]: one.values["policy_arn"].rpartition("/")[2] for one in attached}
    (selection,) = aws_plan.of_type("aws_backup_selection")

    assert policies == {
        "task-manager-prod-backup-use1": "AWSBackupServiceRolePolicyForBackup",
        "task-manager-prod-restore-use1": "AWSBackupServiceRolePolicyForRestores",
    }
    assert 'aws_iam_role.backup["backup"]' in aws_plan.sources(selection, "iam_role_arn")


def test_a_vault_is_emptied_while_the_role_of_its_backups_has_its_rights(aws_plan: Plan) -> None:
    """Terraform destroys in reverse order. Without its rights, AWS deletes no recovery point of that role."""
    (vault,) = aws_plan.of_type("aws_backup_vault")

    assert aws_plan.order(vault) == {"aws_iam_role_policy_attachment.backup"}
    assert vault.values["timeouts"] == {"delete": "60m"}


def test_modules_take_names_from_their_callers() -> None:
    files = list((ROOT / "infra/modules").rglob("*.tf"))
    assert files
    assert not [file for file in files if "task-manager" in file.read_text(encoding="utf-8")]


def test_names_contain_the_environment(aws_plan: Plan) -> None:
    for kind, attribute in {
        "aws_lambda_function": "function_name",
        "aws_dynamodb_table": "name",
        "aws_sqs_queue": "name",
        "aws_sns_topic": "name",
        "aws_iam_role": "name",
        "aws_s3_bucket": "bucket",
        "aws_codedeploy_app": "name",
    }.items():
        for resource in aws_plan.of_type(kind):
            assert resource.values[attribute].startswith("task-manager-prod"), resource.address


class TestGradualDeployment:
    def test_moves_ten_percent_first_and_rolls_back_automatically(self, aws_plan: Plan) -> None:
        for group in aws_plan.of_type("aws_codedeploy_deployment_group"):
            (back,) = group.values["auto_rollback_configuration"]

            assert group.values["deployment_config_name"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
            assert back["enabled"]
            assert set(back["events"]) == {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"}

    def test_existing_alarms_trigger_a_rollback(self, aws_plan: Plan) -> None:
        alarms = {alarm.values["alarm_name"] for alarm in aws_plan.of_type("aws_cloudwatch_metric_alarm")}

        for group in aws_plan.of_type("aws_codedeploy_deployment_group"):
            function = group.values["deployment_group_name"]
            (watched,) = group.values["alarm_configuration"]

            assert watched["enabled"]
            assert f"{function}-errors" in watched["alarms"]
            assert set(watched["alarms"]) <= alarms
            assert len(watched["alarms"]) <= 10  # CodeDeploy's limit

    def test_codedeploy_may_move_these_aliases_and_no_more(self, aws_plan: Plan) -> None:
        (policy,) = [r for r in aws_plan.of_type("aws_iam_role_policy") if r.name == "deployment"]
        move, look = policy.document("policy")["Statement"]
        names = {name.replace("_", "-") for name in FUNCTIONS}
        moved = {resource.partition(":function:task-manager-prod-")[2] for resource in move["Resource"]}

        assert moved == names | {f"{name}:*" for name in names}
        assert look["Action"] == ["cloudwatch:DescribeAlarms"]

    def test_is_left_out_on_local_clouds(self, plan_for: Callable[..., Plan]) -> None:
        kinds = {resource.type for resource in plan_for("local").resources}
        assert not {kind for kind in kinds if kind.startswith(("aws_codedeploy", "aws_backup", "aws_wafv2"))}
        assert "terraform_data" not in kinds


def test_backups_cover_all_data_that_cannot_be_recreated(aws_plan: Plan) -> None:
    (selection,) = aws_plan.of_type("aws_backup_selection")
    names = {resource.rpartition("/")[2] for resource in selection.values["resources"]}
    (plan,) = aws_plan.of_type("aws_backup_plan")

    assert names == {f"task-manager-prod-{name}" for name in TABLES if name != "idempotency"}
    assert plan.values["rule"][0]["lifecycle"][0]["delete_after"] >= 35


@pytest.fixture(scope="module")
def rest_plan(flavour: Callable[[str], Plan]) -> Plan:
    return flavour("rest-waf-domain")


def test_a_rest_api_can_have_a_web_acl(rest_plan: Plan) -> None:
    (acl,) = rest_plan.of_type("aws_wafv2_web_acl")
    rules = {rule["name"]: rule for rule in acl.values["rule"]}
    (limited,) = rules["rate-of-one-address"]["statement"][0]["rate_based_statement"]
    (association,) = rest_plan.of_type("aws_wafv2_web_acl_association")

    assert len(rules) == 4
    assert limited["limit"] == 2000
    assert rest_plan.sources(association, "resource_arn") == {"module.rest_api[0]"}


def test_a_custom_domain_accepts_modern_tls_only(rest_plan: Plan) -> None:
    (domain,) = rest_plan.of_type("aws_apigatewayv2_domain_name")

    assert domain.values["domain_name"] == "api.example.com"
    assert domain.values["domain_name_configuration"][0]["security_policy"] == "TLS_1_2"
    assert {record.values["type"] for record in rest_plan.of_type("aws_route53_record")} == {"A", "AAAA"}
    assert rest_plan.outputs["api_url"]["value"] == "https://api.example.com"


def test_an_apply_keeps_the_live_version_of_an_alias(rest_plan: Plan) -> None:
    aliases = {alias.module: alias for alias in rest_plan.of_type("aws_lambda_alias")}
    assert aliases['function["get_task"]'].values["function_version"] == "7"
    assert aliases['function["create_task"]'].unknown["function_version"]


def test_a_preview_can_be_destroyed_completely(flavour: Callable[[str], Plan]) -> None:
    preview = flavour("preview")
    (pool,) = preview.of_type("aws_cognito_user_pool")

    assert "terraform_data" not in {resource.type for resource in preview.resources}
    assert not any(t.values["deletion_protection_enabled"] for t in preview.of_type("aws_dynamodb_table"))
    assert all(bucket.values["force_destroy"] for bucket in preview.of_type("aws_s3_bucket"))
    assert pool.values["deletion_protection"] == "INACTIVE"
    assert pool.values["name"] == "task-manager-pr-12"
