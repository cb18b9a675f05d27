"""Calls are read from Terraform's log, and become actions of IAM."""

from pathlib import Path

import pytest

from scripts.documents.rights.actions import actions
from scripts.documents.rights.calls import Call, as_record, known, logged, unknown
from scripts.documents.rights.policies import documents

LOG = """\
2026-11-25T18:10:26.134Z [DEBUG] backend-s3.aws-base: HTTP Request Sent: rpc.method=HeadObject rpc.service=S3
2026-11-25T18:10:28.372Z [DEBUG] provider.x: HTTP Request Sent: tf_rpc=ReadResource http.request.body=
  | {"rpc.method": "none"}
   tf_resource_type=aws_sqs_queue rpc.service=SQS rpc.method=ListQueueTags
2026-11-25T18:10:28.372Z [DEBUG] provider.x: HTTP Response Received: rpc.service=SQS rpc.method=ListQueues
2026-11-25T18:10:29.001Z [DEBUG] provider.x: HTTP Request Sent: tf_rpc=ApplyResourceChange \
rpc.service="CloudWatch Logs" tf_resource_type=aws_cloudwatch_log_group rpc.method=CreateLogGroup
2026-11-25T18:10:29.002Z [DEBUG] provider.x: HTTP Request Sent: tf_rpc=ReadDataSource \
tf_data_source_type=aws_caller_identity rpc.service=STS rpc.method=GetCallerIdentity
2026-11-25T18:10:29.003Z [DEBUG] provider.x: HTTP Request Sent: tf_rpc=ConfigureProvider rpc.service=STS \
rpc.method=GetCallerIdentity
"""


@pytest.fixture
def calls(tmp_path: Path) -> list[Call]:
    log = tmp_path / "terraform.log"
    log.write_text(LOG)
    return list(logged(log))


def test_a_log_names_resource_operation_and_whether_in_a_plan(calls: list[Call]) -> None:
    assert calls == [
        Call("the state", "S3", "HeadObject", True),
        Call("aws_sqs_queue", "SQS", "ListQueueTags", True),
        Call("aws_cloudwatch_log_group", "CloudWatch Logs", "CreateLogGroup", False),
        Call("aws_caller_identity", "STS", "GetCallerIdentity", True),
        Call("the provider", "STS", "GetCallerIdentity", True),
    ]


def test_calls_on_record_are_known(calls: list[Call]) -> None:
    assert unknown(calls) == set()


def test_a_call_that_is_not_on_record_is_named() -> None:
    strange = Call("aws_sqs_queue", "SQS", "PurgeQueue", False)
    written_in_a_plan = Call("aws_sqs_queue", "SQS", "CreateQueue", True)
    assert unknown([strange, written_in_a_plan]) == {
        "aws_sqs_queue: SQS PurgeQueue",
        "aws_sqs_queue: SQS CreateQueue in a plan",
    }


def test_a_record_lists_a_call_of_plans_once() -> None:
    both = [Call("a", "SQS", "ListQueueTags", True), Call("a", "SQS", "ListQueueTags", False)]
    assert as_record(both).count("ListQueueTags") == 1


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (Call("aws_s3_bucket", "S3", "HeadBucket", True), {"s3:ListBucket"}),
        (Call("aws_s3_object", "S3", "PutObject", False), {"s3:PutObject", "s3:PutObjectTagging"}),
        (Call("the state", "S3", "PutObject", True), {"s3:PutObject"}),
        (Call("aws_apigatewayv2_route", "ApiGatewayV2", "UpdateRoute", False), {"apigateway:PATCH"}),
        (Call("the provider", "STS", "GetCallerIdentity", True), set()),
        (
            Call("aws_lambda_function", "Lambda", "CreateFunction", False),
            {"lambda:CreateFunction", "lambda:TagResource", "iam:PassRole", "s3:GetObject"},
        ),
        (
            Call("aws_apigatewayv2_domain_name", "ApiGatewayV2", "CreateDomainName", False),
            {"apigateway:POST", "iam:CreateServiceLinkedRole"},
        ),
        (
            Call("the scripts", "CodeDeploy", "CreateDeployment", False),
            {
                "codedeploy:CreateDeployment",
                "codedeploy:GetApplicationRevision",
                "codedeploy:GetDeploymentConfig",
                "codedeploy:RegisterApplicationRevision",
            },
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Call) else "",
)
def test_a_call_needs_actions(call: Call, expected: set[str]) -> None:
    assert set(actions(call)) == expected


def test_a_plan_gets_no_action_that_only_an_apply_needs() -> None:
    plan = documents(known())["plan"]
    given = {action for statement in plan["Statement"] for action in statement["Action"]}

    assert "lambda:GetFunction" in given
    assert (
        given & {"lambda:CreateFunction", "iam:PassRole", "kms:CreateGrant", "dynamodb:DeleteTable"} == set()
    )
