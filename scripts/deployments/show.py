"""`make url`, `make env`, `make outputs`: print the answer and nothing else."""

import json
import os
import shlex

from scripts.base.loopback import is_proxied, without_proxy
from scripts.deployments.record import running_stack


def url() -> None:
    """`make url`: print the API's address."""
    print(running_stack().outputs["api_url"])


def env() -> None:
    """`make env`: print the exports that point the AWS CLI and SDKs at the local cloud."""
    from scripts.clouds.clients import local_environment

    variables = local_environment(running_stack().endpoint)
    if is_proxied(os.environ):
        variables |= {name: without_proxy(os.environ)[name] for name in ("NO_PROXY", "no_proxy")}
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")


def outputs() -> None:
    """`make outputs`: print Terraform's outputs as JSON."""
    print(json.dumps(running_stack().outputs, indent=2))
