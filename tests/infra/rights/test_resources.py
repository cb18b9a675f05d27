"""The policies of queues, topics and buckets: whom they admit, and that they require TLS."""

from collections.abc import Iterator

import pytest

from scripts.terraform.identity import ACCOUNT_ID
from tests.harness.function_map import FUNCTIONS
from tests.infra.rights.evaluation import Engine, Request
from tests.infra.rights.planned import KEY, RESOURCE, Planned

OTHER_ACCOUNT = "999999999999"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT_ID}:role/administrator"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

TLS, PLAIN = {"aws:SecureTransport": "true"}, {"aws:SecureTransport": "false"}


@pytest.fixture(scope="module")
def administered(engine: Engine) -> Engine:
    """The engine with a policy that allows everything, as administrators have."""
    return engine.with_policies({"everything": EVERYTHING})


def by_administrator(action: str, arn: str, resource: str, transport: dict[str, str]) -> Request:
    return Request(
        ADMINISTRATOR,
        action,
        resource,
        transport,
        identity=("everything",),
        resource_policy=RESOURCE + arn,
    )


def calls_of_storage(planned: Planned) -> Iterator[tuple[str, str, str]]:
    """Action, ARN with the policy, ARN to act on: for every queue, topic and bucket."""
    for arn, _ in planned.guarded():
        if arn == KEY:
            continue
        service = arn.split(":")[2]
        if service == "s3":
            yield from ((f"s3:{action}", arn, f"{arn}/one") for action in ("GetObject", "PutObject"))
            yield from ((f"s3:{action}", arn, arn) for action in ("ListBucket", "DeleteBucketPolicy"))
        elif service == "sns":
            yield "sns:Publish", arn, arn
        else:
            actions = ("SendMessage", "ReceiveMessage", "PurgeQueue", "SetQueueAttributes")
            yield from ((f"sqs:{action}", arn, arn) for action in actions)


def test_storage_refuses_calls_without_tls(administered: Engine, planned: Planned) -> None:
    calls = list(calls_of_storage(planned))
    services = {arn.split(":")[2] for _, arn, _ in calls}

    plain = administered.allowed(by_administrator(*call, PLAIN) for call in calls)
    secure = administered.allowed(by_administrator(*call, TLS) for call in calls)

    assert [call for call, allowed in zip(calls, plain, strict=True) if allowed] == []
    assert [call for call, allowed in zip(calls, secure, strict=True) if not allowed] == []
    assert services == {"s3", "sns", "sqs"}


def sends(planned: Planned, queue: str, context: dict[str, str]) -> Request:
    arn = planned.arn("sqs", queue)
    return Request(
        "events.amazonaws.com", "sqs:SendMessage", arn, TLS | context, resource_policy=f"{RESOURCE}{arn}"
    )


def rules(planned: Planned) -> dict[str, str]:
    """Name of a queue → the rule that feeds it."""
    bus = f"{planned.prefix}-events"
    return {
        name: planned.arn("events", f"rule/{bus}/{name}")
        for entry in FUNCTIONS.values()
        if entry["trigger"]["type"] == "queue"
        for name in [f"{planned.prefix}-{entry['trigger']['queue']}"]
    }


def test_a_queue_accepts_events_of_its_own_rule_only(engine: Engine, planned: Planned) -> None:
    fed = rules(planned)
    pairs = [(queue, source) for queue in fed for source in fed.values()]

    allowed = engine.allowed(sends(planned, queue, {"aws:SourceArn": source}) for queue, source in pairs)

    assert {pair for pair, may in zip(pairs, allowed, strict=True) if may} == set(fed.items())


def test_a_queue_refuses_events_from_other_sources(engine: Engine, planned: Planned) -> None:
    queue, rule = next(iter(rules(planned).items()))
    strangers = [
        {"aws:SourceArn": rule.replace(ACCOUNT_ID, OTHER_ACCOUNT)},
        {"aws:SourceArn": rule.replace("us-east-1", "eu-west-1")},
        {"aws:SourceArn": f"{rule}-else"},
        {"aws:SourceArn": planned.arn("events", f"rule/{queue}")},  # of the default bus
        {},
    ]
    assert engine.allowed(sends(planned, queue, context) for context in strangers) == [False] * len(strangers)


@pytest.mark.parametrize("service", ["sns", "s3", "lambda", "scheduler", "pipes"])
def test_no_other_service_may_send_to_a_queue(engine: Engine, planned: Planned, service: str) -> None:
    queue, rule = next(iter(rules(planned).items()))
    arn = planned.arn("sqs", queue)
    asked = Request(
        f"{service}.amazonaws.com",
        "sqs:SendMessage",
        arn,
        TLS | {"aws:SourceArn": rule},
        resource_policy=f"{RESOURCE}{arn}",
    )

    assert engine.allowed([asked]) == [False]


def alarm(planned: Planned, name: str, account: str = ACCOUNT_ID, topic: str = "alarms") -> Request:
    arn = planned.arn("sns", f"{planned.prefix}-{topic}")
    source = planned.arn("cloudwatch", f"alarm:{name}").replace(ACCOUNT_ID, account)
    return Request(
        "cloudwatch.amazonaws.com",
        "sns:Publish",
        arn,
        TLS | {"aws:SourceArn": source, "aws:SourceAccount": account},
        resource_policy=f"{RESOURCE}{arn}",
    )


def test_only_alarms_of_this_deployment_may_publish_to_the_topic(engine: Engine, planned: Planned) -> None:
    ours = planned.names("aws_cloudwatch_metric_alarm")
    assert all(engine.allowed(alarm(planned, name) for name in ours))
    assert (
        engine.allowed(
            [
                alarm(planned, "other-prod-api-5xx"),
                alarm(planned, ours[0], account=OTHER_ACCOUNT),
                alarm(planned, ours[0], topic="notifications"),
            ]
        )
        == [False] * 3
    )


def test_other_accounts_may_not_access_storage(administered: Engine, planned: Planned) -> None:
    stranger = f"arn:aws:iam::{OTHER_ACCOUNT}:role/administrator"
    asked = [
        Request(stranger, action, resource, TLS, identity=("everything",), resource_policy=RESOURCE + arn)
        for action, arn, resource in calls_of_storage(planned)
    ]
    assert not any(administered.allowed(asked))
