"""Where the operators' commands look: the local cloud that runs, or a deployment on AWS."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scripts.base.confirm import confirm, require_answer
from scripts.base.failure import Failure
from scripts.clouds.clients import client, one_for_each_service
from scripts.deployments.aws.account import current_account
from scripts.deployments.aws.deployment import Deployment, variable_file
from scripts.deployments.aws.versions import ALIAS
from scripts.deployments.record import running_stack

LOCAL = "local"


@dataclass(frozen=True)
class Target:
    """A deployment: what Terraform says of it, and clients of the cloud it is on, one for each service."""

    outputs: dict[str, Any]
    client: Callable[[str], Any]

    def setting(self, function: str, name: str) -> str:
        """An environment variable of a function, in the version that is called."""
        functions, called = self.client("lambda"), self.outputs["function_names"][function]
        # By version, because LocalStack finds no configuration by alias.
        version = functions.get_alias(FunctionName=called, Name=ALIAS)["FunctionVersion"]
        found = functions.get_function_configuration(FunctionName=called, Qualifier=version)
        settings = found["Environment"]["Variables"]
        if name not in settings:
            raise Failure(f"the deployed {function} has no {name} yet: run `make up` or `make deploy`")
        return str(settings[name])


def is_local(environment: str) -> bool:
    """Whether ENV= names the local cloud, as it does where it is not given."""
    return environment in ("", LOCAL)


def chosen_target(environment: str = "", *, change: str | None = None) -> Target:
    """The deployment of that environment: `local` (the default), or one on AWS, as its state has it.

    `change` says what the caller is about to change there, as a sentence without its end. On AWS it takes
    a confirmation; a local cloud can always be made again.
    """
    if is_local(environment):
        stack = running_stack()
        return Target(stack.outputs, one_for_each_service(lambda service: client(service, stack.endpoint)))
    variable_file(environment)  # refuses an unknown one before any call to AWS
    if change:
        require_answer()
    account = current_account()
    if change:
        confirm(f"{change} in {environment}, account {account.id}.", environment)
    on_aws = Deployment(account, environment)
    on_aws.prepare(bootstrap=False)
    outputs = on_aws.outputs()
    if not outputs:
        raise Failure(f"nothing is deployed to {environment}: run `make deploy ENV={environment}`")
    return Target(outputs, one_for_each_service(account.client))
