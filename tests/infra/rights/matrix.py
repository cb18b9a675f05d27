"""The resources of a deployment, for sweeps, and the rights that the function map gives each function."""

import re
from collections.abc import Iterator

from scripts.terraform.identity import ACCOUNT_ID
from tests.harness.function_map import FUNCTIONS
from tests.infra.rights.planned import KEY, Planned

# Services that the application uses, and those that can extend rights.
SERVICES = (
    "apigateway", "backup", "cloudwatch", "codedeploy", "cognito-idp", "dynamodb", "events", "iam", "kms",
    "lambda", "logs", "organizations", "s3", "scheduler", "secretsmanager", "sns", "sqs", "ssm", "states",
    "sts", "wafv2", "xray",
)  # fmt: skip

Rights = set[tuple[str, str]]


def resources(planned: Planned) -> list[str]:
    """ARNs of everything that is deployed, and of similar resources of others in the same account."""
    return [*_deployed(planned), *_of_others(planned)]


def _deployed(planned: Planned) -> Iterator[str]:
    for table in planned.plan.of_type("aws_dynamodb_table"):
        arn = planned.arn("dynamodb", f"table/{table.values['name']}")
        yield from (arn, f"{arn}/stream/2026-01-01T00:00:00.000")
        yield from (f"{arn}/index/{index['name']}" for index in table.values["global_secondary_index"])
    yield from (planned.arn("sqs", name) for name in planned.names("aws_sqs_queue"))
    yield from (planned.arn("sns", name) for name in planned.names("aws_sns_topic"))
    for function in planned.names("aws_lambda_function"):
        arn = planned.arn("lambda", f"function:{function}")
        yield from (arn, f"{arn}:live")
    for group in planned.names("aws_cloudwatch_log_group"):
        yield planned.arn("logs", f"log-group:{group}:log-stream:2026/11/25/1")
    for bucket in planned.names("aws_s3_bucket"):
        yield f"arn:aws:s3:::{bucket}"
        yield from (f"arn:aws:s3:::{bucket}/{folder}/one.json" for folder in ("tasks", *_folders()))
    for machine in planned.names("aws_sfn_state_machine"):
        yield planned.arn("states", f"stateMachine:{machine}")
        yield planned.arn("states", f"execution:{machine}:one")
    for bus in planned.names("aws_cloudwatch_event_bus"):
        yield from (planned.arn("events", f"event-bus/{bus}"), planned.arn("events", f"archive/{bus}"))
    for rule in planned.plan.of_type("aws_cloudwatch_event_rule"):
        yield planned.arn("events", f"rule/{rule.values['event_bus_name']}/{rule.values['name']}")
    yield from (planned.arn("cloudwatch", f"alarm:{planned.prefix}-api-5xx"), KEY)
    yield from planned.roles().values()


def _folders() -> set[str]:
    """The folders of buckets that the function map names, as in `archive_bucket_parked`."""
    named = {on for entry in FUNCTIONS.values() for right in entry["rights"] for on in right["on"]}
    return {on.partition("_bucket_")[2] for on in named if "_bucket_" in on} - {"objects", "tasks"}


def _of_others(planned: Planned) -> Iterator[str]:
    yield planned.arn("dynamodb", "table/other-tasks")
    yield planned.arn("dynamodb", "table/other-tasks/index/by-status")
    yield planned.arn("dynamodb", "table/other-tasks/stream/2026-01-01T00:00:00.000")
    yield planned.arn("sqs", "other")
    yield planned.arn("sns", "other")
    yield planned.arn("lambda", "function:other")
    yield planned.arn("logs", "log-group:/aws/lambda/other:log-stream:2026/11/25/1")
    yield from ("arn:aws:s3:::other", "arn:aws:s3:::other/one.json")
    yield planned.arn("states", "stateMachine:other")
    yield from (planned.arn("events", "event-bus/default"), planned.arn("events", "rule/other"))
    yield planned.arn("kms", "key/99999999-2222-4333-8444-555555555555")
    yield from (f"arn:aws:iam::{ACCOUNT_ID}:role/other", f"arn:aws:iam::{ACCOUNT_ID}:user/other")


def granted(planned: Planned, function: str) -> Rights:
    """What the function map grants to a function, and what its trigger and its log need."""
    entry = FUNCTIONS[function]
    rights = {
        (action, arn)
        for right in entry["rights"]
        for on in right["on"]
        for action in right["actions"]
        for arn in [_named(planned, on)]
    }
    return rights | set(_of_the_trigger(planned, function)) | set(_of_the_log(planned, function))


def _of_the_trigger(planned: Planned, function: str) -> Iterator[tuple[str, str]]:
    trigger = FUNCTIONS[function]["trigger"]
    if trigger["type"] == "queue":
        queue = planned.arn("sqs", f"{planned.prefix}-{trigger['queue']}")
        for action in ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage"):
            yield f"sqs:{action}", queue
    if trigger["type"] == "stream":
        streams = [f"{planned.tables()[one]}/stream/2026-01-01T00:00:00.000" for one in trigger["tables"]]
        for action in ("DescribeStream", "GetRecords", "GetShardIterator"):
            yield from ((f"dynamodb:{action}", stream) for stream in streams)
        # Not dynamodb:ListStreams: policies limit it to streams, AWS's reference gives it no resource.
        dead_letters = f"{planned.prefix}-{function.replace('_', '-')}-dead-letters"
        yield "sqs:SendMessage", planned.arn("sqs", dead_letters)


def _of_the_log(planned: Planned, function: str) -> Iterator[tuple[str, str]]:
    group = f"/aws/lambda/{planned.prefix}-{function.replace('_', '-')}"
    for action in ("CreateLogStream", "PutLogEvents"):
        yield f"logs:{action}", planned.arn("logs", f"log-group:{group}:log-stream:2026/11/25/1")
    # Tracing is on in production; X-Ray's actions apply to no resource.
    for action in ("PutTelemetryRecords", "PutTraceSegments"):
        yield f"xray:{action}", "*"


def _named(planned: Planned, on: str) -> str:
    """The ARN of the resource that the function map calls `on`."""
    name = on.replace("_", "-")
    if found := re.fullmatch(r"(.+)-table", name):
        return planned.tables()[found[1]]
    if found := re.fullmatch(r"(.+?)-(by-.+)-index", name):
        return f"{planned.tables()[found[1]]}/index/{found[2]}"
    if found := re.fullmatch(r"(.+-dead-letter)-queue", name):
        return planned.arn("sqs", f"{planned.prefix}-{found[1]}s")
    if found := re.fullmatch(r"(.+)-topic", name):
        return planned.arn("sns", f"{planned.prefix}-{found[1]}")
    if found := re.fullmatch(r"(.+)-bucket-(.+)", name):
        (bucket,) = (one for one in planned.names("aws_s3_bucket") if f"-{found[1]}-" in one)
        return f"arn:aws:s3:::{bucket}/{found[2].replace('objects', 'tasks')}/one.json"
    fixed = {
        "event-bus": planned.arn("events", f"event-bus/{planned.prefix}-events"),
        "approval-state-machine": planned.arn("states", f"stateMachine:{planned.prefix}-approval"),
        "any-waiting-execution": "*",
    }
    assert name in fixed, f"the function map names {on!r}, and this test does not know what that is"
    return fixed[name]
