"""Plans for AWS without AWS, from a copy of infra/ and a package in name only."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts.base import pythons
from scripts.base.failure import Failure
from scripts.base.files import digest_of
from scripts.base.paths import FUNCTIONS, INFRA
from scripts.terraform.binary import terraform_command
from scripts.terraform.identity import identity_service
from scripts.terraform.runner import Terraform, surroundings
from scripts.terraform.shared_provider import shared_provider

# A plan needs a state: an empty one on the disk is enough.
LOCAL_STATE = 'terraform {\n  backend "local" {}\n}\n'

MANIFEST = {
    "key": "lambda/0.zip",
    "file": "package.zip",
    "runtime": pythons.name(pythons.NEWEST_RUNTIME),
    "architecture": "arm64",
}

COPIED = ("infra", "services", "build")


class OfflineProject:
    """A copy of what Terraform reads, ready to plan, one plan at a time. `url` answers who is asking."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder = folder
        self.root = folder / "infra"
        self._url = url
        self.environment = surroundings(self.root, folder / "work", endpoint=url)
        self._copy()
        self.terraform = Terraform(self.root, folder / "work")
        self.terraform.init({})

    def digest(self) -> str:
        """A hash of all that a plan depends on besides its arguments: files, Terraform, the provider.

        To be asked before a plan is made: an override would be one of the files.
        """
        copied = (file for name in COPIED for file in (self._folder / name).rglob("*") if file.is_file())
        makers = Path(__file__).parent.glob("*.py")
        return digest_of(sorted([*copied, *makers]), self._run("version", "-json").stdout, self._folder)

    def plan(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`terraform plan` with arguments."""
        command = ["plan", "-input=false", "-no-color", "-lock=false"]
        command += ["-var", f"aws_endpoint={self._url}", "-var", "api_type=http", *arguments]
        return self._run(*command)

    def planned(self, environment: str, *arguments: str) -> dict[str, Any]:
        """The plan of an environment (local, dev, prod), as Terraform's documented JSON; may fail."""
        file = self._folder / f"{environment}.tfplan"
        done = self.plan(f"-var-file=env/{environment}.tfvars", *arguments, f"-out={file}")
        if done.returncode:
            raise Failure(f"no plan for {environment}:\n{done.stderr}")
        return dict(json.loads(self._run("show", "-json", str(file)).stdout))

    @contextmanager
    def overridden(self, hcl: str) -> Iterator[None]:
        """Plan with an override file, which replaces arguments of blocks of the same name."""
        file = self.root / "planned_override.tf"
        file.write_text(hcl)
        try:
            yield
        finally:
            file.unlink()

    def _copy(self) -> None:
        ignored = shutil.ignore_patterns(".terraform", "*.tfstate*", "*_override.tf")
        shutil.copytree(INFRA, self.root, ignore=ignored)
        (self.root / "backend_override.tf").write_text(LOCAL_STATE)
        write_inputs(self._folder)

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*terraform_command(), *command],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
        )


def write_inputs(folder: Path) -> None:
    """Write what the configuration reads beside itself: the map of functions, and a package in name only."""
    (folder / "services").mkdir()
    shutil.copy(FUNCTIONS, folder / "services")
    (folder / "build").mkdir()
    (folder / "build/package.zip").write_bytes(b"")
    (folder / "build/manifest.json").write_text(json.dumps(MANIFEST))


@contextmanager
def offline_project(folder: Path) -> Iterator[OfflineProject]:
    """The project in an empty folder, for as long as plans are wanted."""
    with identity_service() as url:
        project = OfflineProject(folder, url)
        with shared_provider(project.environment, project.root) as project.environment:
            yield project
