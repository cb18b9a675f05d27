"""Terraform on a copy of infra/, with plans for each kind of cloud."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scripts.base.paths import INFRA, ROOT
from scripts.build import package
from scripts.build.platforms import Platform
from scripts.terraform import Terraform
from scripts.terraform.binary import terraform_command
from scripts.terraform.flavours import FLAVOURS
from scripts.terraform.offline import OfflineProject, offline_project, write_inputs
from scripts.terraform.runner import surroundings
from tests.harness.kept_plans import KeptPlans
from tests.harness.plan import Plan, complaint_of

Complaint = Callable[..., str]
# The rules of variables, what they refer to, and values.
RULES = ("variables*.tf", "function_map.tf", "env/*.tfvars")


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineProject]:
    """A copy of the files that Terraform reads, with a placeholder for the package."""
    with offline_project(tmp_path_factory.mktemp("project")) as copy:
        yield copy


@pytest.fixture(scope="session")
def terraform(project: OfflineProject) -> Terraform:
    """Terraform, ready to plan."""
    return project.terraform


@pytest.fixture(scope="session")
def kept(project: OfflineProject) -> KeptPlans:
    """What this project's plans came to."""
    return KeptPlans(project.digest())


@pytest.fixture(scope="session")
def complaint(tmp_path_factory: pytest.TempPathFactory) -> Complaint:
    """What `terraform plan` says against arguments, in one line; nothing if they keep the rules of variables.

    From these rules alone, without resources: a plan of all takes thirty times as long.
    """
    folder = tmp_path_factory.mktemp("rules")
    write_inputs(folder)
    root = folder / "infra"
    root.mkdir()
    for file in (file for pattern in RULES for file in INFRA.glob(pattern)):
        shutil.copy(file, root)

    def told(*arguments: str) -> str:
        done = run_terraform(root, "plan", "-input=false", "-no-color", "-var", "api_type=http", *arguments)
        assert bool(done.returncode) == ("Error: " in done.stderr), done.stderr
        return complaint_of(done) if done.returncode else ""

    return told


@pytest.fixture(scope="session")
def plan_for(project: OfflineProject, kept: KeptPlans) -> Callable[..., Plan]:
    """The plan of an environment (local, dev or prod), with arguments that override its values.

    `override` is HCL that replaces parts of the configuration.
    """

    @cache
    def planned(environment: str, *arguments: str, override: str = "") -> Plan:
        def made() -> dict[str, Any]:
            with project.overridden(override):
                return project.planned(environment, *arguments)

        return Plan(kept.get((override, environment, *arguments), made))

    return planned


@pytest.fixture(scope="session")
def flavour(plan_for: Callable[..., Plan]) -> Callable[[str], Plan]:
    """The plan of one of FLAVOURS. To be used before another is made: each takes seconds."""

    def planned(name: str) -> Plan:
        return plan_for(FLAVOURS[name].environment, *FLAVOURS[name].arguments)

    return planned


@pytest.fixture(scope="session", params=["local", "prod"])
def plan(request: pytest.FixtureRequest, plan_for: Callable[[str], Plan]) -> Plan:
    """The plan for the local cloud, then for AWS."""
    return plan_for(request.param)


@pytest.fixture(scope="session")
def aws_plan(plan_for: Callable[[str], Plan]) -> Plan:
    """The plan for production."""
    return plan_for("prod")


@pytest.fixture(scope="session")
def local_package() -> package.Manifest:
    """The package for this machine, in build/."""
    return package.build(Platform.local(), ROOT / "build")


@pytest.fixture(scope="session")
def unpacked(local_package: package.Manifest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's content, as Lambda would see it."""
    folder = tmp_path_factory.mktemp("unpacked")
    shutil.unpack_archive(ROOT / "build" / local_package.file, folder)
    return folder


def run_terraform(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run Terraform in a folder, with nothing of the user's settings."""
    words, environment = [*terraform_command(), *command], surroundings(root, root / "work")
    return subprocess.run(words, cwd=root, env=environment, capture_output=True, text=True)


def minimal_environment(**variables: str) -> dict[str, str]:
    """Environment variables: those that a process needs to start, and the given ones."""
    return {"PATH": os.defpath, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", **variables}
