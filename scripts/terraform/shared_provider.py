"""One process of the AWS provider for many plans: Terraform starts one for each command otherwise.

This is the provider's own `-debug` mode
(https://developer.hashicorp.com/terraform/plugin/debugging). All plans share one configuration
of the provider, so they run one after the other.
"""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from scripts.base.failure import Failure

VARIABLE = "TF_REATTACH_PROVIDERS"
# The shell ends with its standard input, so with this process, however that ends; the provider with it.
TIED = '"$1" -debug & read _; kill $!'


def provider_program(data_folder: Path) -> Path:
    """The AWS provider's program, which `terraform init` has put below its data folder."""
    found = sorted(data_folder.glob("providers/*/*/aws/*/*/terraform-provider-aws*"))
    if not found:
        raise Failure(f"no AWS provider below {data_folder}: run terraform init")
    return found[0]


@contextmanager
def shared_provider(program: Path, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The provider in a process of its own; gives the variable by which Terraform finds it."""
    process = subprocess.Popen(
        ["sh", "-c", TIED, "sh", str(program)],
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        yield {VARIABLE: _address(process)}


def _address(process: subprocess.Popen[str]) -> str:
    for line in process.stdout or ():
        name, _, value = line.strip().partition("=")
        if name == VARIABLE:
            return value.strip("'")
    raise Failure("the AWS provider did not start")
