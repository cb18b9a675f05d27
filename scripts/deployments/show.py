"""`make url`, `make env`, `make outputs`: print the answer and nothing else."""

import json
import os
import shlex
from typing import Any

from scripts.base.loopback import is_proxied, without_proxy
from scripts.deployments.record import running_stack


def url(environment: str = "") -> None:
    """`make url`: print the API's address."""
    print(_outputs(environment)["api_url"])


def env() -> None:
    """`make env`: print the exports that point the AWS CLI and SDKs at the local cloud."""
    from scripts.clouds.clients import local_environment

    variables = local_environment(running_stack().endpoint)
    if is_proxied(os.environ):
        variables |= {name: without_proxy(os.environ)[name] for name in ("NO_PROXY", "no_proxy")}
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")


def outputs(environment: str = "") -> None:
    """`make outputs`: print Terraform's outputs as JSON."""
    print(json.dumps(_outputs(environment), indent=2))


def _outputs(environment: str) -> dict[str, Any]:
    """Terraform's outputs, of the local cloud by default; those of an environment are in its state."""
    if not environment:
        return running_stack().outputs
    # Imported here: it brings boto3, which takes longer than all else that these commands do locally.
    from scripts.deployments.target import chosen_target

    return chosen_target(environment).outputs
