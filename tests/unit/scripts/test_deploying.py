"""Deploying to AWS: what is tested, what is said, and what happens when a call fails after the apply."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from scripts.base.failure import Failure
from scripts.base.progress import Steps
from scripts.build.platforms import Platform
from scripts.deployments import deploy
from scripts.deployments.aws import deployment
from scripts.deployments.aws.account import Account
from scripts.deployments.aws.smoke import FIRST_SECONDS, Patience, Smoke
from scripts.deployments.deploy import Delivery, api_for
from tests.harness.as_aws import account
from tests.harness.command_line import task_manager
from tests.harness.fault_proxy import Answer, FaultProxy, answer_with, fault_proxy, is_call
from tests.harness.releases import OUTPUTS, Releases


@pytest.fixture
def aws() -> Iterator[FaultProxy]:
    with fault_proxy() as proxy:
        yield proxy


class Deployment:
    """Terraform's part of a deployment: an apply that works, and moves the calls of `moved`."""

    environment = "dev"
    moved: Releases | None = None

    def __init__(self, outputs: dict[str, Any], before: dict[str, Any], *types: str) -> None:
        self._outputs = outputs
        self._before = before
        self._types = types
        self.prepared: list[dict[str, Any]] = []
        self.planned: list[dict[str, Any]] = []

    def prepare(self, **settings: Any) -> None:
        self.prepared.append(settings)

    def outputs(self) -> dict[str, Any]:
        return self._before

    def plan(self, **settings: Any) -> list[Any]:
        self.planned.append(settings)
        return []

    def shown_plan(self) -> str:
        return "the plan"

    def apply(self, _on_progress: Any) -> dict[str, Any]:
        if self.moved:
            self.moved.live = str(self.moved.newest)
        return self._outputs

    def resources(self) -> list[dict[str, Any]]:
        return [{"type": kind} for kind in self._types]


class TestDeploying:
    @pytest.fixture
    def patience(self, monkeypatch: pytest.MonkeyPatch) -> list[Patience]:
        """The patience of each smoke test; all of them pass."""
        seen: list[Patience] = []

        def passes(_api: httpx.Client, patience: Patience) -> Smoke:
            seen.append(patience)
            return Smoke(("create",), 1.0)

        monkeypatch.setattr(deploy, "smoke_test", passes)
        return seen

    def delivery(
        self, aws: FaultProxy, deployment: Deployment, api: Callable[..., httpx.Client] = deploy.api_client
    ) -> Delivery:
        return Delivery(account(aws), deployment, Steps(), api)  # type: ignore[arg-type]

    def test_first_deployment_is_tested_with_more_patience(
        self, aws: FaultProxy, patience: list[Patience]
    ) -> None:
        Releases(aws, newest=1, live=1)

        self.delivery(aws, Deployment(OUTPUTS, {})).deploy()
        self.delivery(aws, Deployment(OUTPUTS, OUTPUTS)).deploy()

        assert [one.seconds for one in patience] == [FIRST_SECONDS, None]

    @pytest.mark.parametrize(
        "error",
        [
            Failure("smoke test: no"),
            httpx.ConnectError("no such host"),
            httpx.ReadTimeout("late"),
        ],
    )
    def test_any_failure_after_the_apply_rolls_back(
        self, aws: FaultProxy, error: Exception, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        functions = Releases(aws, newest=2, live=1)

        def fails(*_: Any) -> Smoke:
            assert functions.live == "2"
            raise error

        monkeypatch.setattr(deploy, "smoke_test", fails)

        with pytest.raises(Failure, match=rf"{error}\n  Rolled back: 2 functions are at"):
            self.delivery(aws, Deployment(OUTPUTS, OUTPUTS)).deploy()

        assert functions.live == "1"

    def test_refusal_by_aws_after_the_apply_rolls_back(self, aws: FaultProxy) -> None:
        Releases(aws, newest=2, live=1)
        aws.add(is_call("cognito-idp", ".*"), answer_with(Answer.refusal("AccessDeniedException")))
        outputs = OUTPUTS | {
            "auth": {"mode": "cognito", "clients": {"operator": "id"}, "user_pool_id": "eu_1",
                     "token_url": "https://auth.example.com"}
        }  # fmt: skip

        with pytest.raises(Failure, match=r"AccessDenied(.|\n)*Rolled back: 2 functions"):
            self.delivery(aws, Deployment(outputs, outputs), api_for(account(aws))).deploy()

    def test_refused_rollback_is_reported(self, aws: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
        aws.add(is_call("lambda", "PUT .*"), answer_with(Answer.refusal("AccessDeniedException", 403)))
        deployment = Deployment(OUTPUTS, OUTPUTS)
        deployment.moved = Releases(aws, newest=2, live=1)

        def fails(*_: Any) -> Smoke:
            raise Failure("smoke test: no")

        monkeypatch.setattr(deploy, "smoke_test", fails)

        with pytest.raises(
            Failure, match=r"smoke test: no\n  Not rolled back: .*AccessDenied.*make rollback ENV=dev"
        ):
            self.delivery(aws, deployment).deploy()

    @pytest.mark.parametrize("before", ["canary", "linear"])
    def test_the_release_that_ends_gradual_deployments_is_live(
        self, aws: FaultProxy, patience: list[Patience], before: str
    ) -> None:
        # Given calls that Terraform leaves where they are, because the last release was gradual
        functions = Releases(aws, newest=2, live=1)
        deployment = Deployment(OUTPUTS, OUTPUTS | {"deployment_preference": before})

        # When the release is all-at-once
        self.delivery(aws, deployment).plan()
        self.delivery(aws, deployment).deploy()

        # Then its versions are live
        assert deployment.planned[0]["live_versions"] == {"get": "1", "put": "1"}
        assert functions.live == "2"

    def test_old_versions_that_cannot_be_removed_fail_no_deployment(
        self, aws: FaultProxy, patience: list[Patience], capsys: pytest.CaptureFixture[str]
    ) -> None:
        aws.add(is_call("lambda", "DELETE .*"), answer_with(Answer.refusal("AccessDeniedException", 403)))
        Releases(aws, newest=8, live=8)

        assert self.delivery(aws, Deployment(OUTPUTS, OUTPUTS)).deploy() == OUTPUTS["api_url"]
        assert "old versions could not be removed" in capsys.readouterr().out

    def test_custom_domain_is_tested_by_the_gateways_address_and_its_record_named(
        self, aws: FaultProxy, patience: list[Patience], capsys: pytest.CaptureFixture[str]
    ) -> None:
        Releases(aws, newest=1, live=1)
        invoked = "https://a1b2.execute-api.eu-central-1.amazonaws.com"
        named = OUTPUTS | {"api_invoke_url": invoked, "api_domain_target": "d-1.execute-api.amazonaws.com"}

        with api_for(account(aws))(named) as api:
            assert str(api.base_url).startswith(invoked)
        with api_for(account(aws))(OUTPUTS) as api:
            assert api.base_url.host == "tasks.example.com"

        self.delivery(aws, Deployment(named, {})).deploy()
        assert "tasks.example.com must point at d-1.execute-api.amazonaws.com" in capsys.readouterr().out

        self.delivery(aws, Deployment(named, {}, "aws_route53_record")).deploy()
        assert "must point at" not in capsys.readouterr().out

    def test_plan_alone_writes_nothing_and_a_deployment_locks(self, aws: FaultProxy) -> None:
        Releases(aws, newest=1, live=1)
        deployment = Deployment(OUTPUTS, OUTPUTS)

        self.delivery(aws, deployment).plan(only=True)
        self.delivery(aws, deployment).plan()

        assert [settings["settle"] for settings in deployment.prepared] == [False, True]
        assert [settings["lock"] for settings in deployment.planned] == [False, True]

    def test_token_is_checked_before_the_plan_of_an_api_that_requires_one(
        self, aws: FaultProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        claims = urlsafe_b64encode(b'{"scope": "tasks/read"}').decode().rstrip("=")
        monkeypatch.setenv("API_TOKEN", f"a.{claims}.c")
        Releases(aws, newest=1, live=1)
        wants = Deployment({}, OUTPUTS | {"auth": {"mode": "jwt"}})

        with pytest.raises(Failure, match="API_TOKEN lacks the scope tasks/write"):
            self.delivery(aws, wants).plan()
        assert wants.planned == []

        self.delivery(aws, Deployment({}, OUTPUTS)).plan()

    def test_token_is_sent_only_to_an_api_that_requires_one(
        self, aws: FaultProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("API_TOKEN", "given")
        with api_for(account(aws))(OUTPUTS | {"auth": {"mode": "jwt"}}) as api:
            assert api.headers["authorization"] == "Bearer given"
        with api_for(account(aws))(OUTPUTS) as api:
            assert "authorization" not in api.headers


@pytest.mark.parametrize("command", ["plan", "deploy"])
def test_states_bucket_is_created_only_after_a_yes(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    def goes_on(*_: object) -> None:
        pytest.fail("it went on without an answer")

    monkeypatch.setattr(deploy, "current_account", lambda: Account("123456789012", "eu-central-1", goes_on))
    monkeypatch.setattr(deploy, "state_bucket_is_there", lambda _account: False)
    monkeypatch.setattr(deploy, "build_package", goes_on)
    monkeypatch.setattr("sys.stdin", StringIO("no\n"))
    monkeypatch.delenv("AUTO_APPROVE", raising=False)

    with pytest.raises(Failure, match="set AUTO_APPROVE=1"):
        task_manager(command, "--env=dev")


@pytest.mark.parametrize(
    ("variables", "exported", "built_for"),
    [
        ("", None, "arm64"),
        ('lambda_architecture = "x86_64"\n', None, "x86_64"),
        ("", "x86_64", "x86_64"),
        ('lambda_architecture = "arm64"\n', "x86_64", "arm64"),
    ],
)
def test_package_is_built_for_the_environments_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: str, exported: str | None, built_for: str
) -> None:
    (tmp_path / "dev.tfvars").write_text(f"log_retention_days = 7\n{variables}")
    monkeypatch.setattr(deployment, "ENVIRONMENTS", tmp_path)
    monkeypatch.delenv("TF_VAR_lambda_architecture", raising=False)
    if exported:
        monkeypatch.setenv("TF_VAR_lambda_architecture", exported)
    built: list[Platform] = []
    with_bytecode = SimpleNamespace(bytecode="3.13.1")
    monkeypatch.setattr(
        deployment.package, "build", lambda platform, *_: built.append(platform) or with_bytecode
    )

    deployment.build_package("dev", lambda _: None)

    assert built == [Platform.aws(architecture=built_for)]


def test_unknown_processor_of_an_environment_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dev.tfvars").write_text('lambda_architecture = "mips"\n')
    monkeypatch.setattr(deployment, "ENVIRONMENTS", tmp_path)

    with pytest.raises(Failure, match="lambda_architecture of dev is 'mips': expected arm64 or x86_64"):
        deployment.build_package("dev", lambda _: None)
