"""`make up` succeeds although answers to creates are lost between Terraform and the cloud."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scripts.base.loopback import http_client
from scripts.base.ports import free_port
from scripts.base.progress import Steps
from scripts.clouds.clients import client
from scripts.clouds.cloud import Cloud
from scripts.clouds.embedded import EmbeddedCloud
from scripts.deployments.record import StackRecord
from scripts.deployments.stack import Stack
from tests.harness.fault_proxy import Call, FaultProxy, fault_proxy, lose_answer

READS = re.compile(r"Describe|Get|List|Head|HEAD|GET")
# Parts of a path that name a kind of resource; others name one resource.
WORDS = re.compile(r"\d{4}-\d\d-\d\d|v2|[a-z]+(-[a-z]+)*s|policy")
CREATES = {
    "logs CreateLogGroup",
    "sqs CreateQueue",
    "sns CreateTopic",
    "dynamodb CreateTable",
    "s3 PUT /*",
    "iam CreateRole",
    "kms CreateKey",
    "kms CreateAlias",
    "events CreateEventBus",
    "events PutRule",
    "events PutTargets",
    "states CreateStateMachine",
    "monitoring PutMetricAlarm",
    "lambda POST /2015-03-31/functions",
    "lambda POST /2015-03-31/functions/*/aliases",
    "lambda POST /2015-03-31/functions/*/policy",
    "lambda POST /2015-03-31/event-source-mappings",
    "apigateway POST /v2/apis",
    "apigateway POST /v2/apis/*/stages",
    "apigateway POST /v2/apis/*/routes",
    "apigateway POST /v2/apis/*/integrations",
}


def kind(call: Call) -> str:
    """The kind of a call, without the resource it is for: `lambda POST /2015-03-31/functions/*/aliases`."""
    if " " not in call.operation:
        return str(call)
    parts = urlsplit(call.path).path.strip("/").split("/")
    return f"{call.service} {call.method} /" + "/".join(
        part if call.service != "s3" and WORDS.fullmatch(part) else "*" for part in parts
    )


class Behind:
    """A cloud behind a proxy."""

    def __init__(self, cloud: Cloud, endpoint: str) -> None:
        self._cloud = cloud
        self.endpoint = endpoint

    def __getattr__(self, name: str) -> object:
        return getattr(self._cloud, name)


class FirstAnswersLost:
    """Loses the answer to the first call of each kind, or of some kinds only."""

    def __init__(self, proxy: FaultProxy, loses: Callable[[str], bool] = lambda _kind: True) -> None:
        self.calls: Counter[str] = Counter()
        self._loses = loses
        proxy.add(self._is_first, lose_answer)

    def _is_first(self, call: Call) -> bool:
        if READS.match(call.operation) or call.service == "sts" or "terraform-state" in call.path:
            return False
        self.calls[kind(call)] += 1
        return self.calls[kind(call)] == 1 and self._loses(kind(call))


@contextmanager
def application(folder: Path) -> Iterator[tuple[Stack, FaultProxy]]:
    """The application on a cloud of its own, which Terraform reaches through a proxy."""
    folder.mkdir()
    cloud = EmbeddedCloud(free_port(), folder / "embedded-cloud", tied=True)
    cloud.start()
    try:
        with fault_proxy(cloud.endpoint) as proxy:
            yield Stack(Behind(cloud, proxy.url), folder), proxy  # type: ignore[arg-type]
    finally:
        cloud.stop()


def works(deployment: StackRecord) -> bool:
    return bool(http_client(deployment.outputs["api_url"]).get("/tasks").json()["tasks"] == [])


def test_the_first_answer_of_every_kind_of_create_may_be_lost(cloud_folder: Path) -> None:
    with application(cloud_folder / "lost-answers") as (stack, proxy):
        lost = FirstAnswersLost(proxy)

        deployment = stack.deploy(Steps(quiet=True))

        assert lost.calls.keys() >= CREATES
        assert works(deployment)
        assert stack.plan() == []
        # No second API was created.
        (api,) = client("apigatewayv2", deployment.endpoint).get_apis()["Items"]
        assert api["ApiId"] in deployment.outputs["api_url"]


@pytest.mark.thorough
def test_existing_resources_are_adopted_where_the_cloud_does_not_recognise_retries(
    cloud_folder: Path,
) -> None:
    with application(cloud_folder / "unrecognised") as (stack, proxy):
        proxy.dropped_headers.add("amz-sdk-invocation-id")
        # The provider retries for many minutes if Lambda refuses to create what exists.
        lost = FirstAnswersLost(proxy, lambda kind: not kind.startswith("lambda "))
        instance = stack.cloud.instance

        deployment = stack.deploy(Steps(quiet=True))

        assert lost.calls.keys() >= CREATES
        assert works(deployment)
        assert stack.plan() == []
        assert stack.cloud.instance == instance


@pytest.mark.thorough
@pytest.mark.parametrize("create", sorted(CREATES))
def test_the_first_answer_of_a_kind_of_create_may_be_lost(cloud_folder: Path, create: str) -> None:
    with application(cloud_folder / f"lost-{sorted(CREATES).index(create)}") as (stack, proxy):
        lost = FirstAnswersLost(proxy, lambda kind: kind == create)

        deployment = stack.deploy(Steps(quiet=True))

        assert lost.calls[create] > 1
        assert works(deployment)
        assert stack.plan() == []
