"""Destroying the previews that are left: those of closed pull requests, and of such without the label."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from scripts.base.failure import Failure
from scripts.deployments import previews
from scripts.deployments.previews import deployed_previews, github, sweep
from tests.harness.as_aws import account
from tests.harness.fault_proxy import Answer, Call, FaultProxy, Forward, answer_with, fault_proxy, is_call

XML = {"content-type": "application/xml"}
STATE = "task-manager.tfstate"
VARIABLES = {
    "GITHUB_REPOSITORY": "octo-org/tasks",
    "GITHUB_API_URL": "https://github.example/api/v3",
    "GH_TOKEN": "given",
}
OPEN, CLOSED, UNLABELLED = ("open", "preview"), ("closed", "preview"), ("open", "bug")


@pytest.fixture
def aws() -> Iterator[FaultProxy]:
    with fault_proxy() as proxy:
        yield proxy


class States:
    """The bucket of the states, by environment the number of its resources; its first page is empty."""

    def __init__(self, aws: FaultProxy, resources: dict[str, int], *others: str) -> None:
        self.resources = resources
        self.keys = [*(f"{environment}/{STATE}" for environment in resources), *others]
        self.read: list[str] = []
        aws.add(is_call("s3", ".*"), self)

    def __call__(self, call: Call, _forward: Forward) -> Answer:
        if call.method == "HEAD":
            return Answer(200, XML, b"")
        if "list-type=2" in call.path:
            return Answer(200, XML, self.page(call).encode())
        environment = call.path.split("?")[0].split("/")[2]
        self.read.append(environment)
        state = {"version": 4, "resources": [{"type": "aws_sqs_queue"}] * self.resources[environment]}
        return Answer(200, {"content-type": "application/json"}, json.dumps(state).encode())

    def page(self, call: Call) -> str:
        if "continuation-token" not in call.path:
            more = "<IsTruncated>true</IsTruncated><NextContinuationToken>more</NextContinuationToken>"
            return f"<ListBucketResult>{more}</ListBucketResult>"
        listed = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in self.keys)
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{listed}</ListBucketResult>"


def of_requests(**requests: tuple[str, str]) -> httpx.Client:
    """GitHub with these pull requests, `pr_12` for 12: whether it is open, and its label."""

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer given"
        path, _, number = str(request.url).rpartition("/")
        assert path == "https://github.example/api/v3/repos/octo-org/tasks/pulls"
        if f"pr_{number}" not in requests:
            return httpx.Response(404, json={"message": "Not Found"})
        state, label = requests[f"pr_{number}"]
        return httpx.Response(200, json={"state": state, "labels": [{"name": "docs"}, {"name": label}]})

    return github(VARIABLES, transport=httpx.MockTransport(answer))


def test_previews_that_no_pull_request_asks_for_are_destroyed(aws: FaultProxy) -> None:
    States(aws, {"pr-1": 3, "pr-2": 3, "pr-3": 3, "pr-40": 3})
    destroyed: list[str] = []

    sweep(account(aws), of_requests(pr_1=OPEN, pr_2=CLOSED, pr_3=UNLABELLED, pr_40=OPEN), destroyed.append)

    assert destroyed == ["pr-2", "pr-3"]


def test_states_without_resources_and_of_other_environments_are_left_alone(aws: FaultProxy) -> None:
    states = States(aws, {"pr-1": 0, "pr-2": 1, "pr-x": 1}, f"pr-3/{STATE}.tflock", "pr-4/other")

    assert list(deployed_previews(account(aws))) == ["pr-2"]
    assert states.read == ["pr-1", "pr-2"]


def test_nothing_is_deployed_where_there_is_no_bucket(aws: FaultProxy) -> None:
    aws.add(is_call("s3", ".*"), answer_with(Answer(404, XML, b"")))
    assert list(deployed_previews(account(aws))) == []


def test_a_preview_stays_if_github_does_not_show_its_pull_request(aws: FaultProxy) -> None:
    States(aws, {"pr-1": 1, "pr-2": 1})
    destroyed: list[str] = []

    with pytest.raises(Failure, match="may be left:\n  pr-1: GitHub does not show pull request 1: 404"):
        sweep(account(aws), of_requests(pr_2=CLOSED), destroyed.append)

    assert destroyed == ["pr-2"]


def test_a_preview_that_cannot_be_destroyed_holds_up_no_other(aws: FaultProxy) -> None:
    States(aws, {"pr-1": 1, "pr-2": 1})
    destroyed: list[str] = []

    def destroy(environment: str) -> None:
        if environment == "pr-1":
            raise Failure("the state is locked")
        destroyed.append(environment)

    with pytest.raises(Failure, match=r"pr-1: the state is locked$"):
        sweep(account(aws), of_requests(pr_1=CLOSED, pr_2=CLOSED), destroy)

    assert destroyed == ["pr-2"]


@pytest.mark.parametrize("missing", ["GITHUB_REPOSITORY", "GH_TOKEN"])
def test_without_repository_or_token_nothing_is_asked(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def goes_on(*_: Any) -> None:
        pytest.fail("it went on")

    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(missing)
    monkeypatch.setattr(previews, "current_account", goes_on)

    with pytest.raises(Failure, match=f"^{missing} must be set"):
        previews.destroy_stale_previews()
