"""One process of the AWS provider for many runs of Terraform, or for all steps of one.

Terraform starts one for each step otherwise (schema, check, plan, apply), and computes the hash of its file
before. This is the provider's own `-debug` mode (https://developer.hashicorp.com/terraform/plugin/debugging).
All runs share one configuration of the provider, so they come one after the other.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from scripts.base.failure import Failure
from scripts.terraform.providers import AWS, REGISTRY, locked_version

VARIABLE = "TF_REATTACH_PROVIDERS"
# In this environment, `terraform init` leaves the AWS provider to others. It starts none, so nobody listens.
WITHOUT = {
    VARIABLE: json.dumps(
        {
            f"{REGISTRY}/{AWS}": {
                "Protocol": "grpc",
                "ProtocolVersion": 5,
                "Test": True,
                "Addr": {"Network": "unix", "String": os.devnull},
            }
        }
    )
}
# The shell ends with its standard input, so with this process, however that ends; the provider with it.
# It leaves its standard output to the provider: the end of that is the provider's end.
TIED = '"$1" -debug & exec >&-; read _; kill $!'


def provider_program(root: Path, data_folder: Path) -> Path:
    """The AWS provider's program for a root, which `terraform init` has put below its data folder."""
    version = locked_version(root) or "*"  # that of an earlier lock file stays there
    found = sorted(data_folder.glob(f"providers/*/*/aws/{version}/*/terraform-provider-aws*"))
    if not found:
        raise Failure(f"no AWS provider below {data_folder}: run terraform init")
    return found[0]


@contextmanager
def shared_provider(environment: Mapping[str, str], root: Path) -> Iterator[dict[str, str]]:
    """The provider that `terraform init` has fetched for a root, in a process of its own.

    Gives the environment in which Terraform uses it. A Ctrl-C does not reach it: Terraform, which does get
    one, needs it to end in order.
    """
    process = subprocess.Popen(
        ["sh", "-c", TIED, "sh", str(provider_program(root, Path(environment["TF_DATA_DIR"])))],
        cwd=root,  # a resource may name a file
        env=environment,
        process_group=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        address = _address(process)
        try:
            yield {**environment, VARIABLE: address}
        finally:
            # Its socket is in the system's folder for temporary files, and would stay there.
            for provider in json.loads(address).values():
                Path(provider["Addr"]["String"]).unlink(missing_ok=True)


def _address(process: subprocess.Popen[str]) -> str:
    for line in process.stdout or ():
        name, _, value = line.strip().partition("=")
        if name == VARIABLE:
            return value.strip("'")
    raise Failure("the AWS provider did not start")
