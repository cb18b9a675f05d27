"""Rules that hold for every deployment on AWS, whatever its variables."""

import pytest

from scripts.base.paths import INFRA
from scripts.terraform.adoption import identity
from scripts.terraform.flavours import FLAVOURS
from scripts.terraform.hcl import blocks
from tests.harness.monitoring import alarms, of_alarm
from tests.harness.plan import Plan, Resource


def dead_letter_queues(plan: Plan) -> dict[str, Resource]:
    """Name → each queue that no function reads: these are the dead-letter queues."""
    return {q.values["name"]: q for q in plan.of_type("aws_sqs_queue") if q.name != "this"}


def test_a_dead_letter_queue_never_uses_the_key_of_its_source(flavour_plan: Plan) -> None:
    """A disabled key is one reason why events cannot be delivered."""
    queues = dead_letter_queues(flavour_plan)

    for queue in queues.values():
        assert queue.values["kms_master_key_id"] is None, queue.address
        assert not queue.unknown.get("kms_master_key_id"), queue.address
        assert queue.values["sqs_managed_sse_enabled"], queue.address


def test_every_dead_letter_target_is_a_dead_letter_queue(flavour_plan: Plan) -> None:
    queues = dead_letter_queues(flavour_plan)
    redriven = {
        queue.document("redrive_policy")["deadLetterTargetArn"].rpartition(":")[2]
        for queue in flavour_plan.of_type("aws_sqs_queue")
        if queue.values.get("redrive_policy")
    }
    bus = flavour_plan.one("aws_cloudwatch_event_bus.this")
    streams = [m for m in flavour_plan.of_type("aws_lambda_event_source_mapping") if "stream[" in m.address]

    assert redriven < set(queues)
    for target in flavour_plan.of_type("aws_cloudwatch_event_target"):
        assert target.values["dead_letter_config"] or target.unknown["dead_letter_config"], target.address
        assert flavour_plan.sources(target, "dead_letter_config") == {"local.dead_letters"}
    assert bus.unknown["dead_letter_config"]
    assert streams
    for mapping in streams:
        found = flavour_plan.sources(mapping, "destination_config")
        assert found == {"aws_sqs_queue.dead_letters"}, mapping.address


def test_alarms_on_dynamodb_return_to_ok(flavour_plan: Plan) -> None:
    """CloudWatch ignores gaps in the metrics of AWS/DynamoDB, whatever treat_missing_data says."""
    watching = [
        alarm
        for alarm in alarms(flavour_plan).values()
        if any(asked.namespace == "AWS/DynamoDB" for asked in of_alarm(alarm))
    ]

    # Lean monitoring has no dashboard, and watches what would lose data: throttled calls are retried.
    full = any(resource.type == "aws_cloudwatch_dashboard" for resource in flavour_plan.resources)
    assert len(watching) == (len(flavour_plan.of_type("aws_dynamodb_table")) if full else 0)
    for alarm in watching:
        (expression,) = [
            query["expression"] for query in alarm.values["metric_query"] if query["return_data"]
        ]
        assert "TIME_SERIES(0)" in expression, alarm.address


def test_lost_events_raise_an_alarm_for_every_rule(flavour_plan: Plan) -> None:
    rules = {
        (r.values["event_bus_name"], r.values["name"])
        for r in flavour_plan.of_type("aws_cloudwatch_event_rule")
    }
    asked = of_alarm(alarms(flavour_plan)["undelivered-events"])

    assert {one.name for one in asked} == {"InvocationsFailedToBeSentToDlq"}
    assert {
        (one.dimensions["EventBusName"], one.dimensions["RuleName"]) for one in asked if one.dimensions
    } == rules


def test_every_log_group_expires_and_is_encrypted_with_the_key(flavour_plan: Plan) -> None:
    for group in flavour_plan.of_type("aws_cloudwatch_log_group"):
        assert group.values["retention_in_days"] > 0, group.address
        assert flavour_plan.sources(group, "kms_key_id") == {"aws_kms_key.this"}, group.address


def test_the_key_policy_allows_every_log_group(flavour_plan: Plan) -> None:
    statements = flavour_plan.one("aws_kms_key.this").document("policy")["Statement"]
    (logs,) = [s for s in statements if s["Sid"] == "LogGroupsOfThisDeployment"]
    patterns = [
        arn.partition(":log-group:")[2]
        for arn in logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    ]

    for group in flavour_plan.of_type("aws_cloudwatch_log_group"):
        name = group.values.get("name") or "API-Gateway-Execution-Logs_unknown/live"
        assert any(
            name.startswith(p.removesuffix("*")) if p.endswith("*") else name == p for p in patterns
        ), name


def test_a_rest_api_deploys_without_the_accounts_logging_role(
    flavour_plans: dict[str, Plan],
) -> None:
    without, with_logs = flavour_plans["rest"], flavour_plans["rest-waf-domain"]

    for plan, logged in ((without, False), (with_logs, True)):
        (stage,) = plan.of_type("aws_api_gateway_stage")
        (settings,) = plan.of_type("aws_api_gateway_method_settings")

        assert bool(stage.values["access_log_settings"] or stage.unknown.get("access_log_settings")) == logged
        assert (settings.values["settings"][0].get("logging_level") == "ERROR") == logged
        assert settings.values["settings"][0]["data_trace_enabled"] is False


def test_the_two_kinds_of_api_share_no_name(flavour_plans: dict[str, Plan]) -> None:
    """Where api_type changes, Terraform creates the one kind before the other is gone."""
    names = {}
    for flavour, module in (("prod", "http_api[0]"), ("rest-waf-domain", "rest_api[0]")):
        resources = [one for one in flavour_plans[flavour].resources if one.module == module]
        found = {(one.type, identity(one.type, one.values, "")) for one in resources}
        names[module] = {(kind, name) for kind, name in found if name}

    assert {kind for kind, _ in names["http_api[0]"]} == {"aws_cloudwatch_log_group", "aws_lambda_permission"}
    assert names["http_api[0]"] & names["rest_api[0]"] == set()


def test_a_stopped_reaction_reads_nothing_and_a_limited_one_has_a_maximum_concurrency(
    flavour_plans: dict[str, Plan],
) -> None:
    plan = flavour_plans["options"]
    mappings = {
        mapping.module.split('"')[1]: mapping.values
        for mapping in plan.of_type("aws_lambda_event_source_mapping")
        if mapping.module.startswith("consumer")
    }

    assert mappings.pop("on_updated")["enabled"] is False
    assert mappings["on_created"]["scaling_config"] == [{"maximum_concurrency": 5}]
    assert all(mapping["enabled"] for mapping in mappings.values())
    assert not any(mapping["scaling_config"] for name, mapping in mappings.items() if name != "on_created")


def test_outputs_hold_the_custom_address_and_the_gateways_own(flavour_plans: dict[str, Plan]) -> None:
    (domain,) = flavour_plans["options"].of_type("aws_apigatewayv2_domain_name")

    for name in ("rest-waf-domain", "options"):
        outputs = flavour_plans[name].outputs

        assert outputs["api_url"]["value"] == "https://api.example.com"
        assert "value" not in outputs["api_invoke_url"], "known after the apply only: it is API Gateway's own"
        assert {"api_invoke_url", "api_domain_target"} <= set(outputs)
    assert domain.values["domain_name_configuration"][0]["ip_address_type"] == "dualstack"


def test_requests_blocked_by_waf_are_logged_without_tokens(flavour_plans: dict[str, Plan]) -> None:
    (logging,) = flavour_plans["rest-waf-domain"].of_type("aws_wafv2_web_acl_logging_configuration")
    (kept,) = logging.values["logging_filter"][0]["filter"]

    assert logging.values["redacted_fields"][0]["single_header"] == [{"name": "authorization"}]
    assert logging.values["logging_filter"][0]["default_behavior"] == "DROP"
    assert kept["condition"][0]["action_condition"] == [{"action": "BLOCK"}]


def test_waf_blocks_no_text_that_a_task_may_hold(flavour_plans: dict[str, Plan]) -> None:
    """Its rules for bodies block 5,000 characters of Chinese, `http://10.0.0.5/` and `<script>`."""
    (acl,) = flavour_plans["rest-waf-domain"].of_type("aws_wafv2_web_acl")
    groups = [
        found for rule in acl.values["rule"] for found in rule["statement"][0]["managed_rule_group_statement"]
    ]
    changed = {
        group["name"]: {one["name"]: one["action_to_use"][0] for one in group["rule_action_override"]}
        for group in groups
    }
    counting = changed.pop("AWSManagedRulesCommonRuleSet")

    assert set(counting) == {
        f"{rule}_BODY"
        for rule in (
            "CrossSiteScripting", "EC2MetaDataSSRF", "GenericLFI", "GenericRFI", "SizeRestrictions",
        )
    }  # fmt: skip
    assert all(action["count"] and not action["block"] for action in counting.values())
    assert not any(changed.values()), "other groups block"


def test_flavours_plan_every_resource_type_of_the_configuration(
    flavour_plans: dict[str, Plan], declared_types: set[str]
) -> None:
    planned = {resource.type for plan in flavour_plans.values() for resource in plan.resources}
    assert declared_types - planned == set()


@pytest.fixture(scope="session")
def declared_types() -> set[str]:
    """The types of all resources in the files, whatever their conditions."""
    return {
        kind
        for file in INFRA.rglob("*.tf")
        if ".terraform" not in file.parts
        for kind, _ in blocks(file.read_text(encoding="utf-8"), "resource")
    }


def test_every_flavour_can_be_planned(flavour_plans: dict[str, Plan]) -> None:
    assert set(flavour_plans) == set(FLAVOURS)
    assert all(len(plan.resources) > 200 for plan in flavour_plans.values())
