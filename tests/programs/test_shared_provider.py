"""One provider for many runs: where Terraform finds it, and that nothing of it stays."""

import os
from pathlib import Path

import psutil
import pytest

from scripts.base.failure import Failure
from scripts.terraform import Terraform
from scripts.terraform.shared_provider import shared_provider
from tests.harness.processes import processes_with
from tests.harness.shell_program import shell_program
from tests.harness.waiting import eventually

ADDRESS = (
    '{"registry.terraform.io/hashicorp/aws":{"Protocol":"grpc","Addr":{"Network":"unix","String":"socket"}}}'
)
RUNS = f"""\
touch socket
cat <<END
Provider started. To attach Terraform CLI, set the TF_REATTACH_PROVIDERS environment variable:

	TF_REATTACH_PROVIDERS='{ADDRESS}'
END
while :; do sleep 0.1; done"""


def environment_with(folder: Path, program: str) -> dict[str, str]:
    """Terraform's environment after an init that fetched this program, a script, as the provider."""
    place = folder / "providers/registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64"
    shell_program(place / "terraform-provider-aws_v5.100.0_x5", program)
    return {"TF_DATA_DIR": str(folder), "PATH": "/usr/bin:/bin"}


def test_terraform_is_told_where_the_provider_listens_until_it_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment, socket = environment_with(tmp_path, RUNS), tmp_path / "socket"
    monkeypatch.chdir(tmp_path)

    with shared_provider(environment, tmp_path) as shared:
        running, listens = processes_with(str(tmp_path)), socket.exists()

    assert shared == environment | {"TF_REATTACH_PROVIDERS": ADDRESS}
    assert running
    assert listens
    assert not socket.exists()
    eventually(lambda: not processes_with(str(tmp_path)), "the end of the provider")


def test_it_runs_where_the_root_is_and_gets_no_signal_of_a_terminal(tmp_path: Path) -> None:
    environment, root = environment_with(tmp_path / "data", RUNS), tmp_path / "infra"
    root.mkdir()

    with shared_provider(environment, root):
        running = [psutil.Process(pid) for pid in processes_with(str(tmp_path))]

        assert {process.cwd() for process in running} == {str(root)}
        assert os.getpgrp() not in {os.getpgid(process.pid) for process in running}


def test_an_apply_to_a_local_cloud_has_one_for_all_its_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment_with(tmp_path / "terraform-data", RUNS)
    monkeypatch.setattr(
        "scripts.terraform.runner.terraform_command",
        lambda: ("sh", "-c", 'echo "cloud $AWS_ENDPOINT_URL"; echo "provider $TF_REATTACH_PROVIDERS"'),
    )

    local = Terraform(tmp_path, tmp_path, endpoint="http://127.0.0.1:4566").apply()
    on_aws = Terraform(tmp_path, tmp_path, local=False).apply()

    assert local.other == ["cloud http://127.0.0.1:4566", f"provider {ADDRESS}"]
    assert on_aws.other == ["cloud", "provider"]


def test_a_provider_that_does_not_start_is_reported(tmp_path: Path) -> None:
    with (
        pytest.raises(Failure, match="the AWS provider did not start"),
        shared_provider(environment_with(tmp_path, "exit 1"), tmp_path),
    ):
        pytest.fail("there is no provider")


def test_the_version_of_the_lock_file_is_used_where_others_stayed(tmp_path: Path) -> None:
    (tmp_path / ".terraform.lock.hcl").write_text(
        'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.100.0"\n}\n'
    )
    environment = environment_with(tmp_path, RUNS)
    earlier = tmp_path / "providers/registry.terraform.io/hashicorp/aws/5.10.0/linux_amd64"
    shell_program(earlier / "terraform-provider-aws_v5.10.0_x5", "exit 1")

    with shared_provider(environment, tmp_path) as shared:
        assert shared["TF_REATTACH_PROVIDERS"] == ADDRESS


def test_without_an_init_there_is_no_provider(tmp_path: Path) -> None:
    with (
        pytest.raises(Failure, match="run terraform init"),
        shared_provider({"TF_DATA_DIR": str(tmp_path)}, tmp_path),
    ):
        pytest.fail("there is no provider")
