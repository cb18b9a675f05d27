"""Deploying to AWS: what is refused before anything happens, and which requests AWS gets."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.base.confirm import confirm
from scripts.base.failure import Failure
from scripts.base.local_account import ACCESS_KEY
from scripts.base.paths import ROOT
from scripts.clouds.clients import client
from scripts.deployments import target
from scripts.deployments.aws.account import current_account, refuse_local_endpoint, refuse_local_variables
from scripts.deployments.aws.deployment import variable_file
from scripts.deployments.aws.gradual import move_gradually
from scripts.deployments.aws.versions import release_before
from scripts.terraform.runner import surroundings

REAL = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI"}


class TestRefusals:
    @pytest.mark.parametrize(
        ("variables", "told"),
        [
            ({"AWS_ENDPOINT_URL": "http://localhost:4566"}, "AWS_ENDPOINT_URL is set"),
            ({"AWS_ENDPOINT_URL_S3": "http://localhost:4566"}, "AWS_ENDPOINT_URL_S3 is set"),
            ({"TF_VAR_target": "local"}, "TF_VAR_target is set"),
            ({"TF_CLI_ARGS_apply": "-auto-approve"}, "TF_CLI_ARGS_apply is set"),
            ({"AWS_ACCESS_KEY_ID": ACCESS_KEY}, "a local cloud's"),
            ({"AWS_ACCESS_KEY_ID": "LSIAQAAAAAAVNCBMPNSG"}, "a local cloud's"),
        ],
    )
    def test_local_variables_are_refused(self, variables: dict[str, str], told: str) -> None:
        with pytest.raises(Failure, match=told):
            current_account(variables)

    def test_variables_of_an_account_are_accepted(self) -> None:
        refuse_local_variables(
            {**REAL, "AWS_REGION": "eu-central-1", "TF_VAR_alarm_email": "ops@example.com"}
        )

    def test_a_profile_with_a_local_endpoint_is_refused(self) -> None:
        refuse_local_endpoint("s3", "https://s3.eu-central-1.amazonaws.com")
        with pytest.raises(Failure, match="not AWS: choose another profile"):
            refuse_local_endpoint("s3", "http://localhost:4566")

    @pytest.mark.parametrize("environment", ["local", "preview", "moon", "../dev", "pr-", "pr-1x"])
    def test_environments_that_are_not_on_aws_are_refused(self, environment: str) -> None:
        with pytest.raises(Failure, match="ENV"):
            variable_file(environment)

    def test_environments_of_pull_requests_share_their_variables(self) -> None:
        assert variable_file("pr-12").name == "preview.tfvars"
        assert variable_file("prod").name == "prod.tfvars"

    def test_a_confirmation_without_a_terminal_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AUTO_APPROVE", raising=False)
        monkeypatch.setattr(sys, "stdin", (ROOT / "README.md").open())
        with pytest.raises(Failure, match="AUTO_APPROVE=1"):
            confirm("Destroys everything.", "prod")

    def test_operators_commands_on_aws_refuse_local_variables(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
        with pytest.raises(Failure, match="AWS_ENDPOINT_URL is set"):
            target.chosen_target("dev")


class TestTheLocalCloudIgnoresRealCredentials:
    """`make up` in a shell with real credentials."""

    @pytest.fixture(autouse=True)
    def _real_credentials(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {**REAL, "AWS_PROFILE": "production", "AWS_REGION": "eu-west-1"}.items():
            monkeypatch.setenv(name, value)

    def test_clients_use_test_credentials_and_the_local_endpoint(self) -> None:
        s3 = client("s3", "http://127.0.0.1:4566")
        assert s3.meta.endpoint_url == "http://127.0.0.1:4566"
        assert s3._request_signer._credentials.access_key == ACCESS_KEY

    def test_terraform_sees_test_credentials_only(self, tmp_path: Path) -> None:
        seen = surroundings(tmp_path, tmp_path, local=True)

        assert seen["AWS_ACCESS_KEY_ID"] == ACCESS_KEY
        assert not set(REAL.values()) & set(seen.values())
        assert "AWS_PROFILE" not in seen


class TestRollback:
    def test_goes_to_the_release_before_the_one_in_force(self) -> None:
        history = [{"a": "3", "b": "2"}, {"a": "2", "b": "2"}, {"a": "1", "b": "1"}]
        assert release_before(history, {"a": "3", "b": "2"}) == history[1]
        assert release_before(history, {"a": "2", "b": "2"}) == history[2]

    def test_between_two_releases_goes_before_the_newest(self) -> None:
        history = [{"a": "3", "b": "2"}, {"a": "2", "b": "1"}]
        assert release_before(history, {"a": "3", "b": "1"}) == history[1]

    def test_a_first_release_cannot_be_rolled_back(self) -> None:
        with pytest.raises(Failure, match="no previous release"):
            release_before([{"a": "1"}], {"a": "1"})
        with pytest.raises(Failure, match="no previous release"):
            release_before([], {"a": "1"})


class CodeDeploy:
    """Deployments that end at the second look, with the given status."""

    def __init__(self, **endings: str) -> None:
        self.endings = endings
        self.started: list[dict[str, Any]] = []
        self.looks: dict[str, int] = {}

    def create_deployment(self, **arguments: Any) -> dict[str, str]:
        self.started.append(arguments)
        return {"deploymentId": str(arguments["deploymentGroupName"])}

    def get_deployment(self, deploymentId: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        self.looks[deploymentId] = self.looks.get(deploymentId, 0) + 1
        status = (
            "InProgress" if self.looks[deploymentId] == 1 else self.endings.get(deploymentId, "Succeeded")
        )
        return {"deploymentInfo": {"status": status}}


class TestGradualMoves:
    OUTPUTS = {"deployment_application": "app", "function_names": {"get": "tm-get", "put": "tm-put"}}  # noqa: RUF012

    @pytest.fixture(autouse=True)
    def _no_waiting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("scripts.deployments.aws.gradual.POLL_SECONDS", 0)

    def move(self, codedeploy: CodeDeploy, before: dict[str, str], wanted: dict[str, str]) -> None:
        move_gradually(lambda _: codedeploy, self.OUTPUTS, before, wanted, lambda _: None)

    def test_codedeploy_gets_the_current_and_the_target_version(self) -> None:
        codedeploy = CodeDeploy()

        self.move(codedeploy, {"get": "1", "put": "4"}, {"get": "2", "put": "4"})

        (started,) = codedeploy.started
        assert (started["applicationName"], started["deploymentGroupName"]) == ("app", "tm-get")
        (resource,) = json.loads(started["revision"]["appSpecContent"]["content"])["Resources"]
        assert resource["function"]["Properties"] == {
            "Name": "tm-get", "Alias": "live", "CurrentVersion": "1", "TargetVersion": "2",
        }  # fmt: skip

    def test_a_function_that_was_rolled_back_is_named(self) -> None:
        codedeploy = CodeDeploy(**{"tm-put": "Stopped"})
        with pytest.raises(Failure, match=r"went back to the previous version: put \(Stopped\)"):
            self.move(codedeploy, {"get": "1", "put": "1"}, {"get": "2", "put": "2"})

    def test_a_new_function_is_not_moved(self) -> None:
        codedeploy = CodeDeploy()
        self.move(codedeploy, {}, {"get": "1"})
        assert codedeploy.started == []
