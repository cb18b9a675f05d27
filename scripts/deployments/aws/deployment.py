"""The application on AWS, one environment of it: its variables, its state, its changes."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from scripts.base.failure import Failure
from scripts.base.paths import INFRA, ROOT, WORK_FOLDER
from scripts.build import package
from scripts.build.platforms import ARCHITECTURES, Platform
from scripts.deployments.aws.account import Account
from scripts.deployments.aws.state_bucket import bucket_name, ensure_state_bucket, state_bucket_is_there
from scripts.terraform import STATE_KEY, Change, Terraform
from scripts.terraform.runner import OnProgress, ignore

ENVIRONMENTS = INFRA / "env"
# All environments of pull requests have the same variables.
PREVIEW = re.compile(r"pr-[0-9]{1,8}")
AWS_PACKAGE = ROOT / "build/aws"
PROTECTION = "terraform_data.protection[0]"


class Deployment:
    """One environment on AWS: dev, prod, or that of a pull request (pr-12)."""

    def __init__(
        self,
        account: Account,
        environment: str,
        *,
        manifest: Path = AWS_PACKAGE / "manifest.json",
        folder: Path | None = None,
        variables: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.environment = environment
        self._account = account
        self._variable_file = variable_file(environment)
        self._manifest = manifest
        self._variables = variables
        self._folder = folder or WORK_FOLDER / environment
        self._plan_file = self._folder / "deploy.tfplan"
        self._terraform = Terraform(INFRA, self._folder, local=False)

    def prepare(self, *, bootstrap: bool = True, settle: bool = True) -> None:
        """Point Terraform at this environment's state.

        `bootstrap` creates the bucket where there is none; `settle` also updates the settings of an old one,
        which the role that plans for pull requests may not do.
        """
        bucket = bucket_name(self._account)
        if bootstrap and (settle or not state_bucket_is_there(self._account)):
            ensure_state_bucket(self._account)
        self._terraform.init(
            {
                "bucket": bucket,
                "key": f"{self.environment}/{STATE_KEY}",
                "region": self._account.region,
                # No `encrypt`: it asks S3 for AES256 with every object, in place of the bucket's aws:kms.
                "use_lockfile": True,
            }
        )

    def outputs(self) -> dict[str, Any]:
        """Terraform's outputs; empty if nothing is deployed."""
        return self._terraform.output()

    def plan(self, on_progress: OnProgress = ignore, *, lock: bool = True, **variables: Any) -> list[Change]:
        """What `apply` would change; `variables` go before those of the environment.

        Without `lock` nothing at all is written to AWS, for a plan that is never applied.
        """
        locking = [] if lock else ["-lock=false"]
        arguments = [*locking, f"-out={self._plan_file}", *self._arguments(variables)]
        return self._terraform.plan(arguments, on_progress)

    def resources(self) -> list[dict[str, Any]]:
        """The state's resources outside modules, as in Terraform's JSON; empty if nothing is deployed."""
        values: dict[str, Any] = self._terraform.show_json().get("values") or {}
        return list(values.get("root_module", {}).get("resources", []))

    def shown_plan(self) -> str:
        """The plan, for people."""
        return self._terraform.show_plan(self._plan_file)

    def apply(self, on_progress: OnProgress = ignore) -> dict[str, Any]:
        """Do what was planned, and nothing else; gives the outputs."""
        return self._terraform.apply([str(self._plan_file)], on_progress).outputs

    def unprotect(self, on_progress: OnProgress = ignore) -> None:
        """Take the protection of the data away, which is what keeps `destroy` from working."""
        self._terraform.forget(PROTECTION)
        self._terraform.apply(self._arguments({"protect_data": False}), on_progress)

    def destroy(self, on_progress: OnProgress = ignore, *, refresh: bool = True) -> None:
        """Remove everything but the state; without `refresh`, the state is what was just read on AWS."""
        as_read = [] if refresh else ["-refresh=false"]
        self._terraform.destroy([*as_read, *self._arguments({"protect_data": False})], on_progress)

    def _arguments(self, variables: Mapping[str, Any]) -> list[str]:
        values = {
            "environment": self.environment,
            "aws_region": self._account.region,
            "package_manifest": str(self._manifest),
            **self._variables,
            **variables,
        }
        told = (value if isinstance(value, str) else json.dumps(value) for value in values.values())
        pairs = zip(values, told, strict=True)
        return [f"-var-file={self._variable_file}", *(f"-var={name}={value}" for name, value in pairs)]


def variable_file(environment: str) -> Path:
    """The file of an environment's variables; a Failure if it is not one that goes to AWS."""
    name = "preview" if PREVIEW.fullmatch(environment) else environment
    file = ENVIRONMENTS / f"{name}.tfvars"
    known = sorted(
        file.stem for file in ENVIRONMENTS.glob("*.tfvars") if file.stem not in ("local", "preview")
    )
    if environment == "local":
        raise Failure("ENV=local is for `make up`; here ENV is " + " or ".join(known))
    if environment == "preview" or not file.is_file():
        raise Failure(f"there is no environment {environment!r}: ENV is {', '.join(known)} or pr-NUMBER")
    return file


def build_package(environment: str, report: package.Report, warn: package.Report = lambda _: None) -> Path:
    """Build an environment's package for AWS, apart from the local one; gives its manifest's path.

    It is for the processor of the environment's `lambda_architecture`, arm64 by default, and for Lambda's
    Python, whichever runs this; without that one here it holds sources only, and `warn` gets a line that
    says so.
    """
    manifest = package.build(Platform.aws(architecture=_architecture(environment)), AWS_PACKAGE, report)
    if manifest.bytecode is None:
        warn(
            f"  There is no Python {manifest.python} here to compile the package with: functions will start "
            f"about three times slower. Install {manifest.runtime}, or deploy from CI."
        )
    return AWS_PACKAGE / "manifest.json"


def _architecture(environment: str) -> str | None:
    """The processor that the environment's variables name; None if they leave it open."""
    from scripts.terraform.hcl import parsed

    # Terraform's own order: a file of variables goes before TF_VAR_….
    named = parsed(variable_file(environment).read_text(encoding="utf-8")).get("lambda_architecture")
    exported = os.environ.get("TF_VAR_lambda_architecture")  # noqa: SIM112 - Terraform's spelling
    architecture = named or exported or None
    if architecture is not None and architecture not in ARCHITECTURES.values():
        raise Failure(
            f"lambda_architecture of {environment} is {architecture!r}: expected "
            + " or ".join(sorted(set(ARCHITECTURES.values())))
        )
    return architecture
