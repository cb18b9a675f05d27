"""`make plan`, `make deploy`, `make destroy` for an environment on AWS: ENV=dev, prod or pr-NUMBER."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from scripts.base.confirm import confirm
from scripts.base.failure import Failure
from scripts.base.locks import alone
from scripts.base.loopback import http_client
from scripts.base.progress import Steps
from scripts.deployments import tokens
from scripts.deployments.aws.account import Account, current_account
from scripts.deployments.aws.bearer import TOKEN, require_usable_token
from scripts.deployments.aws.deployment import AWS_PACKAGE, Deployment, build_package, variable_file
from scripts.deployments.aws.gradual import move_gradually
from scripts.deployments.aws.old_versions import remove_old_versions
from scripts.deployments.aws.smoke import FIRST_SECONDS, Patience, smoke_test
from scripts.deployments.aws.state_bucket import state_bucket_is_there
from scripts.deployments.aws.versions import Versions, live_versions, point_to, releases
from scripts.deployments.aws.workflows import end_executions
from scripts.deployments.taps import remove_taps
from scripts.deployments.target import Target
from scripts.terraform import Change
from services.core.callers import Scope

ApiClient = Callable[[dict[str, Any]], httpx.Client]
# The errors of a call to AWS or to the API that is refused or cannot connect.
CALL_FAILED = (Failure, BotoCoreError, ClientError, httpx.HTTPError)
STATE_MACHINE = "aws_sfn_state_machine"
EVENT_BUS = "aws_cloudwatch_event_bus"
DNS_RECORD = "aws_route53_record"


def api_client(outputs: dict[str, Any]) -> httpx.Client:
    """An HTTP client of the deployed API, by the address that it has without a DNS record of ours."""
    return http_client(outputs.get("api_invoke_url") or outputs["api_url"])


def api_for(account: Account) -> ApiClient:
    """The same with a token, where one can be had without a question."""

    def api(outputs: dict[str, Any]) -> httpx.Client:
        client, mode = api_client(outputs), outputs["auth"]["mode"]
        token = os.environ.get(TOKEN) if mode != "none" else None
        if mode == "cognito":
            token = tokens.token_for(Target(outputs, account.client), "smoke-test", tuple(Scope))
        if token:
            client.headers["authorization"] = f"Bearer {token}"
        return client

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
        self.account_id = account.id

    def plan(self, *, only: bool = False) -> list[Change]:
        """Show what a deployment would change. If that is `only` to be seen, nothing on AWS is written."""
        with self._steps.step("Terraform: init"):
            self._deployment.prepare(settle=not only)
        with self._steps.step("Terraform: plan"):
            outputs = self._deployment.outputs()
            if not only and outputs.get("auth", {}).get("mode") != "none":
                require_usable_token()
            changes = self._deployment.plan(lock=not only, live_versions=self._kept(outputs))
        self._steps.say(self._deployment.shown_plan())
        counted = Counter(change.action for change in changes)
        told = ", ".join(f"{count} to {action}" for action, count in sorted(counted.items()))
        self._steps.say(f"{self._deployment.environment}: {told or 'nothing to change'}")
        return changes

    def deploy(self, *, force: bool = False) -> str:
        """Apply what was planned, move the calls, test; gives the API's URL. Goes back if the test fails.

        With `force` no alarm keeps calls from moving.
        """
        before = live_versions(self._account.client, self._deployment.outputs())
        with self._steps.step("Terraform: apply") as update:
            outputs = self._deployment.apply(lambda progress: update(progress.summary))
        self._name_missing_record(outputs)
        try:
            self._move(outputs, before, force=force)
            with self._steps.step("Smoke test") as update, self._api(outputs) as api:
                # On a first deployment the stream's readers take a while to start.
                smoke = smoke_test(api, Patience(None if before else FIRST_SECONDS, report=update))
        except CALL_FAILED as failure:
            raise Failure(f"{failure}\n  {self._go_back(outputs, before)}") from failure
        self._steps.say(f"  {', '.join(smoke.checks)}: {smoke.seconds:.1f} s")
        self._clear_away(outputs)
        return str(outputs["api_url"])

    def destroy(self, *, unprotect: bool) -> None:
        """Remove the environment; one with protected data only with `unprotect`."""
        with self._steps.step("Terraform: init"):
            self._deployment.prepare()
            protected = self._deployment.outputs().get("data_protected", False)
        if protected and not unprotect:
            raise Failure(
                f"the data of {self._deployment.environment} is protected: to delete it for good, run "
                f"`make destroy ENV={self._deployment.environment} UNPROTECT=1`"
            )
        resources = self._deployment.resources()
        self._end_approvals(_named(resources, STATE_MACHINE, "arn"))
        self._remove_taps(_named(resources, EVENT_BUS, "name"))
        if protected:
            with self._steps.step("Terraform: remove the protection") as update:
                self._deployment.unprotect(lambda progress: update(progress.summary))
        with self._steps.step("Terraform: destroy") as update:
            # What removed the protection has just read every resource.
            self._deployment.destroy(lambda progress: update(progress.summary), refresh=not protected)

    def _kept(self, outputs: dict[str, Any]) -> Versions:
        """The versions that calls stay at while Terraform applies: CodeDeploy moves them then."""
        gradual = outputs.get("deployment_preference", "all-at-once") != "all-at-once"
        return live_versions(self._account.client, outputs) if gradual else {}

    def _end_approvals(self, machines: list[str]) -> None:
        """Stop the running workflows."""
        for machine in machines:
            with self._steps.step("Approvals: stop the workflows that wait") as update:
                end_executions(self._account.client("stepfunctions"), machine, update)

    def _remove_taps(self, buses: list[str]) -> None:
        """Remove the queues and rules that killed commands left on the bus."""
        events, sqs = self._account.client("events"), self._account.client("sqs")
        for bus in buses:
            remove_taps(events, sqs, bus)

    def _name_missing_record(self, outputs: dict[str, Any]) -> None:
        """Show which DNS record the API's custom domain needs, unless Terraform manages its zone."""
        target = outputs.get("api_domain_target")
        if target and all(resource["type"] != DNS_RECORD for resource in self._deployment.resources()):
            name = httpx.URL(outputs["api_url"]).host
            self._steps.say(f"  DNS: {name} must point at {target}: a CNAME record, or an alias in Route 53")

    def _go_back(self, outputs: dict[str, Any], before: Versions) -> str:
        """Send the calls back to the previous versions; gives the sentence that reports it."""
        try:
            back = point_to(self._account.client, outputs, before)
        except (BotoCoreError, ClientError) as error:
            return f"Not rolled back: {error}. Try `make rollback ENV={self._deployment.environment}`."
        told = f"Rolled back: {len(back)} functions are at their previous versions"
        return f"{told if back else 'Nothing to roll back'}."

    def _clear_away(self, outputs: dict[str, Any]) -> None:
        """Remove versions that are too old to go back to. A failure does not fail the release."""
        try:
            with self._steps.step("Old versions") as update:
                removed = remove_old_versions(self._account.client, outputs, update)
            if removed:
                self._steps.say(f"  removed {removed} versions that no rollback needs")
        except (BotoCoreError, ClientError) as error:
            self._steps.say(f"  old versions could not be removed: {error}")

    def _move(self, outputs: dict[str, Any], before: Versions, *, force: bool) -> None:
        """Move the calls where Terraform has not done so."""
        now = live_versions(self._account.client, outputs)
        wanted = releases(self._account.client, outputs)[0]
        if now == wanted:
            return
        if outputs["deployment_preference"] == "all-at-once":
            # The outputs before said otherwise, so Terraform left the calls where they were.
            point_to(self._account.client, outputs, wanted)
            return
        with self._steps.step(f"Shift calls: {outputs['deployment_preference']}") as update:
            move_gradually(self._account.client, outputs, before, wanted, update, force=force)


def _named(resources: list[dict[str, Any]], kind: str, attribute: str) -> list[str]:
    """That attribute of each resource of a kind in the state. After half a destroy there are no outputs."""
    return [found["values"][attribute] for found in resources if found["type"] == kind]


def plan(environment: str) -> None:
    """`make plan`: show what a deployment would change."""
    with _delivery("plan", environment, Steps()) as delivery:
        delivery.plan(only=True)


def deploy(environment: str, *, force: bool = False) -> None:
    """`make deploy`: show the changes, ask, apply, test. With `force`, alarms do not stop the release."""
    steps = Steps()
    with _delivery("deploy", environment, steps) as delivery:
        if delivery.plan():
            confirm(f"Changes {environment} in account {delivery.account_id}.", environment)
        steps.say(f"\nAPI: {delivery.deploy(force=force)}")


def destroy(environment: str, *, unprotect: bool = False) -> None:
    """`make destroy`: remove an environment; one whose data is protected only with `unprotect`."""
    with _delivery("destroy", environment, Steps(), needs_state=False) as delivery:
        confirm(f"Destroys {environment} in account {delivery.account_id}, data included.", environment)
        delivery.destroy(unprotect=unprotect)


@contextmanager
def _delivery(
    command: str, environment: str, steps: Steps, *, needs_state: bool = True
) -> Iterator[Delivery]:
    """The delivery to an environment, its package built; asks before it creates the bucket of the states.

    Meanwhile no other command replaces the package, which is one for all environments, or the plan.
    """
    variable_file(environment)  # refuses an unknown one before any call to AWS
    account = current_account()
    steps.say(f"Account {account.id}, {account.region}, environment {environment}")
    if needs_state and not state_bucket_is_there(account):
        confirm(f"Creates the bucket for Terraform's state in account {account.id}.", environment)
    with alone(AWS_PACKAGE / "deploy.lock", f"`make {command} ENV={environment}`"):
        with steps.step("Package of the functions") as update:
            manifest = build_package(environment, update, steps.say)
        deployment = Deployment(account, environment, manifest=manifest)
        yield Delivery(account, deployment, steps, api_for(account))
