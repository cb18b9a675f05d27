"""Two regions of one account, and the regions that are refused."""

import json
import re
from pathlib import Path

import botocore
import pytest

from scripts.base.paths import INFRA
from scripts.terraform.hcl import parsed
from tests.harness.plan import Plan
from tests.infra.conftest import Complaint

# Resource type → the attribute that names it. These names are unique in a region of an account.
OF_A_REGION = {
    "aws_apigatewayv2_api": "name",
    "aws_backup_plan": "name",
    "aws_backup_vault": "name",
    "aws_cloudwatch_event_archive": "name",
    "aws_cloudwatch_event_bus": "name",
    "aws_cloudwatch_event_rule": "name",
    "aws_cloudwatch_log_group": "name",
    "aws_cloudwatch_metric_alarm": "alarm_name",
    "aws_codedeploy_app": "name",
    "aws_codedeploy_deployment_group": "deployment_group_name",
    "aws_cognito_user_pool": "name",
    "aws_cognito_user_pool_domain": "domain",
    "aws_dynamodb_table": "name",
    "aws_kms_alias": "name",
    "aws_lambda_function": "function_name",
    "aws_sfn_state_machine": "name",
    "aws_sns_topic": "name",
    "aws_sqs_queue": "name",
}
# These names are unique in an account, or in all of AWS.
OF_ALL_REGIONS = {
    "aws_cloudwatch_dashboard": "dashboard_name",
    "aws_iam_role": "name",
    "aws_s3_bucket": "bucket",
}
# Parts and settings of another resource, whose names are unique in that resource.
PARTS = {
    "aws_apigatewayv2_authorizer", "aws_apigatewayv2_integration", "aws_apigatewayv2_route",
    "aws_apigatewayv2_stage", "aws_backup_selection", "aws_cloudwatch_event_target",
    "aws_cognito_resource_server", "aws_cognito_user_pool_client", "aws_iam_role_policy",
    "aws_iam_role_policy_attachment", "aws_kms_key", "aws_lambda_alias", "aws_lambda_event_source_mapping",
    "aws_lambda_permission", "aws_s3_bucket_lifecycle_configuration", "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block", "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning", "aws_s3_object", "terraform_data",
}  # fmt: skip

PARTITIONS = json.loads((Path(botocore.__file__).parent / "data/partitions.json").read_text(encoding="utf-8"))
REGIONS = {
    region: partition["id"]
    for partition in PARTITIONS["partitions"]
    for region in partition["regions"]
    if not region.endswith("-global")
}


def names(plan: Plan, kinds: dict[str, str]) -> dict[str, set[str]]:
    return {kind: {r.values[attribute] for r in plan.of_type(kind)} for kind, attribute in kinds.items()}


def test_every_resource_type_is_classified_as_regional_or_global(aws_plan: Plan) -> None:
    assert {r.type for r in aws_plan.resources} == set(OF_A_REGION) | set(OF_ALL_REGIONS) | PARTS


def test_two_regions_share_no_global_name(aws_plan: Plan, plan_elsewhere: Plan) -> None:
    here, there = names(aws_plan, OF_ALL_REGIONS), names(plan_elsewhere, OF_ALL_REGIONS)
    shared = {kind: here[kind] & there[kind] for kind in here}

    assert shared == {kind: set() for kind in OF_ALL_REGIONS}
    # Regional names are shared, so the comparison does notice shared names.
    assert names(aws_plan, OF_A_REGION) == names(plan_elsewhere, OF_A_REGION)


def test_a_plan_names_its_own_region_only(plan_elsewhere: Plan) -> None:
    told = json.dumps([resource.values for resource in plan_elsewhere.resources])
    assert "us-east-1" not in told
    assert "eu-central-1" in told


def condition_on_the_region() -> re.Pattern[str]:
    text = (INFRA / "variables.tf").read_text(encoding="utf-8")
    (pattern,) = re.findall(
        r'regex\("([^"]+)", var\.aws_region\)\) && !startswith\(var\.aws_region, "cn-"\)', text
    )
    return re.compile(pattern)


@pytest.mark.parametrize("partition", sorted(set(REGIONS.values())))
def test_only_regions_of_the_commercial_partition_are_accepted(partition: str) -> None:
    pattern = condition_on_the_region()
    regions = {region for region, of in REGIONS.items() if of == partition}

    accepted = {r for r in regions if pattern.match(r) and not r.startswith("cn-")}

    assert accepted == (regions if partition == "aws" else set())


def test_no_two_regions_have_the_same_code() -> None:
    (values,) = parsed((INFRA / "locals.tf").read_text(encoding="utf-8"))["locals"]
    compass = values["compass"]
    codes: dict[str, list[str]] = {}

    for region in (region for region, of in REGIONS.items() if of == "aws"):
        area, direction, number = region.split("-")
        codes.setdefault(f"{area}{compass[direction]}{number}", []).append(region)

    assert [regions for regions in codes.values() if len(regions) > 1] == []
    assert max(map(len, codes)) <= 5, "longer codes would not fit into the names"


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1"])
def test_a_region_of_another_partition_is_refused(complaint: Complaint, region: str) -> None:
    said = complaint("-var-file=prod.tfvars", f"-var=aws_region={region}")
    assert "in the partition `aws`" in said
