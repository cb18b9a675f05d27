"""Releases on AWS: alarms that stop a canary, and the removal of old versions."""

from collections.abc import Iterator
from typing import Any

import pytest

from scripts.base.failure import Failure
from scripts.deployments.aws import gradual
from scripts.deployments.aws.gradual import move_gradually
from scripts.deployments.aws.old_versions import remove_old_versions
from scripts.deployments.aws.versions import require_published
from scripts.deployments.rollback import rollback
from scripts.deployments.target import Target
from tests.harness.as_aws import account
from tests.harness.fault_proxy import Answer, Call, FaultProxy, Forward, answer_with, fault_proxy, is_call
from tests.harness.releases import OUTPUTS, Releases


@pytest.fixture
def aws() -> Iterator[FaultProxy]:
    with fault_proxy() as proxy:
        yield proxy


class CodeDeploy:
    """CodeDeploy while an alarm is on: it stops what it started at once, unless told to ignore alarms."""

    def __init__(self, aws: FaultProxy, *, never_ends: bool = False) -> None:
        self.started: list[dict[str, Any]] = []
        self.stopped: list[dict[str, Any]] = []
        self.never_ends = never_ends
        throttled = answer_with(Answer.refusal("ThrottlingException"))
        aws.add(is_call("codedeploy", "GetDeployment"), throttled, times=1)
        aws.add(is_call("codedeploy", ".*"), self)

    def __call__(self, call: Call, _forward: Forward) -> Answer:
        match call.operation:
            case "CreateDeployment":
                self.started.append(call.json)
                return Answer.of_json({"deploymentId": f"d-{len(self.started) - 1}"})
            case "StopDeployment":
                self.stopped.append(call.json)
                return Answer.of_json({"status": "Pending"})
        deployment = self.started[int(call.json["deploymentId"].removeprefix("d-"))]
        return Answer.of_json({"deploymentInfo": self.info(deployment)})

    def info(self, deployment: dict[str, Any]) -> dict[str, Any]:
        if self.never_ends:
            return {"status": "InProgress"}
        if deployment.get("overrideAlarmConfiguration", {}).get("enabled") is False:
            return {"status": "Succeeded"}
        alarm = {"code": "ALARM_ACTIVE", "message": "One or more alarms have been activated"}
        return {"status": "Stopped", "errorInformation": alarm}


class TestCanaryWhileAnAlarmIsOn:
    @pytest.fixture(autouse=True)
    def _no_waiting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gradual, "POLL_SECONDS", 0.0)

    def move(self, aws: FaultProxy, *, force: bool = False) -> None:
        before, wanted = {"get": "1", "put": "1"}, {"get": "2", "put": "2"}
        move_gradually(account(aws).client, OUTPUTS, before, wanted, lambda _: None, force=force)

    def test_fix_is_stopped_and_the_way_around_is_named(self, aws: FaultProxy) -> None:
        CodeDeploy(aws)
        with pytest.raises(Failure, match=r"get \(Stopped, ALARM_ACTIVE\), put(.|\n)*FORCE=1"):
            self.move(aws)

    def test_forced_fix_ignores_the_alarm(self, aws: FaultProxy) -> None:
        codedeploy = CodeDeploy(aws)

        self.move(aws, force=True)

        overrides = [started["overrideAlarmConfiguration"] for started in codedeploy.started]
        assert overrides == [{"enabled": False}] * 2

    def test_deployment_that_takes_too_long_is_stopped(
        self, aws: FaultProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(gradual, "LIMIT_SECONDS", 0.0)
        codedeploy = CodeDeploy(aws, never_ends=True)

        with pytest.raises(Failure, match=r"get \(InProgress\), put \(InProgress\)"):
            self.move(aws)

        assert [stop["deploymentId"] for stop in codedeploy.stopped] == ["d-0", "d-1"]
        assert all(stop["autoRollbackEnabled"] for stop in codedeploy.stopped)

    def test_refused_start_stops_those_that_were_started(self, aws: FaultProxy) -> None:
        refused = answer_with(Answer.refusal("DeploymentLimitExceededException"))
        second = is_call("codedeploy", "CreateDeployment")
        aws.add(lambda call: second(call) and call.json["deploymentGroupName"] == "tm-put", refused)
        codedeploy = CodeDeploy(aws)

        with pytest.raises(Exception, match="DeploymentLimitExceeded"):
            self.move(aws)

        assert [stop["deploymentId"] for stop in codedeploy.stopped] == ["d-0"]


class TestOldVersions:
    def test_versions_before_the_last_five_releases_are_removed(self, aws: FaultProxy) -> None:
        functions = Releases(aws, newest=8, live=8)
        assert remove_old_versions(account(aws).client, OUTPUTS) == 6
        assert functions.versions == {name: list("45678") for name in ("tm-get", "tm-put")}

    def test_versions_in_use_and_for_rollback_are_kept(self, aws: FaultProxy) -> None:
        functions = Releases(aws, newest=9, live=3, weights={"1": 0.1})
        remove_old_versions(account(aws).client, OUTPUTS)
        # Live 3, a tenth of the calls at 1, and 2 is the release before.
        assert functions.versions["tm-get"] == list("12356789")

    def test_a_few_releases_are_all_kept(self, aws: FaultProxy) -> None:
        functions = Releases(aws, newest=1, live=1)
        assert remove_old_versions(account(aws).client, OUTPUTS) == 0
        assert functions.versions["tm-put"] == ["1"]

    def test_rollback_after_the_removal_works(self, aws: FaultProxy) -> None:
        functions = Releases(aws, newest=8, live=8)
        remove_old_versions(account(aws).client, OUTPUTS)

        for expected in "7654":
            rollback(Target(OUTPUTS, account(aws).client))
            assert functions.live == expected
        with pytest.raises(Failure, match=r"the previous release was removed \(get 3, put 3\)"):
            rollback(Target(OUTPUTS, account(aws).client))
        assert functions.live == "4"

    def test_removed_functions_need_no_version(self, aws: FaultProxy) -> None:
        Releases(aws, newest=1, live=1)
        require_published(account(aws).client, OUTPUTS, {"get": "1", "removed": "7"})
