"""`make url`, `make env`, `make outputs`: print the answer and nothing else."""

import json
import shlex
import sys

from scripts.clouds.choice import started
from scripts.failure import Failure, run_command
from scripts.stack import WORK_FOLDER, Deployment


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
            from scripts.aws import local_environment

            for name, value in local_environment(deployment.endpoint).items():
                print(f"export {name}={shlex.quote(value)}")
        case ["outputs"]:
            print(json.dumps(deployment.outputs, indent=2))
        case _:
            raise Failure("ask for url, env or outputs")


if __name__ == "__main__":
    run_command(main)
