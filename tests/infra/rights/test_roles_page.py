"""The commands of docs/deployment.md create CI's roles; stand-ins for `aws` and `gh` note their arguments."""

import json
import os
import re
import subprocess

import pytest

from scripts.base.paths import ROOT
from scripts.documents.rights.policies import LARGEST
from scripts.terraform.identity import ACCOUNT_ID
from tests.infra.rights.deployers import filled, size

PAGE = ROOT / "docs/deployment.md"
NOTE = """#!/usr/bin/env bash
case "$*" in
  "sts get-caller-identity"*) echo {account} ;;
  "api repos/octo-org/task-manager --jq .owner.id") echo 123456 ;;
  "api repos/octo-org/task-manager --jq .id") echo 456789 ;;
esac
printf '%s\\0' "$@" >> "$NOTES"; printf '\\n' >> "$NOTES"
"""


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """The arguments of each call of `aws` and `gh`."""
    folder = tmp_path_factory.mktemp("bin")
    for name in ("aws", "gh"):
        (folder / name).write_text(NOTE.replace("{account}", ACCOUNT_ID))
        (folder / name).chmod(0o700)
    (block,) = re.findall(r"```sh\n(OWNER=.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    surroundings = {"PATH": f"{folder}:{os.environ['PATH']}", "NOTES": str(folder / "notes")}
    subprocess.run(["bash", "-euc", block], cwd=ROOT, env=surroundings, check=True)
    notes = (folder / "notes").read_text().split("\0\n")
    return [line.split("\0") for line in notes if line]


def options(call: list[str]) -> dict[str, str]:
    return dict(zip(call[2::2], call[3::2], strict=True))


def made(called: list[list[str]], operation: str) -> list[dict[str, str]]:
    return [options(call) for call in called if call[:2] == ["iam", operation]]


DEPLOYING = ("dev", "prod", "preview")
ROLES = {"plan": "dev", "dev": "dev", "prod": "prod", "preview": "pr-*"}


def test_each_role_trusts_its_own_jobs(called: list[list[str]]) -> None:
    found = {
        role["--role-name"]: json.loads(role["--assume-role-policy-document"])
        for role in made(called, "create-role")
    }
    region = {"region": "eu-central-1"}
    expected = {
        f"github-task-manager-{name}": filled("trust-deploy", name, **region)
        for name in ("dev", "prod", "preview")
    }

    assert found == {**expected, "github-task-manager-plan": filled("trust-plan", **region)}


def test_each_role_gets_the_policies_of_its_environment(called: list[list[str]]) -> None:
    found = {one["--policy-name"]: one["--policy-document"] for one in made(called, "create-policy")}
    deploy = ("deploy-data", "deploy-code", "deploy-events")
    deploy = ("boundary", *deploy)
    policies = {"plan": ("plan",), "dev": (*deploy, "state-bucket"), "prod": deploy, "preview": deploy}
    values = {"region": "eu-central-1"}
    expected = {
        f"github-task-manager-{role}-{policy}": filled(
            policy, ROLES[role], **values | {"github-environment": role.replace("plan", "dev")}
        )
        for role, names in policies.items()
        for policy in names
    }

    assert {name: json.loads(document) for name, document in found.items()} == expected
    assert all(size(json.loads(document)) <= LARGEST for document in found.values())


def test_every_policy_is_attached_to_its_role(called: list[list[str]]) -> None:
    attached = {(one["--policy-arn"], one["--role-name"]) for one in made(called, "attach-role-policy")}
    names = [one["--policy-name"] for one in made(called, "create-policy")]
    roles = [one["--role-name"] for one in made(called, "create-role")]

    assert attached == {
        (f"arn:aws:iam::{ACCOUNT_ID}:policy/{name}", role)
        for name in names
        for role in roles
        if name.startswith(f"{role}-") and not name.endswith("-boundary")
    }
    assert len(attached) == len(names) - len(DEPLOYING)


def test_workflows_name_the_boundaries_that_are_created(called: list[list[str]]) -> None:
    names = {one["--policy-name"] for one in made(called, "create-policy")}
    boundaries = {name for name in names if name.endswith("-boundary")}
    text = "".join(file.read_text(encoding="utf-8") for file in (ROOT / ".github/workflows").glob("*.yml"))
    named = set(re.findall(r"TF_VAR_permissions_boundary: (\S+(?: [^\n]+)?)", text))
    jobs = {name.replace("${{ github.job }}", job) for name in named for job in ("dev", "prod")}

    assert jobs == boundaries == {f"github-task-manager-{role}-boundary" for role in DEPLOYING}


def test_no_ci_role_has_a_name_that_a_deployment_may_change(called: list[list[str]]) -> None:
    for role in made(called, "create-role"):
        assert not role["--role-name"].startswith("task-manager-")
