"""The ARNs that calls of AWS name: of each resource of a plan, and of its parts."""

from collections.abc import Iterator

from scripts.terraform.identity import ACCOUNT_ID
from tests.harness.plan import Resource
from tests.infra.rights.planned import KEY, Planned

# Names that AWS generates.
ID = "11111111-2222-4333-8444-555555555555"
POOL = "userpool/us-east-1_EXAMPLE00"
_ZONE = "arn:aws:route53:::hostedzone/Z00000000EXAMPLE"
MAPPING = f"event-source-mapping:{ID}"


def arns(planned: Planned, resource: Resource, action: str) -> Iterator[str]:
    """The ARNs that the calls for a resource name."""
    service = action.partition(":")[0]
    if service == "s3":
        yield from _storage(planned, resource, action)
    elif service == "apigateway" or action == "wafv2:DisassociateWebACL":
        yield from _gateway(resource.type, action)
    elif service == "iam":
        yield from planned.roles().values()
    elif service == "kms":
        yield KEY
        if "Alias" in action:
            yield planned.arn("kms", f"alias/{planned.prefix}")
    elif resource.type == "aws_route53_record":
        yield "arn:aws:route53:::change/C123" if action == "route53:GetChange" else _ZONE
    elif resource.type == "aws_cloudwatch_dashboard":
        yield f"arn:aws:cloudwatch::{ACCOUNT_ID}:dashboard/{resource.values['dashboard_name']}"
    else:
        yield from _forms(planned.arn(service, _named(planned, resource)))


def _forms(arn: str) -> Iterator[str]:
    """The ARN; of a log group, both forms that CloudWatch Logs evaluates."""
    yield arn
    if ":log-group:" in arn:
        yield f"{arn}:log-stream:"


def _named(planned: Planned, resource: Resource) -> str:
    """The part of an ARN after the account."""
    values, prefix, acl = resource.values, planned.prefix, f"regional/webacl/{planned.prefix}/{ID}"
    functions = planned.names("aws_lambda_function")
    named = {
        "aws_backup_plan": lambda: f"backup-plan:{ID}",
        "aws_backup_selection": lambda: f"backup-plan:{ID}",
        "aws_backup_vault": lambda: f"backup-vault:{values['name']}",
        "aws_cloudwatch_event_archive": lambda: f"archive/{values['name']}",
        "aws_cloudwatch_event_bus": lambda: f"event-bus/{values['name']}",
        "aws_cloudwatch_event_rule": lambda: f"rule/{values['event_bus_name']}/{values['name']}",
        "aws_cloudwatch_event_target": lambda: f"rule/{values['event_bus_name']}/{values['rule']}",
        "aws_cloudwatch_log_group": lambda: (
            f"log-group:{values.get('name', 'API-Gateway-Execution-Logs_a1b2c3/live')}"
        ),
        "aws_cloudwatch_metric_alarm": lambda: f"alarm:{values['alarm_name']}",
        "aws_codedeploy_app": lambda: f"application:{values['name']}",
        "aws_codedeploy_deployment_group": lambda: (
            f"deploymentgroup:{prefix}/{values['deployment_group_name']}"
        ),
        "aws_cognito_resource_server": lambda: POOL,
        "aws_cognito_user_pool": lambda: POOL,
        "aws_cognito_user_pool_client": lambda: POOL,
        "aws_cognito_user_pool_domain": lambda: POOL,
        "aws_dynamodb_table": lambda: f"table/{values['name']}",
        "aws_lambda_alias": lambda: f"function:{values['function_name']}",
        "aws_lambda_event_source_mapping": lambda: MAPPING,
        "aws_lambda_function": lambda: f"function:{values['function_name']}",
        "aws_lambda_permission": lambda: f"function:{functions[0]}",
        "aws_sfn_state_machine": lambda: f"stateMachine:{values['name']}",
        "aws_sns_topic": lambda: values["name"],
        "aws_sns_topic_subscription": lambda: f"{prefix}-alarms",
        "aws_sqs_queue": lambda: values["name"],
        "aws_wafv2_web_acl": lambda: acl,
        "aws_wafv2_web_acl_association": lambda: acl,
        "aws_wafv2_web_acl_logging_configuration": lambda: acl,
    }
    return str(named[resource.type]())


def _storage(planned: Planned, resource: Resource, action: str) -> Iterator[str]:
    """Buckets and their objects; functions are created from an object."""
    on_objects = action.endswith(("Object", "ObjectVersion", "ObjectTagging"))
    if resource.type == "aws_s3_bucket":
        buckets = [resource.values["bucket"]]
    else:
        buckets = planned.names("aws_s3_bucket")
    for bucket in buckets:
        yield f"arn:aws:s3:::{bucket}" + ("/lambda/0.zip" if on_objects else "")


# The collection and the path of each part of an API, of either kind.
_PATHS = {
    "aws_apigatewayv2_api": ("apis", "apis/a1b2c3"),
    "aws_apigatewayv2_authorizer": ("apis/a1b2c3/authorizers", "apis/a1b2c3/authorizers/d4e5f6"),
    "aws_apigatewayv2_integration": ("apis/a1b2c3/integrations", "apis/a1b2c3/integrations/d4e5f6"),
    "aws_apigatewayv2_route": ("apis/a1b2c3/routes", "apis/a1b2c3/routes/d4e5f6"),
    "aws_apigatewayv2_stage": ("apis/a1b2c3/stages", "apis/a1b2c3/stages/$default"),
    "aws_apigatewayv2_domain_name": ("domainnames", "domainnames/api.example.com"),
    "aws_apigatewayv2_api_mapping": (
        "domainnames/api.example.com/apimappings", "domainnames/api.example.com/apimappings/d4e5f6"),
    "aws_api_gateway_rest_api": ("restapis", "restapis/a1b2c3"),
    "aws_api_gateway_deployment": ("restapis/a1b2c3/deployments", "restapis/a1b2c3/deployments/d4e5f6"),
    "aws_api_gateway_method_settings": ("restapis/a1b2c3/stages", "restapis/a1b2c3/stages/live"),
    "aws_api_gateway_stage": ("restapis/a1b2c3/stages", "restapis/a1b2c3/stages/live"),
    "aws_wafv2_web_acl_association": ("", "restapis/a1b2c3/stages/live"),
}  # fmt: skip


def _gateway(kind: str, action: str) -> Iterator[str]:
    """Resources are created in their collection, and read and changed at their own path."""
    collection, path = _PATHS[kind]
    yield f"arn:aws:apigateway:us-east-1::/{collection if action.endswith(':POST') else path}"
