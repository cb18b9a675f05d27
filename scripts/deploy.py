"""`make plan`, `make deploy`, `make destroy` for an environment on AWS: ENV=dev, prod or pr-NUMBER."""

import argparse
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

from scripts.auth import tokens
from scripts.confirm import confirm
from scripts.delivery.account import Account, current_account
from scripts.delivery.deployment import Deployment, build_package, variable_file
from scripts.delivery.gradual import move_gradually
from scripts.delivery.smoke import smoke_test
from scripts.delivery.versions import Versions, live_versions, point_to, releases
from scripts.failure import Failure, run_command
from scripts.loopback import http_client
from scripts.stack import describe
from scripts.steps import Steps
from scripts.target import Target
from scripts.terraform import Change

ApiClient = Callable[[dict[str, Any]], httpx.Client]


def api_client(outputs: dict[str, Any]) -> httpx.Client:
    """An HTTP client of the deployed API."""
    return http_client(outputs["api_url"])


def api_for(account: Account) -> ApiClient:
    """The same with a token, where one can be had without asking anybody."""

    def api(outputs: dict[str, Any]) -> httpx.Client:
        if outputs["auth"]["mode"] == "cognito":
            return tokens.api_client(Target(outputs, account.client), "smoke-test")
        return api_client(outputs)

    return api


class Delivery:
    """Brings one environment to what the working tree says, and back if that does not work."""

    def __init__(
        self, account: Account, deployment: Deployment, steps: Steps, api: ApiClient = api_client
    ) -> None:
        self._account = account
        self._deployment = deployment
        self._steps = steps
        self._api = api

    def plan(self) -> list[Change]:
        """Show what a deployment would change."""
        with self._steps.step("Terraform: init"):
            self._deployment.prepare()
        with self._steps.step("Terraform: plan"):
            outputs = self._deployment.outputs()
            changes = self._deployment.plan(live_versions=self._kept(outputs))
        self._steps.say(self._deployment.shown_plan())
        counted = Counter(change.action for change in changes)
        told = ", ".join(f"{count} to {action}" for action, count in sorted(counted.items()))
        self._steps.say(f"{self._deployment.environment}: {told or 'nothing to change'}")
        return changes

    def deploy(self) -> str:
        """Apply what was planned, move the calls, test; gives the API's URL. Goes back if the test fails."""
        before = live_versions(self._account.client, self._deployment.outputs())
        with self._steps.step("Terraform: apply") as update:
            outputs = self._deployment.apply(lambda progress: update(describe(progress)))
        try:
            self._move(outputs, before)
            with self._steps.step("Smoke test"), self._api(outputs) as api:
                smoke = smoke_test(api)
        except Failure as failure:
            back = point_to(self._account.client, outputs, before)
            told = (
                f"{len(back)} functions are back at the version before" if back else "nothing to go back to"
            )
            raise Failure(f"{failure}\n  Rolled back: {told}.") from failure
        self._steps.say(f"  {', '.join(smoke.checks)}: {smoke.seconds:.1f} s")
        return str(outputs["api_url"])

    def destroy(self, *, unprotect: bool) -> None:
        """Remove the environment. Protected data is kept from it unless told otherwise."""
        with self._steps.step("Terraform: init"):
            self._deployment.prepare()
            protected = self._deployment.outputs().get("data_protected", False)
        if protected and not unprotect:
            raise Failure(
                f"the data of {self._deployment.environment} is protected: when it is no longer needed, "
                f"`make destroy ENV={self._deployment.environment} UNPROTECT=1`"
            )
        if protected:
            with self._steps.step("Terraform: take the protection away") as update:
                self._deployment.unprotect(lambda progress: update(describe(progress)))
        with self._steps.step("Terraform: destroy") as update:
            self._deployment.destroy(lambda progress: update(describe(progress)))

    def _kept(self, outputs: dict[str, Any]) -> Versions:
        """The versions that calls stay at while Terraform applies: CodeDeploy moves them then."""
        gradual = outputs.get("deployment_preference", "all-at-once") != "all-at-once"
        return live_versions(self._account.client, outputs) if gradual else {}

    def _move(self, outputs: dict[str, Any], before: Versions) -> None:
        """Move the calls where Terraform has not done so."""
        now = live_versions(self._account.client, outputs)
        wanted = releases(self._account.client, outputs)[0]
        if now == wanted or outputs["deployment_preference"] == "all-at-once":
            return
        with self._steps.step(f"Calls: {outputs['deployment_preference']}") as update:
            move_gradually(self._account.client, outputs, before, wanted, update)


def main() -> None:
    """Plan, deploy or destroy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("plan", "deploy", "destroy"))
    parser.add_argument("--env", default="", help="dev, prod or pr-NUMBER")
    parser.add_argument("--unprotect", default="", help="1: destroys protected data as well")
    chosen = parser.parse_args()
    steps = Steps()
    environment = chosen.env
    variable_file(environment)  # refuses an unknown one before anything is asked of AWS
    account = current_account()
    steps.say(f"Account {account.id}, {account.region}, environment {environment}")
    with steps.step("Package of the functions") as update:
        manifest = build_package(update, steps.say)
    delivery = Delivery(account, Deployment(account, environment, manifest=manifest), steps, api_for(account))
    if chosen.command == "destroy":
        confirm(f"Destroys {environment} in account {account.id}, data included.", environment)
        delivery.destroy(unprotect=chosen.unprotect == "1")
        return
    changes = delivery.plan()
    if chosen.command == "plan":
        return
    if changes:
        confirm(f"Changes {environment} in account {account.id}.", environment)
    steps.say(f"\nAPI: {delivery.deploy()}")


if __name__ == "__main__":
    run_command(main)
