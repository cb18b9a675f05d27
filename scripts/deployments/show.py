"""`make url`, `make env`, `make outputs`: print the answer and nothing else."""

import json
import os
import shlex

from scripts.base.failure import Failure
from scripts.base.loopback import is_proxied, without_proxy
from scripts.base.paths import WORK_FOLDER
from scripts.clouds.choice import started
from scripts.deployments.record import StackRecord


def running_deployment() -> StackRecord:
    """What is deployed on the cloud that runs; a Failure if there is none."""
    deployment = StackRecord.load(WORK_FOLDER)
    alive = [cloud.instance for cloud in started(WORK_FOLDER)]
    if deployment is None or deployment.instance not in alive:
        raise Failure("nothing is deployed: run `make up`")
    return deployment


def url() -> None:
    """`make url`: print the API's address."""
    print(running_deployment().outputs["api_url"])


def env() -> None:
    """`make env`: print the exports that point the AWS CLI and SDKs at the local cloud."""
    from scripts.clouds.clients import local_environment

    variables = local_environment(running_deployment().endpoint)
    if is_proxied(os.environ):
        variables |= {name: without_proxy(os.environ)[name] for name in ("NO_PROXY", "no_proxy")}
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")


def outputs() -> None:
    """`make outputs`: print Terraform's outputs as JSON."""
    print(json.dumps(running_deployment().outputs, indent=2))
