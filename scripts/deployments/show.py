"""`make url`, `make env`, `make outputs`: print the answer and nothing else."""

import json
import os
import shlex
import sys

from scripts.base.failure import Failure, run_command
from scripts.base.loopback import is_proxied, without_proxy
from scripts.base.paths import WORK_FOLDER
from scripts.clouds.choice import started
from scripts.deployments.local import Deployment


def running_deployment() -> Deployment:
    """What is deployed on the cloud that runs; a Failure if there is none."""
    deployment = Deployment.load(WORK_FOLDER)
    alive = [cloud.instance for cloud in started(WORK_FOLDER)]
    if deployment is None or deployment.instance not in alive:
        raise Failure("nothing is deployed: run `make up`")
    return deployment


def main() -> None:
    """Answer `url`, `env` or `outputs`."""
    deployment = running_deployment()
    match sys.argv[1:]:
        case ["url"]:
            print(deployment.outputs["api_url"])
        case ["env"]:
            from scripts.clouds.clients import local_environment

            variables = local_environment(deployment.endpoint)
            if is_proxied(os.environ):
                names = ("NO_PROXY", "no_proxy")
                variables |= {name: without_proxy(os.environ)[name] for name in names}
            for name, value in variables.items():
                print(f"export {name}={shlex.quote(value)}")
        case ["outputs"]:
            print(json.dumps(deployment.outputs, indent=2))
        case _:
            raise Failure("ask for url, env or outputs")


if __name__ == "__main__":
    run_command(main)
