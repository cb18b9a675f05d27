"""Where the operators' commands look: the local cloud that runs, or a deployment on AWS."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3

from scripts.aws import client
from scripts.failure import Failure
from scripts.show import running_deployment
from scripts.stack import INFRA, WORK_FOLDER
from scripts.terraform import Terraform

LOCAL = "local"


@dataclass(frozen=True)
class Target:
    """A deployment: what Terraform says of it, and clients of the cloud it is on."""

    outputs: dict[str, Any]
    client: Callable[[str], Any]


def chosen_target() -> Target:
    """The deployment that ENV names: `local` (the default), or the one `infra/` was initialised for."""
    environment = os.environ.get("ENV") or LOCAL
    if environment == LOCAL:
        deployment = running_deployment()
        return Target(deployment.outputs, lambda service: client(service, deployment.endpoint))
    outputs = Terraform(INFRA, WORK_FOLDER / environment, local=False).output()
    if not outputs:
        raise Failure(f"nothing is deployed to {environment}: run `make deploy ENV={environment}`")
    return Target(outputs, lambda service: boto3.client(service))  # type: ignore[call-overload]
